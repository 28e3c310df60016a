"""Sends scripted candidates to the gate, as `tertulia learn run` does."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import process_time
from typing import Any

from bot.app import App
from bot.learning_candidate import Answering, Bench, judged_candidate
from bot.learning_material import material
from bot.live import IN_PLACE_OF, in_place_now, prompt_place
from bot.measuring import FURTHER, measuring
from bot.prompt_candidate import casting_of
from bot.settings import Settings
from knowledge.candidate import Candidate
from pipelines.current import MODEL, Casting
from pipelines.learning.gate import FEWEST_KEPT, KEPT, Condition, Verdict
from pipelines.learning.orders import orders
from pipelines.learning.prompt_search import Variant
from pipelines.learning.regression import questions
from pipelines.learning.sets import Wanted
from tests.benchmarks.gate_candidates import HINT, Sent, minds
from tests.benchmarks.gate_minds import Minds, World
from tests.benchmarks.gate_office import CURATOR, founded, rows
from tests.benchmarks.library import tell
from tests.bot.team import living_in
from tests.fakes.loopback import in_a_thread

PERSONA = "helpdesk"
PATIENCE_S = "1800"
"""For an answer: on a busy machine none may fail for want of time."""
COUNTS = tuple(f"{name}-count" for name in KEPT)


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate with what became of it.

    Attributes:
        rules: that are meant for what is wrong with it; none where it is a good one.
        verdict: None where it did not come so far: `why`.
        waived: rules that do not count, as fewer questions were asked than the gate wants.
    """

    about: str
    rules: tuple[str, ...]
    verdict: Verdict | None
    why: str = ""
    waived: tuple[str, ...] = ()

    @property
    def passes(self) -> bool:
        """Whether the gate lets it through."""
        return self.verdict is not None and not self.failed

    @property
    def failed(self) -> list[Condition]:
        """The rules that do not hold; those that are meant come first."""
        rules = self.verdict.failed if self.verdict else ()
        counted = (one for one in rules if one.name not in self.waived)
        return sorted(counted, key=lambda one: one.name not in self.rules)

    @property
    def is_caught(self) -> bool:
        """Whether a rule refuses it that is meant for what is wrong."""
        if self.verdict is None:
            return bool(self.why)
        return any(one.name in self.rules for one in self.failed)

    @property
    def caught(self) -> str:
        """By which rule, for a table."""
        if not self.rules:
            return ""
        return ", ".join(self.rules) if self.is_caught else f"**no: {', '.join(self.rules)}**"

    def told(self, most: int) -> Iterator[str]:
        """So many rules that do not hold, with what was measured."""
        if self.verdict is None:
            yield self.why
            return
        yield from (f"{one.name}: {one.measured}" for one in self.failed[:most])
        if len(self.failed) > most:
            yield f"{len(self.failed) - most} more"


def judged_by_script(home: Path, count: int, sent: Sequence[Sent]) -> list[Judged]:
    """What the gate says of these, in a home that is made where it is not there yet."""
    some = rows()
    secrets = {one.question: one.better for one in some if one.is_secret}
    folder, more = home / "learning" / "questions", FURTHER * count
    asked = questions(folder, count), questions(folder, more, after=count)
    facts = {one.question: one.sentence for one in some}
    server = Minds(World.of(facts, secrets, asked, orders(count + more)), dict(minds()))
    with (
        in_a_thread(server.respond) as url,
        living_in(home, model_url=f"{url}/v1") as environment,
    ):
        environment.setenv("ANSWER_DEADLINE_S", PATIENCE_S)
        if not (home / "founded").exists():
            founded(home, some)
            (home / "founded").touch()
        return asyncio.run(_judged(home, count, sent))


async def _judged(home: Path, count: int, sent: Sequence[Sent]) -> list[Judged]:
    async with App(Settings()) as app:
        await app.learning.mine()
        known = await material(app, Wanted())
        tell(f"{len(known.target)} questions of people, {len(known.clues)} clues")
        async with measuring(app, count, tell, app.pace.pause) as (asker, asked):
            now = await app.cast.casting(PERSONA)
            asked = known.asked(asked, count)
            tell(f"words that may be triggers: {', '.join(asked.words)}")
            bench = Bench(app, CURATOR, known, asker, asked, now, lambda _: None, app.pace.pause)
            bench.has_sought_prompt = True
            bench.prompted = await _prompted(bench, home, "")
            return [await _one(bench, home, one) for one in sent]


async def _one(bench: Bench, home: Path, sent: Sent) -> Judged:
    begun = process_time()
    made = await judged_candidate(bench, await _draft(bench, home, sent))
    waived = COUNTS if len(bench.asked.orders) < FEWEST_KEPT else ()
    found = Judged(sent.about, sent.rules, made.verdict, waived=waived)
    tell(f"{sent.mind.name} ({process_time() - begun:.0f} s): {'; '.join(found.told(20))}")
    return found


async def _draft(bench: Bench, home: Path, sent: Sent) -> Answering:
    about: dict[str, Any] = {"set": bench.known.made.id}
    name = f"gate-{sent.mind.name}"
    if sent.is_prompt:
        place = prompt_place(PERSONA)
        about[IN_PLACE_OF] = await in_place_now(bench.app, place)
        casting, serves = await _prompted(bench, home, sent.mind.name), str(home / f"{name}.md")
    else:
        place, serves = MODEL, f"openai:{sent.mind.name}"
        about[IN_PLACE_OF] = await bench.app.default_model()
        casting = replace(bench.now, model=serves)
    candidate = Candidate(name, place, serves, {}, about, "trained")
    return Answering(candidate, bench.known.rows, casting)


async def _prompted(bench: Bench, home: Path, name: str) -> Casting:
    """Who serves now, with an example in the prompt that the model notices."""
    example = {"question": f"{HINT} {name}".strip(), "answer": "The ferry has 12 windows."}
    file = home / f"gate-{name or 'best'}.md"
    text = Variant("an example", {"examples": [example]}).text(PERSONA)
    await asyncio.to_thread(file.write_text, text, encoding="utf-8")
    return await casting_of(bench, file)
