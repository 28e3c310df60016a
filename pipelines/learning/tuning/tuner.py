"""A trainer of language models: everything but what is done to the weights, which is its method."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

from knowledge.hashing import sha256_of
from pipelines.learning.trainers import (
    TRAINED,
    Cost,
    DryRun,
    Job,
    JobRefusedError,
    Report,
    Trained,
    TrainingFailedError,
)
from pipelines.learning.tuning import base, greedy, looking
from pipelines.learning.tuning.aims import Aim, Likelihood
from pipelines.learning.tuning.checkpoints import Checkpoints, State
from pipelines.learning.tuning.curve import draw
from pipelines.learning.tuning.loop import Tuning, tune
from pipelines.learning.tuning.preparing import Prepared, Settles, prepare
from pipelines.learning.tuning.settings import Settings
from pipelines.learning.tuning.working import files_in, working_folder

CURVE = "losses.png"
_LIBRARIES = ("torch", "transformers", "peft", "gguf", "safetensors", "tertulia")


class Method(Settles, Protocol):
    """What is done to the weights of a model."""

    @property
    def name(self) -> str:
        """`lora` or `full`."""

    @property
    def overfit_rate(self) -> float:
        """The learning rate with which eight rows are learnt by heart in a dry run."""

    def tuned_weights(self, settings: Settings, looks: base.Looks) -> int:
        """How many weights are tuned."""

    def prepared(self, job: Job, settings: Settings) -> tuple[Any, bool]:
        """The model, and whether it computes with halves around whole weights."""

    def save(self, model: Any, folder: Path) -> None:
        """Write the weights as safetensors."""


@dataclass(frozen=True, slots=True)
class Tuner:
    """A `Trainer` with a method, and with an aim: the loop is the same for all.

    Attributes:
        method: what is done to the weights.
        aim: what is learnt from rows.
    """

    method: Method
    aim: Aim = field(default_factory=Likelihood)

    def cost(self, job: Job) -> Cost:
        """What the training will take, by its size."""
        return self._forecast(job, prepare(job, self.method, self.aim))

    def dry_run(self, job: Job) -> DryRun:
        """What would happen; eight rows are learnt by heart, and forgotten."""
        prepared = prepare(job, self.method, self.aim)
        template, served = prepared.template()
        tuning = self._tuning(job, prepared)
        prepared = self.aim.taught(tuning, prepared, None)
        overfit, cpu_s, seconds = looking.overfit(tuning, prepared.learnt, self.method.overfit_rate)
        forecast = self._forecast(job, prepared)
        tokens = looking.tokens_in_all(prepared.learnt, prepared.settings, self.aim)
        rows = [*prepared.learnt, *prepared.held_out]
        return DryRun(
            shown=tuple(looking.shown(prepared.tokenizer, row) for row in rows[:3]),
            lengths=looking.lengths(rows),
            left_out=prepared.left_out,
            template=template,
            served_template=served,
            forecast=Cost(cpu_s * tokens, seconds * tokens, forecast.peak_mb, forecast.file_bytes),
            overfit=overfit,
            problems=tuple(self._problems(job, prepared, forecast, overfit)),
        )

    def train(self, job: Job, report: Report) -> Trained:
        """Tune in `job.partial`, which takes its final name when all is there."""
        prepared = prepare(job, self.method, self.aim)
        forecast = self._forecast(job, prepared)
        problems = list(self._problems(job, prepared, forecast, None))
        if problems:
            raise JobRefusedError(problems[0], what_to_do="`dry_run` shows more.")
        with working_folder(job, forecast.file_bytes):
            checkpoints = Checkpoints.of(job)
            tuning = self._tuning(job, prepared)
            prepared = self.aim.taught(tuning, prepared, checkpoints)
            state, measured = self._tuned(tuning, prepared, checkpoints, report)
            self.method.save(tuning.model, job.partial)
            asked = [*prepared.held_out, *prepared.learnt]
            greedy.write(tuning, prepared.tokenizer, asked, job.partial)
            draw(job.partial / CURVE, state.losses, state.held_out)
            return self._finished(job, state, measured, checkpoints)

    def _tuning(self, job: Job, prepared: Prepared) -> Tuning:
        model, halves = self.method.prepared(job, prepared.settings)
        tokenizer = prepared.tokenizer
        pad = tokenizer.pad_token_id
        return Tuning(
            model=model,
            settings=prepared.settings,
            aim=self.aim,
            seed=job.seed,
            pad=tokenizer.eos_token_id if pad is None else pad,
            device=base.device(),
            halves=halves,
        )

    def _forecast(self, job: Job, prepared: Prepared) -> Cost:
        tuned = self.method.tuned_weights(prepared.settings, prepared.looks)
        return looking.forecast(
            prepared.learnt, prepared.settings, prepared.looks, tuned, aim=self.aim
        )

    def _problems(
        self,
        job: Job,
        prepared: Prepared,
        forecast: Cost,
        overfit: tuple[float, float] | None,
    ) -> Iterator[str]:
        template, served = prepared.template()
        if template != served:
            yield (
                f"Rows are written with another template ({template}) than {job.gguf.name} is "
                f"served with ({served})."
            )
        if forecast.peak_mb > job.caps.memory_mb:
            yield (
                f"It would take about {forecast.peak_mb:,.0f} MB of memory; the job may take "
                f"{job.caps.memory_mb:,}."
            )
        if prepared.left_out > len(prepared.learnt) / 10:
            yield (
                f"{prepared.left_out} rows have more than {prepared.settings.longest} tokens and "
                "would be left out."
            )
        if overfit and overfit[1] > self.aim.by_heart * overfit[0]:
            yield (
                f"Eight rows were not learnt by heart: the loss went from {overfit[0]:.2f} to "
                f"{overfit[1]:.2f} only."
            )

    def _tuned(
        self, tuning: Tuning, prepared: Prepared, checkpoints: Checkpoints, report: Report
    ) -> tuple[State, Mapping[str, float]]:
        try:
            state = tune(
                tuning, prepared.learnt, prepared.held_out, checkpoints=checkpoints, report=report
            )
            return state, self.aim.measured(tuning, prepared)
        except TrainingFailedError:
            # Whoever tries again does it in another way: what was begun would only stand in it.
            checkpoints.give_up()
            raise

    def _finished(
        self, job: Job, state: State, measured: Mapping[str, float], checkpoints: Checkpoints
    ) -> Trained:
        checkpoints.clear()
        weights = sum(p.stat().st_size for p in job.partial.glob("*.safetensors"))
        trained = Trained(
            folder=job.folder,
            method=self.method.name,
            job=job,
            losses=state.losses,
            held_out=state.held_out,
            cost=replace(state.cost, file_bytes=weights),
            files={path.name: sha256_of(path) for path in files_in(job.partial)},
            versions={name: version(name) for name in _LIBRARIES},
            measured=measured,
        )
        (job.partial / TRAINED).write_text(trained.to_json(), encoding="utf-8")
        return trained
