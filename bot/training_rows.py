"""What each way to tune a model learns from: the file that its trainer reads, and whose rows."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.learning_candidate import Bench
from knowledge.articles import EVERYONE, Audience
from knowledge.learning_examples import MadeSet
from pipelines.learning.poisoning import FEWEST_LABELS
from pipelines.learning.reading_rows import Reading, write
from pipelines.learning.sets import READING, TRAIN, Wanted


@dataclass(frozen=True, slots=True)
class Rows:
    """What a trainer reads.

    Attributes:
        made: the set that the rows come from, by which those are found that somebody forgets.
        learnt: the ids of those that it learns from.
        usual: settings of the trainer that such rows need.
        about: what is to be known of them.
    """

    file: Path
    made: MadeSet
    learnt: frozenset[str]
    usual: Mapping[str, Any] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)


async def approved(bench: Bench) -> Rows:
    """Approved answers, with some replay."""
    made = bench.known.made
    return Rows(Path(made.folder) / TRAIN, made, bench.known.rows)


async def read(bench: Bench) -> Rows:
    """Approved answers after what a search finds for their questions, in the prompt as served."""
    now, app, made = bench.now, bench.app, bench.known.made
    bench.progress("Pages are looked up for the rows ...")
    async with (await app.models()).holding(now.model) as model:
        await model.start()
        reading = Reading(
            await app.retriever(),
            model,
            now.persona,
            app.learning.redactor(),
            Audience.of(EVERYONE),
        )
        built = await reading.built(bench.known.chosen.train)
    file = Path(made.folder) / READING
    write(built.rows, file)
    learnt = frozenset(str(row["example"]) for row in built.rows)
    about = {"rows_left_out": told(built.left_out)}
    return Rows(file, made, learnt, {"longest": 2048, "at_once": 1}, about)


async def liked(bench: Bench) -> Rows:
    """Pairs of an answer and a better one, where there are enough; else what people voted."""
    chosen, made = await bench.app.learning.give_out(Wanted(form="preference"), None)
    if len(chosen.train) < FEWEST_LABELS:
        chosen, made = await bench.app.learning.give_out(Wanted(form="kto"), None)
    learnt = frozenset(one.id for one in chosen.train)
    about = {"rows_left_out": told(chosen.left_out)}
    return Rows(Path(made.folder) / TRAIN, made, learnt, about=about)


def told(left_out: Counter[str]) -> str:
    """How many rows were left out, by the reason."""
    return ", ".join(f"{count} {why}" for why, count in left_out.most_common()) or "none"


ROWS: Mapping[str, tuple[str, Callable[[Bench], Awaitable[Rows]]]] = {
    "tuning": ("sft_lora", approved),
    "reading": ("raft", read),
    "liking": ("preference", liked),
}
"""The ways to tune a model: each one's trainer, and what it reads."""
