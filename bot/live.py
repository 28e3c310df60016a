"""What was learnt and serves now: asked for with every question, so that nothing is restarted.

A champion counts only where it was measured: over the version of the persona, or the model, in
whose place it came. Whoever edits the persona or sets another model has the last word, and the
champion waits.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from knowledge.candidate import TRIALS, Candidate, State
from knowledge.candidates import Candidates, StateError
from knowledge.errors import OperatorError, TertuliaError
from knowledge.hashing import sha256_of
from pipelines import personas, routing
from pipelines.current import MODEL, ROUTER, SEARCH, Casting
from pipelines.personas import Persona

if TYPE_CHECKING:
    from bot.app import App

PROMPT = "prompt"
IN_PLACE_OF = "in_place_of"
ALARM = "alarm"
"""Who takes back what may not serve."""
OFF = "off"
"""The setting of who wants no router, whatever was learnt."""
SERVING: tuple[State, ...] = ("canary", "champion")
Load = Callable[[Path | None], Persona]
log = structlog.get_logger(__name__)


class ChangedFileError(OperatorError):
    """A file of a candidate is not the one that passed the gate."""


def prompt_place(persona: str) -> str:
    """The place of a persona's prompt."""
    return f"{PROMPT}:{persona}"


def persona_of(place: str) -> str:
    """The persona whose prompt a place is; empty for other places."""
    kind, _, persona = place.partition(":")
    return persona if kind == PROMPT else ""


class Champions:
    """Who serves where, as long as it was made for what there is now and its files are its own.

    Args:
        tried: the names of those on trial that count before the champion, each in its place.
    """

    def __init__(
        self, candidates: Callable[[], Awaitable[Candidates]], tried: Collection[str] = ()
    ) -> None:
        self._candidates = candidates
        self._tried = tried
        self._intact: dict[str, tuple[tuple[int, int], ...]] = {}

    async def of(self, place: str, in_place_of: str) -> Candidate | None:
        """The one that serves there; None where what there was before does."""
        candidates = await self._candidates()
        able = await candidates.being(*TRIALS) if self._tried else []
        able = [one for one in able if one.place == place and one.name in self._tried]
        if champion := await candidates.champion(place):
            able.append(champion)
        for one in able:
            if is_for(one, in_place_of) and await self._is_intact(one):
                return one
        return None

    async def _is_intact(self, one: Candidate) -> bool:
        """Whether it is what passed the gate; else it is taken back."""
        try:
            await asyncio.to_thread(self._check, one)
        except ChangedFileError as error:
            await take_back(await self._candidates(), one, str(error))
            return False
        return True

    def _check(self, champion: Candidate) -> None:
        """Its files as they were when it passed; read again only where they were written to."""
        seen = tuple(_written(Path(file)) for file in champion.files)
        if self._intact.get(champion.name) != seen:
            check_files(champion)
            self._intact[champion.name] = seen


class Live:
    """Who answers at this moment.

    Args:
        load: the persona that is asked for, from its own file or from another one.
        may_be_tuned: whether a learnt prompt may take the place of the file.
        tried: candidates on trial that count before champions.
    """

    def __init__(
        self, app: "App", load: Load, *, may_be_tuned: bool = True, tried: Collection[str] = ()
    ) -> None:
        self._app = app
        self._load = load
        self._may_be_tuned = may_be_tuned
        self._champions = Champions(self._candidates, tried)

    async def now(self) -> Casting:
        """The persona and the model that answer the next question.

        Raises:
            TertuliaError: the persona's own file cannot be used.
        """
        persona = await asyncio.to_thread(self._load, None)
        default = await self._app.default_model()
        casting = Casting(persona, persona.model or default)
        if self._may_be_tuned:
            casting = await self._with_prompt(casting)
        if not casting.persona.model:
            casting = await self._with_model(casting, default)
        return await self._with_router(casting) if casting.persona.tools else casting

    async def give_up(self, casting: Casting, error: TertuliaError) -> bool:
        """Take back what was learnt and cannot serve; False where nothing of it was learnt.

        What somebody else did in the meantime counts.
        """
        # A router was read already, and is no reason for anything that fails later.
        learnt = [name for place, name in casting.learnt.items() if place != ROUTER]
        if not learnt or not isinstance(error, OperatorError):
            return False
        candidates = await self._candidates()
        for name in learnt:
            one = await candidates.one(name)
            if one.state in SERVING:
                await take_back(candidates, one, str(error))
        return True

    async def _candidates(self) -> Candidates:
        return Candidates(await self._app.database())

    async def _with_prompt(self, casting: Casting) -> Casting:
        place = prompt_place(casting.persona.name)
        champion = await self._champions.of(place, casting.persona.version)
        if champion is None:
            return casting
        try:
            tuned = await asyncio.to_thread(self._load, Path(champion.serves))
        except OperatorError as error:
            await take_back(await self._candidates(), champion, str(error))
            return casting
        return Casting(tuned, tuned.model or casting.model, {place: champion.name})

    async def _with_model(self, casting: Casting, default: str) -> Casting:
        champion = await self._champions.of(MODEL, default)
        if champion is None:
            return casting
        learnt = {**casting.learnt, MODEL: champion.name}
        return replace(casting, model=champion.serves, learnt=learnt)

    async def _with_router(self, casting: Casting) -> Casting:
        """The router was learnt with the usual model: what that cannot answer, another one may."""
        usual = usual_router(self._app)
        if self._app.settings.models.router == OFF or casting.persona.model:
            return replace(casting, router=usual)
        champion = await self._champions.of(ROUTER, await in_place_now(self._app, ROUTER))
        if champion is None:
            return replace(casting, router=usual)
        try:
            weights = await asyncio.to_thread(routing.load, Path(champion.serves))
        except routing.WeightsError as error:
            await take_back(await self._candidates(), champion, str(error))
            return await self._with_router(casting)
        learnt = {**casting.learnt, ROUTER: champion.name}
        return replace(casting, router=weights, learnt=learnt)


def usual_router(app: "App") -> routing.Weights | None:
    """What tells what a question needs before anything was learnt: the weights that ship, or none.

    Raises:
        WeightsError: they cannot be read.
    """
    return routing.load() if app.settings.models.router == "learned" else None


async def in_place_now(app: "App", place: str) -> str:
    """What there is in a place before anything learnt: a version of a persona, a model, vectors.

    Empty where there is no such persona, or nobody can read it.
    """
    if place == MODEL:
        return await app.default_model()
    if place == SEARCH:
        return app.settings.models.embedding_model
    if place == ROUTER:
        return f"{app.settings.models.embedding_model}, {await app.default_model()}"
    try:
        name = persona_of(place)
        return (await asyncio.to_thread(personas.load, name, app.settings.home.personas)).version
    except OperatorError:
        return ""


async def take_back(candidates: Candidates, one: Candidate, reason: str) -> None:
    """Have who served before serve again, where this one does: it may not."""
    log.error("what was learnt may not serve", candidate=one.name, error=reason)
    try:
        if one.state == "champion":
            await candidates.roll_back(one.place, by=ALARM, reason=reason, to="quarantined")
        else:
            await candidates.move(one.name, "quarantined", by=ALARM, reason=reason)
    except StateError as late:  # another process was quicker
        log.info("was taken back already", candidate=one.name, error=str(late))


def is_for(candidate: Candidate, in_place: str) -> bool:
    """Whether a candidate was learnt for what there is now."""
    return bool(candidate.about.get(IN_PLACE_OF) == in_place)


def check_files(candidate: Candidate) -> None:
    """Whether the files of a candidate are those that passed the gate.

    Raises:
        ChangedFileError: one is not, or is gone.
    """
    for file, sha256 in candidate.files.items():
        try:
            found = sha256_of(Path(file))
        except OSError as error:
            raise _changed(candidate, file, f"cannot be read: {error.strerror}") from error
        if found != sha256:
            raise _changed(candidate, file, "was changed since it passed the gate")


def _changed(candidate: Candidate, file: str, how: str) -> ChangedFileError:
    return ChangedFileError(
        f"{file}, of {candidate.name}, {how}.",
        what_to_do="Find out who did that. It is learnt anew with: tertulia learn run",
    )


def _written(file: Path) -> tuple[int, int]:
    try:
        found = file.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size
