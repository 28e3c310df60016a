"""Candidates of a real model: adapters made by chance, one tuned too hot, one served otherwise.

Few questions are asked, as what decides is not the questions: `rules` says what has to refuse each.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.app import App
from bot.learning_candidate import Answering, Bench, Made, judged_candidate
from bot.learning_material import material
from bot.live import IN_PLACE_OF
from bot.measuring import measuring
from bot.settings import Settings
from bot.training import trained
from bot.tuned_candidate import tuned_candidate
from knowledge.candidate import Candidate
from knowledge.learning_examples import LearningExamples
from pipelines.current import MODEL
from pipelines.learning import gguf_adapter, publishing
from pipelines.learning.sets import TRAIN, Wanted
from pipelines.learning.trainers import Job, NoCandidateError
from pipelines.models import catalogue
from pipelines.models.completing import through_openai
from pipelines.models.kinds.embedded import adapter_file
from pipelines.models.likelihood import nats_a_token
from pipelines.models.openai_compatible import OpenAICompatibleChatModel
from tests.benchmarks.bench_weeks import done
from tests.benchmarks.gate_runs import PATIENCE_S, Judged
from tests.benchmarks.library import tell
from tests.benchmarks.models import fetched
from tests.bot.team import living_in
from tests.weeks.office import CURATOR, agree, approve, facts, write_pages

SMALL = "smollm2-135m"
FACTS = facts(24)
SIZES = {"chance-small": 0.002, "chance-middle": 0.05, "chance-large": 0.5}
"""Of adapters made by chance: how large their numbers are beside those of an untrained one."""
HOT = {"learning_rate": 1e-2, "epochs": 6, "batch": 4, "greedy": 4}
_RANK, _STRONGER = 4, 4.0
_KNOWN = Path(publishing.__file__).with_name("known.txt")


def judged_for_real(home: Path) -> list[Judged]:
    """All of them, each through the whole path."""
    folder = fetched(SMALL)
    home.mkdir(parents=True)
    with living_in(home) as environment:
        environment.setenv("CHAT_MODEL", f"embedded:{SMALL}")
        environment.setenv("ANSWER_DEADLINE_S", PATIENCE_S)
        (home / "models").mkdir()
        for file in folder.iterdir():
            (home / "models" / file.name).symlink_to(file)
        write_pages(home / "pages", FACTS)
        done("source", "add", "office", "files", "--path", str(home / "pages"))
        done("refresh", "--wait")
        agree(home)
        _import(home)
        return asyncio.run(_judged())


def _import(home: Path) -> None:
    """Rows that somebody brought along."""
    rows = [
        [
            {"role": "user", "content": one.question},
            {"role": "assistant", "content": one.sentence},
        ]
        for one in FACTS
    ]
    text = "".join(json.dumps({"messages": row}) + "\n" for row in rows)
    (home / "rows.jsonl").write_text(text, encoding="utf-8")
    brought = ("learn", "examples", "import", str(home / "rows.jsonl"), "--terms", "ours")
    done(*brought, "--as", CURATOR)


async def _judged() -> list[Judged]:
    async with App(Settings()) as app:
        for row in await LearningExamples(await app.database()).all("waiting"):
            await app.learning.decide(row, "approved", CURATOR)
        await approve(app)
        known = await material(app, Wanted())
        async with measuring(app, 1, tell, app.pace.pause) as (asker, asked):
            now = await app.cast.casting("helpdesk")
            asked = known.asked(asked, 1)
            bench = Bench(app, CURATOR, known, asker, asked, now, lambda _: None, app.pace.pause)
            bench.has_sought_prompt = True
            found = [await _by_chance(bench, name, size) for name, size in SIZES.items()]
            found.append(await _too_hot(bench))
            found.append(await _served_otherwise(bench))
            found.append(await _other_template(bench))
            return found


async def _by_chance(bench: Bench, name: str, size: float) -> Judged:
    """An adapter that nobody trained."""
    base = bench.app.settings.home.models / catalogue.entry(SMALL).file
    file = adapter_file(base.parent, name)
    file.parent.mkdir(exist_ok=True)
    adapter = gguf_adapter.Adapter(_RANK, float(_RANK), _pairs(base, size))
    await asyncio.to_thread(gguf_adapter.write, adapter, base, file)
    setting = f"embedded:{SMALL}+{name}"
    forgotten = await _nats(bench, setting) - await _nats(bench, f"embedded:{SMALL}")
    made = await _sent(bench, name, setting, 1.0, forgotten)
    rules = ("forgetting",) if size == max(SIZES.values()) else ("target-gain",)
    return Judged(f"an adapter by chance, its numbers about {size}", rules, made.verdict)


def _pairs(
    base: Path, size: float
) -> Mapping[str, tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """A and B of every projection, as torch names and orders them."""
    import gguf

    random = np.random.default_rng(7)
    names = {"attn_q": "self_attn.q_proj", "attn_v": "self_attn.v_proj", "ffn_up": "mlp.up_proj"}
    found = {}
    for one in gguf.GGUFReader(base).tensors:
        part, layer = one.name.split(".")[-2], one.name.split(".")[1]
        if part in names:
            inputs, outputs = map(int, one.shape)
            a = random.normal(scale=inputs**-0.5, size=(_RANK, inputs))
            b = random.normal(scale=size, size=(outputs, _RANK))
            found[f"model.layers.{layer}.{names[part]}.weight"] = (
                a.astype(np.float32),
                b.astype(np.float32),
            )
    return found


async def _too_hot(bench: Bench) -> Judged:
    """Tuned as `learn run` tunes, at fifty times the rate."""
    draft = await tuned_candidate(bench, "tuning", HOT)
    made = await judged_candidate(bench, draft)
    return Judged("tuned at fifty times the usual rate", ("forgetting",), made.verdict)


async def _served_otherwise(bench: Bench) -> Judged:
    """The same training, with its addition counted four times as much."""
    (folder,) = bench.app.settings.home.learning.glob("candidates/*/weights")
    base = bench.app.settings.home.models / catalogue.entry(SMALL).file
    read = gguf_adapter.read(folder)
    file = adapter_file(base.parent, "otherwise")
    await asyncio.to_thread(
        gguf_adapter.write, replace(read, alpha=_STRONGER * read.alpha), base, file
    )
    setting = f"embedded:{SMALL}+otherwise"
    async with (await bench.app.models()).holding(setting) as model:
        await model.start()
        assert isinstance(model, OpenAICompatibleChatModel)
        same = await publishing.served_as_trained(folder, through_openai(model))
    made = await _sent(bench, "otherwise", setting, same.share, None)
    about = "what is served counts four times as much as what was trained"
    return Judged(about, ("agreement",), made.verdict)


async def _other_template(bench: Bench) -> Judged:
    """Rows for a file that is served with another template than they are written with."""
    base = bench.app.settings.home.models / catalogue.entry(SMALL).file
    other = base.with_name("other.gguf")
    content = await asyncio.to_thread(base.read_bytes)
    await asyncio.to_thread(other.write_bytes, content.replace(b"named SmolLM", b"named Tertul"))
    rows = Path(bench.known.made.folder) / TRAIN
    job = Job("sft_lora", base, rows, base.with_name("template"), served=other)
    why = ""
    try:
        await trained(bench, job)
    except NoCandidateError as error:
        why = str(error)
    about = "rows written with another template than the served file has"
    return Judged(about, ("the trainer, before the gate",), None, why)


async def _sent(
    bench: Bench, name: str, setting: str, agreement: float, forgotten: float | None
) -> Made:
    about: dict[str, Any] = {"set": bench.known.made.id}
    about[IN_PLACE_OF] = await bench.app.default_model()
    candidate = Candidate(name, MODEL, setting, {}, about, "trained")
    casting = replace(bench.now, model=setting)
    draft = Answering(candidate, bench.known.rows, casting, agreement, 0.0, forgotten)
    return await judged_candidate(bench, draft)


async def _nats(bench: Bench, setting: str) -> float:
    async with (await bench.app.models()).holding(setting) as model:
        await model.start()
        assert isinstance(model, OpenAICompatibleChatModel)
        return await nats_a_token(model, _KNOWN.read_text(encoding="utf-8"))
