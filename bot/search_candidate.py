"""Makes a candidate of a better search: pairs of questions and pages, a map that is learnt of them.

It takes seconds and no model, needs none of the libraries of the extra `learn`, and is measured by
what is found alone.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.learning_candidate import Bench, folder_of, hashed
from bot.live import IN_PLACE_OF
from bot.live_search import LiveSearch
from bot.measuring import asker_of, gate_asker
from bot.training import trained
from knowledge.candidate import Candidate
from knowledge.hashing import sha256_of
from knowledge.stores import ChunkStore
from pipelines.current import SEARCH
from pipelines.learning.directions import Figures
from pipelines.learning.evidence import Evidence
from pipelines.learning.gate import KEPT_BY_SEARCH, Verdict, is_no_gain, judged
from pipelines.learning.pair_making import made
from pipelines.learning.report import Sample
from pipelines.learning.search_evidence import Sought, World, evidence_of
from pipelines.learning.trainers import Job, NoCandidateError
from pipelines.learning.trainers.retriever import FIGURES, MAP
from pipelines.models import Embedder
from pipelines.query_map import QueryMap
from pipelines.retrieval import Retriever

TRAINER = "retriever"


@dataclass(frozen=True, slots=True)
class Searching:
    """A map of questions: a `Draft` that is measured by what is found with it.

    Attributes:
        serves: whether it does already: then it is measured beside the search as it comes.
    """

    candidate: Candidate
    rows: frozenset[str]
    by: QueryMap
    serves: bool = False

    async def judged(self, bench: Bench) -> tuple[Verdict, list[Sample]]:
        """The same questions are searched both ways; nobody's answers are compared."""
        plain, invented, embedder = await _as_they_come(bench)
        before = (plain, invented)
        if not self.serves:
            # What serves now may have been learnt, too: the invented company knows nothing of it.
            now = await LiveSearch(bench.app).over(invented, embedder)
            before = (await bench.app.retriever(), now)
        bench.progress(f"{self.candidate.name}: the same questions are searched both ways")
        after = (plain.turning(self.by), invented.turning(self.by))
        return judged(await _evidence(bench, before, after), KEPT_BY_SEARCH), []

    async def is_refused_as_itself(self, bench: Bench) -> bool:
        """Whether the same map, searched with twice, is no gain."""
        plain, invented, _ = await _as_they_come(bench)
        same = (plain.turning(self.by), invented.turning(self.by))
        found = await _evidence(bench, same, same)
        return is_no_gain(found.target)


Both = tuple[Retriever, Retriever]
"""Over the team's pages, and over those of the invented company."""


async def _as_they_come(bench: Bench) -> tuple[Retriever, Retriever, Embedder]:
    retriever, _ = await bench.app.plain_retriever()
    return (retriever, *await bench.asker.invented.plain_retriever())


async def _evidence(bench: Bench, before: Both, after: Both) -> Evidence:
    worlds = (
        World([*_of_people(bench)], before[0], after[0]),
        World([*_of_everybody(bench)], before[1], after[1]),
    )
    return await evidence_of(worlds, bench.between)


def _of_people(bench: Bench) -> Iterator[Sought]:
    """Questions behind rows that measure, whose pages are known."""
    for one in bench.known.target:
        case = replace(one.failing.case, sources=one.pages)
        yield Sought(case, asker_of(one.failing, bench.now.persona), one.conversation)


def _of_everybody(bench: Bench) -> Iterator[Sought]:
    """Questions to the invented company, on its pages and on those of another one."""
    asker = gate_asker(bench.now.persona)
    for case in (*bench.asked.questions.answers, *bench.asked.questions.refusals):
        yield Sought(case, asker, next(iter(case.sources), case.id))


async def search_candidate(bench: Bench, settings: Mapping[str, Any]) -> Searching:
    """A map that finds more of the pairs that were held out, not yet measured by the gate.

    Args:
        bench: with the rows.
        settings: of the trainer.

    Raises:
        NoCandidateError: there are no pairs, or no map is better.
        JobRefusedError, TrainingFailedError: it came to nothing.
    """
    embedder, store = await _searched(bench)
    with TemporaryDirectory() as place:  # what people asked is not kept a second time
        pairs = await made(bench.known.chosen.train, store, embedder, Path(place))
        if pairs.rows is None or pairs.base is None:
            raise NoCandidateError(
                "no page answers a question that was asked in another language.",
                what_to_do="It is looked for again once there are pages in two languages.",
            )
        # The same map is another candidate once there are other questions to measure it with.
        what = (embedder.name, bench.known.made.id, *map(sha256_of, (pairs.rows, pairs.base)))
        name = f"{SEARCH}-{sha256(' '.join(what).encode()).hexdigest()[:12]}"
        folder = folder_of(bench.app, name) / "map"
        job = Job(TRAINER, pairs.base, pairs.rows, folder, settings=settings)
        file = (await trained(bench, job)).folder / MAP
    by = QueryMap.load(file, embedder=embedder.name, dimensions=embedder.dimensions)
    about = {
        IN_PLACE_OF: embedder.name,
        "set": bench.known.made.id,
        "rows": list(pairs.examples),
        "pairs": f"{pairs.approved} approved, {pairs.synthetic} of sentences of pages",
        "held_out": _figures(folder / FIGURES),
    }
    candidate = Candidate(name, SEARCH, str(file), hashed(file), about, "trained")
    return Searching(candidate, frozenset(pairs.examples), by)


async def serving_search(bench: Bench, candidate: Candidate) -> Searching | None:
    """The map that serves, to be measured anew; None where the index is not the one for it.

    Raises:
        QueryMapError: its file cannot be used.
    """
    _, embedder = await bench.app.plain_retriever()
    if candidate.about.get(IN_PLACE_OF) != embedder.name:
        return None
    by = QueryMap.load(
        Path(candidate.serves), embedder=embedder.name, dimensions=embedder.dimensions
    )
    return Searching(candidate, frozenset(), by, serves=True)


async def _searched(bench: Bench) -> tuple[Embedder, ChunkStore]:
    """The index that is in use, and the embedder behind it."""
    store, model = await (await bench.app.stores()).searched()
    embedder = await bench.app.embedder(model)
    if embedder.name != bench.app.settings.models.embedding_model:
        raise NoCandidateError(
            f"the index in use comes from {embedder.name}, and another one is being made.",
            what_to_do="It is looked for again once that one is in use.",
        )
    return embedder, store


def _figures(file: Path) -> str:
    """What the map does to the pairs that were held out, in words."""
    found = json.loads(file.read_text(encoding="utf-8"))
    return "; ".join(str(Figures(**one)) for one in found)
