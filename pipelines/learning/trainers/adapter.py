"""Learns to name what a text is, by its vector: a bottleneck adapter behind the embedder.

Numbers alone, no library of the extra `learn`; a thousand rows take seconds. So nothing is kept of
a training that was stopped: the same seed comes to the same classifier.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from importlib.metadata import version

from knowledge.hashing import sha256_of
from pipelines.learning import label_files
from pipelines.learning.gate import LEAST_MCC
from pipelines.learning.label_files import Labelled
from pipelines.learning.naming_by_vector import Fitted, Settings, fitted, overfit, parted
from pipelines.learning.trainers import (
    TRAINED,
    Cost,
    DryRun,
    Job,
    JobRefusedError,
    NoCandidateError,
    Report,
    Shown,
    Trained,
    Trainer,
)
from pipelines.learning.tuning.curve import draw
from pipelines.learning.tuning.naming import FEWEST, FEWEST_HELD_OUT
from pipelines.learning.tuning.spending import Meter
from pipelines.learning.tuning.working import files_in, working_folder

CLASSIFIER, CURVE = "texts.classifier", "losses.png"
_CPU_S = 2e-10
"""Processor seconds for each row, step and number of an adapter, on an ordinary core."""


class AdapterTrainer:
    """A `Trainer` of classifiers."""

    def cost(self, job: Job) -> Cost:
        """What the training will take, by its size."""
        return _forecast(label_files.read(job), Settings.of(job))

    def dry_run(self, job: Job) -> DryRun:
        """What would happen; eight rows are learnt by heart, and forgotten."""
        settings, found = Settings.of(job), label_files.read(job)
        sizes = [len(text.split()) for text in found.texts]
        lengths: dict[int, int] = defaultdict(int)
        for size in sizes:
            lengths[-(-size // 8) * 8] += 1
        labels = [found.labels[one] for one in found.classes[:3]]
        shown = zip(found.texts, labels, sizes, strict=False)
        return DryRun(
            shown=tuple(Shown(text, label, size, 0) for text, label, size in shown),
            lengths=dict(sorted(lengths.items())),
            left_out=0,
            template="",
            served_template="",
            forecast=_forecast(found, settings),
            overfit=overfit(found, settings, job.seed),
            problems=tuple(_problems(found, settings, job.seed)),
        )

    def train(self, job: Job, report: Report) -> Trained:
        """Learn, in `job.partial`, which takes its final name when all is there.

        Raises:
            NoCandidateError: what was held out is named no better than by who looks at nothing.
        """
        meter, settings = Meter(), Settings.of(job)
        found = label_files.read(job)
        if problems := list(_problems(found, settings, job.seed)):
            raise JobRefusedError(problems[0], what_to_do="Give it more rows.")
        with working_folder(job, _forecast(found, settings).file_bytes):
            made = fitted(found, settings, job.seed, report)
            _check(made, settings)
            made.classifier.save(job.partial / CLASSIFIER)
            draw(job.partial / CURVE, made.losses, made.held_out)
            return _finished(job, meter, made)


def build() -> Trainer:
    """The trainer."""
    return AdapterTrainer()


def _problems(found: Labelled, settings: Settings, seed: int) -> Iterator[str]:
    fewest = 2 if settings.is_test else FEWEST
    if found.fewest < fewest:
        yield f"There are {found.fewest} rows of the smallest class; {fewest} is the least."
    learnt, apart = parted(found, settings.held_out, seed)
    if len(apart) < (1 if settings.is_test else FEWEST_HELD_OUT):
        yield f"{len(apart)} rows would be held out; {FEWEST_HELD_OUT} are the least to tell by."
    if len(set(found.classes[learnt])) < len(found.labels):
        yield "All rows of a class stand in clusters that are held out."


def _check(made: Fitted, settings: Settings) -> None:
    """Whether it has learnt anything.

    Raises:
        NoCandidateError: it has not.
    """
    figures = made.measured
    if figures["mcc"] < LEAST_MCC and not settings.is_test:
        largest = max(Counter(made.told).values()) / len(made.told)
        raise NoCandidateError(
            f"There is no candidate, because it has learnt nothing: {figures['accuracy']:.0%} of "
            f"{len(made.told)} rows are named rightly, {figures['majority']:.0%} are of the "
            f"largest class, and it gives {largest:.0%} the same name (Matthews' coefficient "
            f"{figures['mcc']:.2f}).",
            what_to_do="Give it more rows. What the words mean is in a vector; how they are put "
            "mostly is not.",
        )


def _forecast(found: Labelled, settings: Settings) -> Cost:
    rows, dimensions = found.vectors.shape
    numbers = 2 * dimensions * settings.width
    cpu_s = 1 + _CPU_S * rows * settings.epochs * numbers * 3
    file_bytes = 8 * (numbers + dimensions * (len(found.labels) + 2)) + 8_000
    return Cost(cpu_s, 0.0, 150 + 60 * found.vectors.size / 1e6, file_bytes)


def _finished(job: Job, meter: Meter, made: Fitted) -> Trained:
    files = {path.name: sha256_of(path) for path in files_in(job.partial)}
    cost = meter.taken((job.partial / CLASSIFIER).stat().st_size)
    trained = Trained(
        job.folder,
        "adapter",
        job,
        made.losses,
        made.held_out,
        cost,
        files,
        {name: version(name) for name in ("numpy", "tertulia")},
        made.measured,
    )
    (job.partial / TRAINED).write_text(trained.to_json(), encoding="utf-8")
    return trained
