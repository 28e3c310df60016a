"""Runs a set of questions: opens the knowledge that it asks about, asks, keeps, compares."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from shutil import rmtree
from typing import Any

from bot.app import App
from bot.home_folder import make_folder
from bot.places import readers
from bot.principals import is_person
from bot.refreshing import BY_HAND_WAIT_S, job_name
from bot.settings import Settings
from knowledge.errors import OperatorError
from knowledge.leases import Lease
from knowledge.sources import Source
from pipelines import indexing, personas
from pipelines.evaluation import chart
from pipelines.evaluation.asking import Asker
from pipelines.evaluation.cases import CaseSet
from pipelines.evaluation.comparing import Comparison, compared
from pipelines.evaluation.ready_made import Company, PublicSet
from pipelines.evaluation.results import Result
from pipelines.evaluation.runs import Run, Runs
from pipelines.evaluation.table import read_table

Progress = Callable[[str], None]
"""Takes a line about how far it is."""


class NothingKnownError(OperatorError):
    """Nothing can be measured: nothing is known."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be measured.

    Attributes:
        path: a table of questions, or the folder of a public set; None for an invented company.
        pages: of the invented company.
        against: the name of an older run; empty where there is none.
        sample: how many of the questions; 0 is all.
        author: who asks where a question does not say so.
        file: of a persona that is tried in place of the one in use; None where none is.
    """

    path: Path | None
    pages: int
    author: str
    persona: str
    against: str = ""
    sample: int = 0
    retrieval_only: bool = False
    file: Path | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run, the one that it was compared with, and whether somebody stopped it."""

    run: Run
    older: Run | None
    is_interrupted: bool

    @property
    def comparison(self) -> Comparison | None:
        """What changed; None where nothing was compared."""
        return compared(self.run.results, self.older.results) if self.older else None

    def as_json(self) -> dict[str, Any]:
        """The value that `tertulia eval --json` prints."""
        value = self.run.value()
        value["chart"] = str(self.run.chart) if self.run.chart.exists() else None
        value["results"] = [result.as_json() for result in self.run.results]
        if self.older and (found := self.comparison):
            value["against"] = {
                "run": self.older.name,
                "shared": found.shared,
                "verdict": found.verdict,
                "differences": [one.as_json() for one in found.differences],
                "better": list(found.better),
                "worse": list(found.worse),
            }
        return value


async def evaluate(settings: Settings, wish: Wish, *, progress: Progress) -> Outcome:
    """Ask every question of a set; whoever interrupts keeps what was measured so far.

    Raises:
        TertuliaError: the set cannot be read, the run to compare with is not there, or nobody
            can answer.
    """
    runs = Runs(settings.home.runs)
    older = await runs.read(wish.against) if wish.against else None
    cases, own = await asyncio.to_thread(_set, settings, wish)
    place = settings.with_knowledge_in(_folder(settings, wish)) if own else settings
    async with App(place) as app:
        app.settling.is_told = own is None
        if own:
            progress(f"Reading {own.name}; the first time this takes minutes ...")
            await taken_in(app, own.source())
        results, about = await _opened(app, cases, wish)
        run = await runs.begin(cases, about)
        is_interrupted = await _measured(run, results, progress)
    if run.results:
        await chart.draw(run, older)
    return Outcome(run, older, is_interrupted)


async def taken_in(app: App, source: Source) -> None:
    """Read a set's own knowledge to the last vector, while nobody else does."""

    async def work(lease: Lease) -> None:
        await app.index.take_in(source, indexing.Wish(checkpoint=lease.check))
        await app.index.complete()

    await (await app.leases()).alone(job_name(source.name), work, wait_s=BY_HAND_WAIT_S)


def _set(settings: Settings, wish: Wish) -> tuple[CaseSet, PublicSet | Company | None]:
    """What is asked, and the set that brings its own knowledge; of a table the team's is asked."""
    own: PublicSet | Company | None = None
    if wish.path is None:
        folder = _folder(settings, wish)
        make_folder(folder)
        own = Company(folder / "company", wish.pages)
        cases = own.cases()
    elif wish.path.is_dir():
        own = PublicSet(wish.path)
        cases = own.cases()
    else:
        cases = read_table(wish.path, is_reader=is_person)
    return (cases.sample(wish.sample) if wish.sample else cases), own


def _folder(settings: Settings, wish: Wish) -> Path:
    """Where a set's own knowledge is kept, so that the next run over it begins at once."""
    name = f"company-{wish.pages}" if wish.path is None else _named(wish.path)
    return settings.home.runs / "sets" / name


def _named(path: Path) -> str:
    """A short name for a folder, another one for each place."""
    return f"set-{sha256(str(path.resolve()).encode()).hexdigest()[:8]}"


async def _opened(
    app: App, cases: CaseSet, wish: Wish
) -> tuple[AsyncIterator[Result], dict[str, Any]]:
    """Who answers, ready to be asked, and the settings that the answers depend on."""
    asker = Asker(wish.author, lambda principals: readers(*principals))
    settings, state = app.settings, await app.index.state()
    if not state.chunks:
        raise NothingKnownError(
            "There is no knowledge yet to ask about.",
            what_to_do="Add some: tertulia source add NAME files --path DIR, tertulia refresh",
        )
    about = {
        "tertulia": version("tertulia"),
        "store": settings.store.store,
        "embedding_model": settings.models.embedding_model,
        "passages": state.chunks,
        "reranker": settings.models.reranker,
        "router": settings.models.router,
        "retrieval_only": wish.retrieval_only,
        "author": wish.author,
    }
    if wish.retrieval_only:
        return asker.searched(cases.cases, await app.retriever()), about
    if wish.file is None:
        assistant = await app.cast.assistant(wish.persona)
    else:
        assistant = await app.cast.trying(wish.persona, wish.file)
    await assistant.start()
    persona = personas.load(wish.persona, settings.home.personas, file=wish.file)
    model = persona.model or await app.default_model()
    about |= {"model": model, "persona": persona.name, "prompt_version": persona.version}
    deadline_s = settings.models.answer_deadline_s
    asker = replace(asker, voice=persona.voice, only_language=persona.only_language)
    return asker.answered(cases.cases, assistant, deadline_s=deadline_s), about


async def _measured(run: Run, results: AsyncIterator[Result], progress: Progress) -> bool:
    """Keep every result as it comes; whether somebody stopped it."""
    is_interrupted = False
    try:
        async for result in results:
            await run.add(result)
            progress(f"{len(run.results)} of {run.about['questions']} asked ...")
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.uncancel() > 0:  # somebody else wants this to end, too
            raise
        is_interrupted = True
    finally:
        if run.results:
            await run.finish()
        else:
            await asyncio.to_thread(rmtree, run.folder, ignore_errors=True)
    return is_interrupted
