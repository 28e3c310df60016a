"""Votes: colleagues who like brief answers rate two hundred, and one in five of them slips.

`{model}` is asked about a passage of three sentences, with some chance left to it. A colleague
likes what has at most {brief} words and comes to its end; every fifth vote is the other way round,
by chance. Whether an answer is right nobody looks at. From these {votes} votes the trainer
`preference` learns (KTO), in a process of its own, as a job is done. Then the merged Q8_0 file is
served by llama.cpp and asked {asked} questions on passages that no vote was about, nothing left to
chance: how many answers are brief, and how many hold the word that was asked for. In brackets the
95 % interval of the change, from resampled questions. The learning rate is {rate:.0e}, and not the
usual 5e-6.
"""

import asyncio
import json
import random
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from knowledge.hashing import sha256_of
from pipelines.evaluation.intervals import clustered_difference
from pipelines.learning import publishing
from pipelines.learning.trainers import Job, JobRefusedError, Trained
from pipelines.learning.trainers.process import train
from pipelines.models.catalogue import EmbeddedModel, entry
from pipelines.models.embedded import embedded_chat_model
from pipelines.models.openai_compatible import OpenAICompatibleChatModel
from tests.benchmarks.models import fetched_here
from tests.benchmarks.report import SkippedError, judged, table

MODEL = "smollm2-135m"
VOTES, ASKED, FLIPPED = 200, 150, 0.2
BRIEF, LONGEST_ANSWER, TEMPERATURE = 12, 60, 0.9
LEAST_GAIN = 0.05
# Forty times the usual rate, which is meant for more votes and larger models: there are 36 steps.
RATE = 2e-4
SETTINGS = {"learning_rate": RATE, "at_once": 8, "batch": 16, "greedy": 0, "is_test": True}
SYSTEM = {"role": "system", "content": "You answer colleagues."}
PEOPLE = (
    "Irene Sanz", "Tom Hale", "Marta Ruiz", "Owen Clark", "Vera Lind", "Ben Foster", "Nora Diaz",
    "Paul Reed", "Ada Moss", "Luis Vega", "Rosa Blum", "Carl Winter",
)  # fmt: skip
THINGS = (
    "the van", "the projector", "the greenhouse", "the bread oven", "the printer", "the kayak",
    "the meeting room", "the sewing machine", "the trailer", "the workshop", "the boat",
    "the stage",
)  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


@dataclass(frozen=True, slots=True)
class Question:
    """A passage with a question about it, and the word that a right answer holds."""

    text: str
    word: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What a model answered to all questions: whether it was brief, and right; one each."""

    brief: Sequence[float]
    right: Sequence[float]


def question(n: int) -> Question:
    """The nth one; those of other numbers are about something else."""
    chance = random.Random(f"question {n}")
    who, what, day = (chance.choice(some) for some in (PEOPLE, THINGS, DAYS))
    hour, euros = chance.randrange(8, 19), chance.randrange(5, 60)
    passage = (
        f"{who} looks after {what}. It is free on {day}s from {hour}:00. "
        f"The deposit is {euros} euros."
    )
    asked, word = (
        (f"Who looks after {what}?", who),
        (f"On which day is {what} free?", day),
        (f"How much is the deposit for {what}?", str(euros)),
    )[n % 3]
    return Question(f"{passage}\n\n{asked}", word)


def measure() -> str:
    """Votes, a training, and what is served before and after."""
    about = (__doc__ or "").split("\n", 2)[2]
    about = about.format(model=MODEL, brief=BRIEF, votes=VOTES, asked=ASKED, rate=RATE)
    try:
        with tempfile.TemporaryDirectory() as folder:
            return f"## Votes\n\n{about}\n\n{asyncio.run(_measured(Path(folder)))}"
    except JobRefusedError as error:
        raise SkippedError(f"{error} {error.what_to_do}") from error


async def _measured(home: Path) -> str:
    models, model = await fetched_here(MODEL), entry(MODEL)
    async with _serving(model, models) as base:
        good = await _written_votes(base, home / "votes.jsonl")
        before = await _answered(base)
    base_file, folder = models / model.file, home / "tuned"
    job = Job("preference", base_file, home / "votes.jsonl", folder, settings=SETTINGS)
    trained = await train(job)
    path = await publishing.write_merged(folder, folder.with_suffix(".gguf"))
    async with _serving(_in_catalogue(model, path), path.parent) as tuned:
        after = await _answered(tuned)
    return _told_of(good, before, after, trained)


def _told_of(good: int, before: Answered, after: Answered, trained: Trained) -> str:
    head = ["", "brief", "change", "goal", "right", "change", "goal"]
    rows = table(head, [_row("untouched base", before), _row("tuned", before, after)])
    cost, losses = trained.cost, trained.held_out
    return (
        f"Of the {VOTES} votes {good} are good ones.\n\n{rows}\n"
        f"The training took {cost.cpu_s:.0f} CPU seconds and {cost.peak_mb:,.0f} MB; on votes that "
        f"were kept apart the loss was {', '.join(f'{loss:.3f}' for loss in losses)} after each "
        "pass over the others."
    )


@asynccontextmanager
async def _serving(model: EmbeddedModel, folder: Path) -> AsyncIterator[OpenAICompatibleChatModel]:
    served = embedded_chat_model(model, folder)
    try:
        yield served
    finally:
        await served.stop()


def _in_catalogue(model: EmbeddedModel, path: Path) -> EmbeddedModel:
    size, sha256 = path.stat().st_size, sha256_of(path)
    return replace(model, name=path.stem, file=path.name, size=size, sha256=sha256)


async def _written_votes(model: OpenAICompatibleChatModel, path: Path) -> int:
    """Have the model answer, and colleagues vote; how many votes are good ones."""
    chance, rows = random.Random("votes"), []
    for n in range(VOTES):
        asked = question(n)
        said, has_ended = await _said(model, asked, temperature=TEMPERATURE, seed=n)
        label = _is_brief(said, has_ended) != (chance.random() < FLIPPED)
        prompt = [SYSTEM, {"role": "user", "content": asked.text}]
        if said.strip():
            rows.append({"prompt": prompt, "completion": said, "label": label})
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    await asyncio.to_thread(path.write_text, "".join(lines), encoding="utf-8")
    return sum(bool(row["label"]) for row in rows)


async def _answered(model: OpenAICompatibleChatModel) -> Answered:
    brief, right = list[float](), list[float]()
    for n in range(VOTES, VOTES + ASKED):
        asked = question(n)
        said, has_ended = await _said(model, asked, temperature=0.0, seed=0)
        brief.append(float(_is_brief(said, has_ended)))
        right.append(float(asked.word in said))
    return Answered(brief, right)


async def _said(
    model: OpenAICompatibleChatModel, asked: Question, *, temperature: float, seed: int
) -> tuple[str, bool]:
    """An answer, and whether it came to its end."""
    client, endpoint = await model.connection()
    answer = await client.chat.completions.create(
        model=model.model,
        messages=[SYSTEM, {"role": "user", "content": asked.text}],  # type: ignore[list-item]
        max_tokens=LONGEST_ANSWER,
        temperature=temperature,
        seed=seed,
        extra_body=endpoint.extra,
    )
    one = answer.choices[0]
    return one.message.content or "", one.finish_reason == "stop"


def _is_brief(said: str, has_ended: bool) -> bool:
    return has_ended and 0 < len(said.split()) <= BRIEF


def _row(name: str, before: Answered, after: Answered | None = None) -> list[object]:
    if after is None:
        return [name, _share(before.brief), "", "", _share(before.right), "", ""]
    brief, right = _change(before.brief, after.brief), _change(before.right, after.right)
    return [
        name,
        _share(after.brief),
        _told(brief),
        judged(100 * brief[0], at_least=100 * LEAST_GAIN, digits=0),
        _share(after.right),
        _told(right),
        judged(100 * right[0], at_least=0.0, digits=0),
    ]


def _change(before: Sequence[float], after: Sequence[float]) -> tuple[float, float, float]:
    one, other = np.array(before), np.array(after)
    low, high = clustered_difference(one, other, [str(n) for n in range(len(one))])
    return float(np.mean(other - one)), low, high


def _told(change: tuple[float, float, float]) -> str:
    mean, low, high = (100 * value for value in change)
    return f"{mean:+.1f} points ({low:+.1f} to {high:+.1f})"


def _share(values: Sequence[float]) -> str:
    return f"{sum(values):.0f} of {len(values)}"
