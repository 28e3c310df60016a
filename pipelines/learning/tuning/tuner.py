"""A trainer of language models: everything but what is done to the weights, which is its method."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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
from pipelines.learning.tuning.checkpoints import Checkpoints, State
from pipelines.learning.tuning.curve import draw
from pipelines.learning.tuning.loop import Tuning, tune
from pipelines.learning.tuning.rendering import Rendered, rendered
from pipelines.learning.tuning.rows import read, split
from pipelines.learning.tuning.settings import Settings
from pipelines.learning.tuning.working import files_in, working_folder

CURVE = "losses.png"
_LIBRARIES = ("torch", "transformers", "peft", "gguf", "safetensors", "tertulia")


class Method(Protocol):
    """What is done to the weights of a model."""

    @property
    def name(self) -> str:
        """`lora` or `full`."""

    @property
    def usual(self) -> Mapping[str, Any]:
        """Settings that differ from the usual ones."""

    @property
    def overfit_rate(self) -> float:
        """The learning rate with which eight rows are learnt by heart in a dry run."""

    def settled(self, settings: Settings, looks: base.Looks) -> Settings:
        """The settings, with what depends on the model's size."""

    def tuned_weights(self, settings: Settings, looks: base.Looks) -> int:
        """How many weights are tuned."""

    def prepared(self, job: Job, settings: Settings) -> tuple[Any, bool]:
        """The model, and whether it computes with halves around whole weights."""

    def save(self, model: Any, folder: Path) -> None:
        """Write the weights as safetensors."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    """All that a job names, read and checked; nothing is loaded yet."""

    settings: Settings
    looks: base.Looks
    tokenizer: Any
    learnt: Sequence[Rendered]
    held_out: Sequence[Rendered]
    left_out: int

    def template(self) -> tuple[str, str]:
        """Of the training, and of what is served."""
        own = str(self.tokenizer.chat_template or "")
        return looking.template_hash(own), looking.template_hash(self.looks.template)


@dataclass(frozen=True, slots=True)
class Tuner:
    """A `Trainer` with a method."""

    method: Method

    def cost(self, job: Job) -> Cost:
        """What the training will take, by its size."""
        return self._forecast(job, self._prepare(job))

    def dry_run(self, job: Job) -> DryRun:
        """What would happen; eight rows are learnt by heart, and forgotten."""
        prepared = self._prepare(job)
        template, served = prepared.template()
        tuning = self._tuning(job, prepared)
        overfit, cpu_s, seconds = looking.overfit(tuning, prepared.learnt, self.method.overfit_rate)
        forecast = self._forecast(job, prepared)
        tokens = looking.tokens_in_all(prepared.learnt, prepared.settings)
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
        prepared = self._prepare(job)
        forecast = self._forecast(job, prepared)
        problems = list(self._problems(job, prepared, forecast, None))
        if problems:
            raise JobRefusedError(problems[0], what_to_do="`dry_run` shows more.")
        with working_folder(job, forecast.file_bytes):
            checkpoints = Checkpoints.of(job)
            tuning = self._tuning(job, prepared)
            state = _tuned(tuning, prepared, checkpoints, report)
            self.method.save(tuning.model, job.partial)
            asked = [*prepared.held_out, *prepared.learnt]
            greedy.write(tuning, prepared.tokenizer, asked, job.partial)
            draw(job.partial / CURVE, state.losses, state.held_out)
            return self._finished(job, state, checkpoints)

    def _prepare(self, job: Job) -> _Prepared:
        settings = Settings.of(job, **self.method.usual)
        rows = read(job)
        base.check(job)
        looks = base.look(job.gguf)
        tokenizer = base.tokenizer_of(job)
        settings = self.method.settled(settings, looks)
        parts = split(rows, held_out=settings.held_out, seed=job.seed)
        learnt, held_out = (
            [rendered(tokenizer, turns) for turns in some]
            for some in (parts.learnt, parts.held_out)
        )
        short = [row for row in learnt if len(row.ids) <= settings.longest]
        if not short:
            raise JobRefusedError(
                f"Every row has more than {settings.longest} tokens.",
                what_to_do="Raise `longest`, or approve shorter examples.",
            )
        return _Prepared(
            settings,
            looks,
            tokenizer,
            short,
            [row for row in held_out if len(row.ids) <= settings.longest],
            len(rows) - len(short) - sum(len(r.ids) <= settings.longest for r in held_out),
        )

    def _tuning(self, job: Job, prepared: _Prepared) -> Tuning:
        model, halves = self.method.prepared(job, prepared.settings)
        tokenizer = prepared.tokenizer
        pad = tokenizer.pad_token_id
        return Tuning(
            model=model,
            settings=prepared.settings,
            seed=job.seed,
            pad=tokenizer.eos_token_id if pad is None else pad,
            device=base.device(),
            halves=halves,
        )

    def _forecast(self, job: Job, prepared: _Prepared) -> Cost:
        tuned = self.method.tuned_weights(prepared.settings, prepared.looks)
        return looking.forecast(prepared.learnt, prepared.settings, prepared.looks, tuned)

    def _problems(
        self,
        job: Job,
        prepared: _Prepared,
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
        if overfit and overfit[1] > looking.LEARNT * overfit[0]:
            yield (
                f"Eight rows were not learnt by heart: the loss went from {overfit[0]:.2f} to "
                f"{overfit[1]:.2f} only."
            )

    def _finished(self, job: Job, state: State, checkpoints: Checkpoints) -> Trained:
        checkpoints.clear()
        files = {path.name: sha256_of(path) for path in files_in(job.partial)}
        weights = sum(p.stat().st_size for p in job.partial.glob("*.safetensors"))
        cost = Cost(state.cost.cpu_s, state.cost.seconds, state.cost.peak_mb, weights)
        versions = {name: version(name) for name in _LIBRARIES}
        trained = Trained(
            job.folder, self.method.name, job, state.losses, state.held_out, cost, files, versions
        )
        (job.partial / TRAINED).write_text(trained.to_json(), encoding="utf-8")
        return trained


def _tuned(tuning: Tuning, prepared: _Prepared, checkpoints: Checkpoints, report: Report) -> State:
    try:
        return tune(
            tuning, prepared.learnt, prepared.held_out, checkpoints=checkpoints, report=report
        )
    except TrainingFailedError:
        # Whoever tries again does it in another way: what was begun would only stand in it.
        checkpoints.clear()
        raise
