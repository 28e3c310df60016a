"""LoRA against full tuning: the same model, the same rows, sixty steps of two rows each.

`{model}` learns a task of style and form (`tests/pipelines/learning/voseo.py`: sixty rows in
Spanish that answer as a line of JSON with three fields, which no prompt mentions), each way in a
process of its own, as a job is done. Processor seconds and memory are of the training itself,
loading included in the memory alone; the file is what a training leaves. Then the merged Q8_0 file
is served by llama.cpp: fifteen unseen questions, and the pieces that the tuned model wrote in
torch, compared one by one. What the answers say is not judged: a model of this size learns a form,
not facts.
"""

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from knowledge.hashing import sha256_of
from pipelines.learning import publishing
from pipelines.learning.publishing import Agreement
from pipelines.learning.trainers import Job, JobRefusedError, Trained
from pipelines.learning.trainers.process import train
from pipelines.models.catalogue import EmbeddedModel, entry
from pipelines.models.completing import through_openai
from pipelines.models.embedded import embedded_chat_model
from tests.benchmarks.models import fetched_here
from tests.benchmarks.report import SkippedError, judged, table
from tests.pipelines.learning import voseo

MODEL = "smollm2-135m"
STEPS = {"batch": 2, "at_once": 2, "epochs": 2, "held_out": 0.0, "checkpoint_steps": 1000}
# Each with the rate at which it learns this task in sixty steps.
RATES = {"sft_lora": 1e-3, "full": 5e-5}
MOST_CPU, MOST_MEMORY, MOST_FILE, LEAST_FORMS = 0.70, 0.65, 1 / 25, 12
PUBLISHED = {"CPU": "up to 5 times faster", "memory": "up to 10 times less", "file": "10 to 100 MB"}


@dataclass(frozen=True, slots=True)
class Tried:
    """One way to tune, to its end.

    Attributes:
        forms: of the answers to unseen questions, those that kept the form.
        bytes_served: of the merged file.
    """

    trained: Trained
    forms: int
    agreement: Agreement
    bytes_served: int


def measure() -> str:
    """Both, one after the other."""
    about = (__doc__ or "").split("\n", 2)[2].format(model=MODEL)
    try:
        with tempfile.TemporaryDirectory() as folder:
            base, lora, full = asyncio.run(_measured(Path(folder)))
    except JobRefusedError as error:
        raise SkippedError(f"{error} {error.what_to_do}") from error
    return (
        f"## LoRA and full tuning\n\n{about}\n\n{_table(lora, full)}\n{_served(base, lora, full)}"
    )


async def _measured(home: Path) -> tuple[int, Tried, Tried]:
    models = await fetched_here(MODEL)
    rows = voseo.write_rows(home / "rows.jsonl")
    model = entry(MODEL)
    base, _ = await _served_by_llama(model, models, None)
    jobs = [
        Job(name, models / model.file, rows, home / name, {**STEPS, "learning_rate": rate})
        for name, rate in RATES.items()
    ]
    return base, await _tried(jobs[0]), await _tried(jobs[1])


async def _tried(job: Job) -> Tried:
    trained = await train(job)
    path = await publishing.write_merged(job.folder, job.folder.with_suffix(".gguf"))
    size, sha256 = path.stat().st_size, sha256_of(path)
    model = replace(entry(MODEL), name=job.trainer, file=path.name, size=size, sha256=sha256)
    forms, agreement = await _served_by_llama(model, path.parent, job.folder)
    return Tried(trained, forms, agreement, size)


async def _served_by_llama(
    model: EmbeddedModel, folder: Path, trained: Path | None
) -> tuple[int, Agreement]:
    served = embedded_chat_model(model, folder)
    try:
        forms = await voseo.forms(served)
        if trained is None:
            return forms, Agreement(0, 0)
        return forms, await publishing.served_as_trained(trained, through_openai(served))
    finally:
        await served.stop()


def _table(lora: Tried, full: Tried) -> str:
    costs = [one.trained.cost for one in (lora, full)]
    rows = [
        _row("CPU s", [one.cpu_s for one in costs], MOST_CPU, PUBLISHED["CPU"]),
        _row("peak MB", [one.peak_mb for one in costs], MOST_MEMORY, PUBLISHED["memory"]),
        _row("file, MB", [one.file_bytes / 1e6 for one in costs], MOST_FILE, PUBLISHED["file"]),
    ]
    return table(["", "LoRA", "full", "ratio", "goal", "published claim"], rows)


def _row(name: str, values: Sequence[float], at_most: float, claim: str) -> list[object]:
    small, large = values
    ratio = small / large
    goal = judged(ratio, at_most=at_most)
    return [name, f"{small:.1f}", f"{large:.1f}", f"{ratio:.3f}", goal, claim]


def _served(base: int, lora: Tried, full: Tried) -> str:
    count = len(voseo.UNSEEN)
    rows: list[list[object]] = [["untouched base", f"{base} of {count}", "", "", ""]]
    for name, one in (("LoRA, merged", lora), ("full", full)):
        losses = one.trained.losses
        rows.append(
            [
                name,
                f"{one.forms} of {count}",
                judged(one.forms, at_least=LEAST_FORMS, digits=0),
                f"{one.agreement.same} of {one.agreement.count}",
                f"{losses[0]:.2f} to {losses[-1]:.2f}",
            ]
        )
    head = ["served", "kept the form", "goal", "pieces as trained", "loss"]
    return "### Served\n\n" + table(head, rows)
