"""Learns a map of questions towards passages in other languages: a search that finds better.

Numbers alone, no library of the extra `learn`; a thousand pairs take less than a minute. So nothing
is kept of a training that was stopped: the same seed comes to the same map.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version

from knowledge.hashing import sha256_of
from pipelines.learning import pair_files
from pipelines.learning.directions import Settings, able_of, directions, learnt
from pipelines.learning.pair_files import PairSet
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
from pipelines.learning.tuning.spending import Meter
from pipelines.learning.tuning.working import files_in, working_folder
from pipelines.learning.turning import Descent, mined
from pipelines.query_map import QueryMap

MAP, CURVE, FIGURES = "questions.map", "losses.png", "figures.json"
_CPU_S = 2e-10
"""Processor seconds for each pair, pass and number of a map, as measured on an ordinary core."""


class RetrieverTrainer:
    """A `Trainer` of maps of questions."""

    def cost(self, job: Job) -> Cost:
        """What the training will take, by its size."""
        found = pair_files.read(job)
        return _forecast(found, Settings.of(job))

    def dry_run(self, job: Job) -> DryRun:
        """What would happen; eight pairs are learnt by heart, and forgotten."""
        settings = Settings.of(job)
        found = pair_files.read(job)
        lengths: dict[int, int] = defaultdict(int)
        for pair in found.pairs:
            lengths[-(-len(pair.question.split()) // 8) * 8] += 1
        shown = [(p.question, ", ".join(p.passages), len(p.question.split())) for p in found.pairs]
        return DryRun(
            shown=tuple(Shown(text, learnt, count, 0) for text, learnt, count in shown[:3]),
            lengths=dict(sorted(lengths.items())),
            left_out=0,
            template="",
            served_template="",
            forecast=_forecast(found, settings),
            overfit=_overfit(found, settings, job.seed),
            problems=tuple(_problems(found, settings, job.seed)),
        )

    def train(self, job: Job, report: Report) -> Trained:
        """Learn the maps, in `job.partial`, which takes its final name when all is there.

        Raises:
            NoCandidateError: no map finds more than there was found before.
        """
        meter, settings = Meter(), Settings.of(job)
        found = pair_files.read(job)
        if problems := list(_problems(found, settings, job.seed)):
            raise JobRefusedError(problems[0], what_to_do="Approve more answers, or add pages.")
        with working_folder(job, _forecast(found, settings).file_bytes):
            turns, figures, losses, held_out = learnt(found, settings, job.seed, report)
            (job.partial / FIGURES).write_text(
                json.dumps([asdict(one) for one in figures], indent=2), encoding="utf-8"
            )
            if not turns:
                raise NoCandidateError(
                    "There is no candidate, because no map finds more of what was held out: "
                    f"{'; '.join(map(str, figures))}.",
                    what_to_do="Approve more answers whose pages are in another language.",
                )
            QueryMap(found.embedder, turns).save(job.partial / MAP)
            draw(job.partial / CURVE, losses, held_out)
            return _finished(job, meter, losses, held_out)


def build() -> Trainer:
    """The trainer."""
    return RetrieverTrainer()


def _problems(found: PairSet, settings: Settings, seed: int) -> Iterator[str]:
    said = sum(bool(pair.example) for pair in found.pairs)
    count = f"{len(found.pairs)} pairs, {said} of them approved"
    if len(found.pairs) < settings.fewest:
        yield f"There are {count}; {settings.fewest} is the least."
    elif not able_of(found, settings, seed):
        yield f"There are {count}, and of no language enough from several pages."


def _overfit(found: PairSet, settings: Settings, seed: int) -> tuple[float, float]:
    """The loss on eight pairs before and after they were learnt by heart."""
    one = next(directions(found, 0.0, seed))
    eight = one.learnt.some(range(min(8, len(one.learnt.answers))))
    rivals, descent = mined(eight), Descent.begun(found.questions.shape[1])
    losses = [descent.step(eight, rivals, settings.learning) for _ in range(50)]
    return losses[0], losses[-1]


def _forecast(found: PairSet, settings: Settings) -> Cost:
    numbers = found.questions.shape[1] ** 2
    cpu_s = _CPU_S * len(found.pairs) * settings.epochs * numbers
    languages = len({pair.language for pair in found.pairs})
    held = 8 * (found.passages.size + found.questions.size) * 3 + 40 * numbers
    return Cost(cpu_s, 0.0, 150 + held / 1e6, 4 * numbers * languages)


def _finished(
    job: Job, meter: Meter, losses: Sequence[float], held_out: Sequence[float]
) -> Trained:
    files: Mapping[str, str] = {path.name: sha256_of(path) for path in files_in(job.partial)}
    cost = meter.taken((job.partial / MAP).stat().st_size)
    versions = {name: version(name) for name in ("numpy", "tertulia")}
    trained = Trained(
        job.folder, "query map", job, tuple(losses), tuple(held_out), cost, files, versions
    )
    (job.partial / TRAINED).write_text(trained.to_json(), encoding="utf-8")
    return trained
