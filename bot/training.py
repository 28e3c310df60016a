"""Has a trainer do a job for a candidate, once the rows were tried."""

import asyncio

from bot.learning_candidate import Bench
from pipelines.learning import publishing
from pipelines.learning.trainers import Job, NoCandidateError, Step, Trained
from pipelines.learning.trainers.process import dry_run, train


async def trained(bench: Bench, job: Job) -> Trained:
    """The result of the trainer; of an earlier run, where that came to its end.

    Raises:
        NoCandidateError: the rows cannot be learnt, or nothing came of them that would be better.
        JobRefusedError, TrainingFailedError, PublishingError: it came to nothing.
    """
    if job.folder.is_dir():
        return await asyncio.to_thread(publishing.trained, job.folder)
    bench.progress(f"{job.trainer}: the rows are tried ...")
    dry = await dry_run(job)
    if dry.problems:
        raise NoCandidateError(
            f"the rows cannot be learnt: {'; '.join(dry.problems)}",
            what_to_do="Look at the rows: tertulia learn examples",
        )

    def progress(step: Step) -> None:
        bench.progress(f"{step.number} of {step.of} steps, loss {step.loss:.3f}")

    return await train(job, progress)
