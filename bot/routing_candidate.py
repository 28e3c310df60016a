"""Makes a candidate of a router: what the team's own questions needed, found out by asking them.

Questions behind rows that are learnt from, and those to the invented company that measure nothing,
are answered in every way. It takes hours with a small model, and goes on where it was stopped. The
weights that ship are where it begins.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from bot.learning_candidate import Bench, folder_of, hashed, is_new, samples
from bot.learning_material import Question
from bot.live import IN_PLACE_OF, OFF, in_place_now
from bot.live_search import LiveSearch
from bot.measuring import CALCULATOR, asker_of, gate_asker
from knowledge.candidate import Candidate
from knowledge.candidates import Candidates
from knowledge.text_files import write_whole
from pipelines import routing, routing_training
from pipelines.current import ROUTER
from pipelines.evaluation.cases import Case
from pipelines.learning.gate import Verdict, is_no_gain
from pipelines.learning.regression import sums
from pipelines.learning.report import Sample
from pipelines.learning.routing_evidence import World, came, invented, spared, verdict_of
from pipelines.learning.routing_labels import Label, Labelling
from pipelines.learning.search_evidence import Sought
from pipelines.learning.trainers import NoCandidateError
from pipelines.routing import BOTH, TOOLS, Weights
from pipelines.routing_training import FEWEST_OF_TOOLS, Example

WEIGHTS, LABELS = "weights.json", "labels.jsonl"
SUMS = 12
"""To learn from; as many more are made as measure."""
FEWEST = 30
"""Questions of people; with fewer of them the weights that ship are as good."""


@dataclass(frozen=True, slots=True)
class Routing:
    """A router: a `Draft` that is measured by answers, and by what they took."""

    candidate: Candidate
    rows: frozenset[str]
    weights: Weights

    async def judged(self, bench: Bench) -> tuple[Verdict, list[Sample]]:
        """The same questions are answered without any router, with what serves now, and with it."""
        async with _worlds(bench, _measuring(bench)) as worlds:
            bench.progress(f"{self.candidate.name}: questions are answered without a router")
            without = now = await came(worlds, None, bench.between)
            if bench.now.router:
                bench.progress(f"{self.candidate.name}: with what serves now")
                now = await came(worlds, bench.now.router, bench.between)
            bench.progress(f"{self.candidate.name}: and with the candidate")
            after = await came(worlds, self.weights, bench.between)
        return verdict_of(without, now, after), samples(invented(without), invented(after))

    async def is_refused_as_itself(self, bench: Bench) -> bool:
        """Whether the same router, asked twice, spares nothing more."""
        of_people = _Questions(list(_of(bench, bench.known.target)), ())
        async with _worlds(bench, of_people) as worlds:
            once = await came(worlds, self.weights, bench.between)
            twice = await came(worlds, self.weights, bench.between)
        return is_no_gain(spared(once, once, twice))


async def serving_router(bench: Bench, candidate: Candidate) -> Routing | None:
    """The router that serves, to be measured anew; None where there is nothing for it to do now.

    Raises:
        WeightsError: its file cannot be used.
    """
    persona, place = bench.now.persona, await in_place_now(bench.app, ROUTER)
    is_used = candidate.about.get(IN_PLACE_OF) == place and not persona.model
    is_used &= bench.app.settings.models.router != OFF
    if not is_used or not (await bench.app.cast.reading(persona)).tools:
        return None
    weights = await asyncio.to_thread(routing.load, Path(candidate.serves))
    return Routing(candidate, frozenset(), weights)


async def routing_candidate(bench: Bench, settings: Mapping[str, Any]) -> Routing:
    """Weights that were fitted to what questions needed, not yet measured by the gate.

    Args:
        bench: with the rows, and the persona whose tools they are.
        settings: `fewest` labels, where it is not `FEWEST`; `adapter`, the width of one that is
            tried as well.

    Raises:
        NoCandidateError: there are no tools to be spared, or too few labels.
        OperatorError: a setting or a server is wrong, so that no question can be answered.
    """
    shipped = routing.load()
    await _check(bench, shipped, settings.get("fewest", FEWEST))
    width = int(settings.get("adapter", 0))
    name = await _name(bench, shipped, width)
    # What serves is not written to again, and questions are not answered for nothing.
    await is_new(Candidates(await bench.app.database()), name)
    folder = folder_of(bench.app, name) / ROUTER
    folder.mkdir(exist_ok=True)
    labels, examples = await _labelled(bench, shipped, folder / LABELS)
    _check_tools(labels)
    train = partial(routing_training.train, embedder=shipped.embedder, prior=shipped, width=width)
    weights = routing.rounded(await asyncio.to_thread(train, examples))
    await asyncio.to_thread(routing.save, weights, folder / WEIGHTS)
    files = hashed(folder / WEIGHTS, folder / LABELS)
    about = await _about(bench, labels) | {"edition": weights.edition}
    if width:
        about["adapter"] = f"{width} wide" if weights.adapter else "none: it was no better"
    candidate = Candidate(name, ROUTER, str(folder / WEIGHTS), files, about, "trained")
    return Routing(candidate, frozenset(about["rows"]), weights)


async def _name(bench: Bench, shipped: Weights, width: int) -> str:
    """The same for the same questions, asked of the same one."""
    now = bench.now
    parts = (
        await in_place_now(bench.app, ROUTER),
        *(now.model, now.persona.name, now.persona.version),
        *(bench.known.made.id, str(len(bench.asked.questions.sums)), shipped.edition),
        *([f"adapter {width}"] if width else []),
    )
    return f"{ROUTER}-{sha256(' '.join(parts).encode()).hexdigest()[:12]}"


async def _about(bench: Bench, labels: Sequence[Label]) -> dict[str, Any]:
    """What is known of it besides its weights."""
    needs = Counter(one.needs for one in labels)
    rows = sorted(one.row for one in bench.known.known)
    return {
        IN_PLACE_OF: await in_place_now(bench.app, ROUTER),
        "set": bench.known.made.id,
        "rows": rows,
        "persona": bench.now.persona.name,
        "labels": ", ".join(f"{count} {need}" for need, count in needs.most_common()),
        "of_people": len(rows),
    }


async def _check(bench: Bench, shipped: Weights, fewest: int) -> None:
    """Whether a router could do anything here.

    Raises:
        NoCandidateError: it could not.
    """
    persona = bench.now.persona
    if not (await bench.app.cast.reading(persona)).tools:
        raise NoCandidateError(
            f"{persona.name} has no tools that only look, so there is nothing to be spared.",
            what_to_do="Name a persona with tools: tertulia learn run --way routing --persona NAME",
        )
    if persona.model:
        raise NoCandidateError(
            f"{persona.name} names its own model; a router is learnt with that of all others.",
            what_to_do="Take the model out of its header, or name another persona.",
        )
    if (embedder := bench.app.settings.models.embedding_model) != shipped.embedder:
        raise NoCandidateError(
            f"vectors come from {embedder}; the weights that ship are for {shipped.embedder}.",
            what_to_do="It is looked for again with that one.",
        )
    if (count := len(bench.known.known)) < fewest:
        raise NoCandidateError(
            f"of {count} questions of people it can be found out what they need; "
            f"{fewest - count} more are wanted.",
            what_to_do="Approve more rows: tertulia learn examples",
        )


def _check_tools(labels: Sequence[Label]) -> None:
    """Whether something is known of questions that need a tool.

    Raises:
        NoCandidateError: else it would take tools away from them.
    """
    count, fewest = sum(one.needs in (TOOLS, BOTH) for one in labels), FEWEST_OF_TOOLS
    if count < fewest:
        raise NoCandidateError(
            f"{count} of {len(labels)} questions were answered rightly with a tool and not without;"
            f" {fewest - count} more are wanted.",
            what_to_do="Sums are among them: does this model call tools? tertulia doctor",
        )


async def _labelled(
    bench: Bench, shipped: Weights, file: Path
) -> tuple[list[Label], list[Example]]:
    """What each question that is learnt from needs, and what a router sees of it."""
    known = await asyncio.to_thread(_read, file)
    labels, examples = [], []
    async with _worlds(bench, _learning(bench)) as worlds:
        for world in worlds:
            labelling = Labelling(world.parts, shipped)
            for number, one in enumerate(world.questions, 1):
                bench.progress(f"{number} of {len(world.questions)} answered in every way")
                label = known.get(one.case.id) or await labelling.label(one)
                labels.append(label)
                row = await labelling.row(one)
                examples.append(Example(one.case.id, row, label.needs, one.cluster))
                lines = "".join(json.dumps(each.as_json()) + "\n" for each in labels)
                await asyncio.to_thread(write_whole, file, lines)
                await bench.between()
    return labels, examples


def _read(file: Path) -> dict[str, Label]:
    """What an earlier run has found out."""
    if not file.is_file():
        return {}
    lines = file.read_text(encoding="utf-8").splitlines()
    return {one.case: one for one in (Label(**json.loads(line)) for line in lines)}


@dataclass(frozen=True, slots=True)
class _Questions:
    """Those of people, and those to the invented company."""

    of_people: Sequence[Sought]
    of_everybody: Sequence[Sought]


def _learning(bench: Bench) -> _Questions:
    """Questions that measure nothing."""
    asked = bench.asked.questions
    measuring = {one.id for one in (*asked.answers, *asked.refusals)}
    pages = {page for one in asked.answers for page in one.sources}
    spare = [
        one
        for one in asked.company.cases().cases
        if one.id not in measuring and not pages & set(one.sources)
    ]
    spare += sums(len(asked.sums) + SUMS)[len(asked.sums) :]
    return _Questions(list(_of(bench, bench.known.known)), list(_of_everybody(bench, spare)))


def _measuring(bench: Bench) -> _Questions:
    """Questions that nothing was learnt from."""
    asked = bench.asked.questions
    some = (*asked.answers, *asked.refusals, *asked.sums)
    return _Questions(list(_of(bench, bench.known.target)), list(_of_everybody(bench, some)))


def _of(bench: Bench, some: Sequence[Question]) -> Iterator[Sought]:
    for one in some:
        yield Sought(one.failing.case, asker_of(one.failing, bench.now.persona), one.conversation)


def _of_everybody(bench: Bench, some: Sequence[Case]) -> Iterator[Sought]:
    asker = gate_asker(bench.now.persona)
    for case in some:
        yield Sought(case, asker, next(iter(case.sources), case.id))


@asynccontextmanager
async def _worlds(bench: Bench, questions: _Questions) -> AsyncIterator[list[World]]:
    """The team's pages and tools; those of the invented company, with tools that know sums."""
    app, persona = bench.app, bench.now.persona
    retriever, embedder = await bench.asker.invented.plain_retriever()
    now = await LiveSearch(app).over(retriever, embedder)
    async with app.cast.taken_apart(persona.name) as parts:
        reading = await app.cast.reading(persona)
        ours = replace(parts, persona=reading, router=None)
        able = replace(persona, sources=None, tools=CALCULATOR)
        theirs = replace(ours, retriever=now, persona=able)
        yield [
            World(questions.of_people, ours, is_of_people=True),
            World(questions.of_everybody, theirs, is_of_people=False),
        ]
