"""Makes a candidate of a tuned model: rows, a trainer in a process of its own, an adapter.

One path for all ways to tune; they differ in what is learnt from (`training_rows.py`).
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.learning_candidate import Answering, Bench, folder_of, hashed
from bot.live import IN_PLACE_OF
from bot.training import trained
from bot.training_rows import ROWS, Rows
from knowledge.candidate import Candidate
from pipelines.current import MODEL
from pipelines.learning import publishing
from pipelines.learning.trainers import Job, NoCandidateError, Trained
from pipelines.models import catalogue
from pipelines.models.completing import through_openai
from pipelines.models.kinds.embedded import adapter_file
from pipelines.models.likelihood import nats_a_token
from pipelines.models.openai_compatible import OpenAICompatibleChatModel

_KNOWN = Path(publishing.__file__).with_name("known.txt")


async def tuned_candidate(bench: Bench, way: str, settings: Mapping[str, Any]) -> Answering:
    """A model that has learnt the rows, not yet measured by the gate.

    Args:
        bench: with the rows.
        way: to tune it, one of `ROWS`.
        settings: of the trainer.

    Raises:
        NoCandidateError: there is no model that could be tuned here, or nothing to learn.
        JobRefusedError, TrainingFailedError, PublishingError: it came to nothing.
    """
    base, (trainer, rows_of) = _base(bench), ROWS[way]
    entry, models = catalogue.entry(base), bench.app.settings.home.models
    rows = await rows_of(bench)
    name = "-".join([base, *([] if way == "tuning" else [way]), rows.made.id])
    job = Job(
        trainer,
        models / entry.file,
        rows.file,
        folder_of(bench.app, name) / "weights",
        settings={**rows.usual, **settings},
        base_sha256=entry.sha256,
    )
    done = await trained(bench, job)
    file = adapter_file(models, name)
    await asyncio.to_thread(file.parent.mkdir, parents=True, exist_ok=True)
    await publishing.write_adapter(done.folder, file)
    casting = replace(bench.now, model=f"embedded:{base}+{name}")
    agreement, forgotten = await _beside(bench, f"embedded:{base}", casting.model, done)
    about = _about(rows, done) | {IN_PLACE_OF: await bench.app.default_model()}
    about |= {"agreement": agreement, "forgotten_nats": forgotten}
    candidate = Candidate(name, MODEL, casting.model, hashed(file), about, "trained")
    larger = file.stat().st_size / (entry.memory_mib << 20)
    return Answering(candidate, rows.learnt, casting, agreement, larger, forgotten)


def _base(bench: Bench) -> str:
    """The embedded model that serves now, without what it has learnt."""
    kind, _, name = bench.now.model.partition(":")
    base = name.partition("+")[0]
    if bench.now.persona.model or kind != "embedded" or base not in catalogue.models():
        raise NoCandidateError(
            f"{bench.now.model} cannot be tuned from here, only an embedded model that all use.",
            what_to_do="docs/training.md says how a model of another server is tuned.",
        )
    return base


async def _beside(bench: Bench, base: str, setting: str, done: Trained) -> tuple[float, float]:
    """Whether it is served as it was trained, and by how much general text became less likely.

    Beside the base: a little that every generation may forget would become much.
    """
    pool, text = await bench.app.models(), _KNOWN.read_text(encoding="utf-8")
    likely = {}
    agreement = publishing.Agreement(0, 0)
    for one in (base, setting):
        async with pool.holding(one) as model:
            await model.start()
            if not isinstance(model, OpenAICompatibleChatModel):
                raise TypeError(one)
            likely[one] = await nats_a_token(model, text)
            if one == setting:
                served = through_openai(model)
                agreement = await publishing.served_as_trained(done.folder, served)
    return agreement.share, likely[setting] - likely[base]


def _about(rows: Rows, done: Trained) -> dict[str, Any]:
    cost = done.cost
    return {
        "set": rows.made.id,
        "rows": len(rows.learnt),
        "trainer": done.job.trainer,
        "settings": str(dict(done.job.settings)),
        "steps": len(done.losses),
        "last_loss": done.losses[-1],
        "cpu_minutes": cost.cpu_s / 60,
        "peak_mb": cost.peak_mb,
        "versions": str(dict(done.versions)),
        **rows.about,
    }
