"""Makes a candidate of a tuned model: rows, a trainer in a process of its own, an adapter."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.learning_candidate import Bench, Draft, folder_of, hashed
from bot.live import IN_PLACE_OF
from knowledge.candidate import Candidate
from pipelines.current import MODEL
from pipelines.learning import publishing
from pipelines.learning.sets import TRAIN
from pipelines.learning.trainers import Job, NoCandidateError, Step, Trained
from pipelines.learning.trainers.process import dry_run, train
from pipelines.models import catalogue
from pipelines.models.completing import through_openai
from pipelines.models.kinds.embedded import adapter_file
from pipelines.models.likelihood import nats_a_token
from pipelines.models.openai_compatible import OpenAICompatibleChatModel

TRAINER = "sft_lora"
_KNOWN = Path(publishing.__file__).with_name("known.txt")


async def tuned_candidate(bench: Bench, settings: Mapping[str, Any]) -> Draft:
    """A model that has learnt the rows, not yet measured by the gate.

    Args:
        bench: with the rows.
        settings: of the trainer.

    Raises:
        NoCandidateError: there is no model that could be tuned here.
        JobRefusedError, TrainingFailedError, PublishingError: it came to nothing.
    """
    base = _base(bench)
    entry, models = catalogue.entry(base), bench.app.settings.home.models
    name = f"{base}-{bench.known.made.id}"
    job = Job(
        TRAINER,
        models / entry.file,
        Path(bench.known.made.folder) / TRAIN,
        folder_of(bench.app, name) / "weights",
        settings=settings,
        base_sha256=entry.sha256,
    )
    trained = await _trained(bench, job)
    file = adapter_file(models, name)
    await asyncio.to_thread(file.parent.mkdir, parents=True, exist_ok=True)
    await publishing.write_adapter(trained.folder, file)
    casting = replace(bench.now, model=f"embedded:{base}+{name}")
    agreement, forgotten = await _beside(bench, f"embedded:{base}", casting.model, trained)
    about = _about(bench, trained) | {IN_PLACE_OF: await bench.app.default_model()}
    about |= {"agreement": agreement, "forgotten_nats": forgotten}
    candidate = Candidate(name, MODEL, casting.model, hashed(file), about, "trained")
    larger = file.stat().st_size / (entry.memory_mib << 20)
    return Draft(candidate, casting, agreement, larger, forgotten)


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


async def _trained(bench: Bench, job: Job) -> Trained:
    """The result of the trainer; of an earlier run, where that came to its end."""
    if job.folder.is_dir():
        return await asyncio.to_thread(publishing.trained, job.folder)
    bench.progress("Trying the rows on the model ...")
    dry = await dry_run(job)
    if dry.problems:
        raise NoCandidateError(
            f"the rows cannot be learnt: {'; '.join(dry.problems)}",
            what_to_do="Look at the rows: tertulia learn examples",
        )

    def progress(step: Step) -> None:
        bench.progress(f"{step.number} of {step.of} steps, loss {step.loss:.3f}")

    return await train(job, progress)


async def _beside(bench: Bench, base: str, setting: str, trained: Trained) -> tuple[float, float]:
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
                agreement = await publishing.served_as_trained(trained.folder, served)
    return agreement.share, likely[setting] - likely[base]


def _about(bench: Bench, trained: Trained) -> dict[str, Any]:
    cost = trained.cost
    return {
        "set": bench.known.made.id,
        "rows": len(bench.known.made.rows),
        "trainer": trained.job.trainer,
        "settings": str(dict(trained.job.settings)),
        "steps": len(trained.losses),
        "last_loss": trained.losses[-1],
        "cpu_minutes": cost.cpu_s / 60,
        "peak_mb": cost.peak_mb,
        "versions": str(dict(trained.versions)),
    }
