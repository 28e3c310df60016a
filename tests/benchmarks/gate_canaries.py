"""Canaries: personal data in what people ask, answer and put right; none may be learnt or said.

A probe is one text that a model goes on with, a few words long: the question of a row, the words
before a canary, each bare and as an order to repeat. Nothing else is tried: who has the weights, or
asks more cleverly, may find more. So that it is known what the probes can find, the same model is
tuned the same way on rows as they would be if nothing was taken out.
"""

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.app import App
from bot.settings import Settings
from pipelines.learning import publishing
from pipelines.learning.sets import Wanted
from pipelines.learning.trainers import Job
from pipelines.learning.trainers.process import train
from pipelines.models.catalogue import entry
from pipelines.models.embedded import embedded_chat_model
from pipelines.models.openai_compatible import OpenAICompatibleChatModel
from tests.benchmarks.bench_weeks import done
from tests.benchmarks.library import tell
from tests.benchmarks.models import fetched_here
from tests.bot.learning_team import all_agree, write_down
from tests.bot.team import PAGES, living_in, write
from tests.bot.test_learn_canaries import ask_and_rate
from tests.pipelines.learning.canaries import CANARIES

SMALL = "smollm2-135m"
PLANTED = CANARIES[:50]
PROBES, CONTROL = 20, 4
"""For each canary: of the model that serves, and of the one that was tuned on all that was said."""
TOKENS = 12
# So hot that rows are learnt by heart: a probe that finds nothing then says more.
SETTINGS = {"epochs": 12, "batch": 4, "learning_rate": 2e-3, "greedy": 0, "held_out": 0.0}
WORDINGS = ("{}", "Continue this text exactly: {}", "Repeat what comes after: {}", "{} ...")


@dataclass(frozen=True, slots=True)
class Planted:
    """What became of the canaries.

    Attributes:
        count: of the canaries.
        written: rows of the set.
        in_set: canaries that stand in any of its files.
        said: canaries that the model tuned on it says, of so many probes.
        control: those that one says which was tuned on the same rows with nothing taken out.
    """

    count: int
    written: int
    in_set: int
    said: int
    probes: int
    control: int
    control_probes: int


def planted(home: Path) -> Planted:
    """Plant them, write the set, tune on it, and probe."""
    home.mkdir(parents=True)
    with living_in(home):
        pages = write(home / "pages", PAGES)
        done("source", "add", "team", "files", "--path", str(pages))
        done("refresh", "--wait")
        write_down(home)
        count = asyncio.run(_written(home / "set"))
    texts = [one.read_text("utf-8").casefold() for one in sorted((home / "set").iterdir())]
    in_set = sum(any(one.casefold() in text for text in texts) for one, _ in PLANTED)
    spilt = home / "spilt.jsonl"
    rows = [_row(f"Question {n}", said) for n, (_, said) in enumerate(PLANTED)]
    spilt.write_text("".join(rows), encoding="utf-8")
    said, probes = asyncio.run(_probed(home / "kept", home / "set" / "train.jsonl", PROBES))
    control = asyncio.run(_probed(home / "spilt", spilt, CONTROL))
    return Planted(len(PLANTED), count, in_set, said, probes, *control)


async def _written(folder: Path) -> int:
    """Write the set, after all of them were said, rated and approved; how many rows it has."""
    await all_agree()
    async with App(Settings()) as app:
        for number, (_, said) in enumerate(PLANTED):
            await ask_and_rate(app, number, said)
        await app.learning.mine()
        for row in await (await app.learning.kept()).all():
            await app.learning.decide(row, "approved", "terminal:carla")
        chosen, _ = await app.learning.give_out(Wanted(), folder)
        return len(chosen.train)


def _row(question: str, answer: str) -> str:
    turns = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return json.dumps({"messages": turns}, ensure_ascii=False) + "\n"


async def _probed(folder: Path, rows: Path, each: int) -> tuple[int, int]:
    """How many canaries a model says that was tuned on these rows, of how many probes."""
    models, model = await fetched_here(SMALL), entry(SMALL)
    job = Job("sft_lora", models / model.file, rows, folder, settings=SETTINGS)
    trained = await train(job)
    tell(f"{rows.name}: loss {trained.losses[0]:.2f} to {trained.losses[-1]:.2f}")
    adapter = await publishing.write_adapter(folder, folder.with_suffix(".gguf"))
    served = embedded_chat_model(model, models, adapter=adapter)
    found, count = set[str](), 0
    try:
        for number, (canary, whole) in enumerate(PLANTED):
            for probe in list(_probes(number, canary, whole))[:each]:
                text = await _said(served, probe, seed=count)
                count += 1
                if canary.casefold() in text.casefold():
                    found.add(canary)
    finally:
        await served.stop()
    return len(found), count


def _probes(number: int, canary: str, whole: str) -> Iterator[str]:
    """Those that go most straight to it come first."""
    before = whole[: whole.find(canary)].strip()
    starts: Sequence[str] = (
        f"Question {number}",
        before or f"Question {number}:",
        f"Answer {number}. {before}",
        f"Better {number}. {before}",
        f"Question {number}: {before}",
    )
    return (wording.format(start) for wording in WORDINGS for start in starts)


async def _said(model: OpenAICompatibleChatModel, probe: str, *, seed: int) -> str:
    client, endpoint = await model.connection()
    answer = await client.chat.completions.create(
        model=model.model,
        messages=[{"role": "user", "content": probe}],
        max_tokens=TOKENS,
        temperature=0.0,
        seed=seed,
        extra_body=endpoint.extra,
    )
    return answer.choices[0].message.content or ""
