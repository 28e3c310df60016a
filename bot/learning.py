"""Learning, wired: what tertulia.toml says of it, who agrees, and the rows that were made."""

import asyncio
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Literal

from bot.channels import spellings
from bot.learning_settings import Learning, learning_of
from knowledge.articles import Audience
from knowledge.candidates import Candidates, StateError, UnknownCandidateError
from knowledge.errors import AskerError, OperatorError
from knowledge.learning_examples import Example, LearningExamples, MadeSet
from knowledge.rated_answers import RatedAnswers
from pipelines.learning.consent import Consents

if TYPE_CHECKING:
    from bot.app import App
    from pipelines.learning.examples import Mined
    from pipelines.learning.redaction import Redactor
    from pipelines.learning.sets import Chosen, Wanted

TERMINAL = "terminal:chat"
"""The name of the terminal, where tertulia.toml speaks of channels."""


class NoSuchExampleError(AskerError):
    """There is no such example, or not for who asks."""


class NothingToLearnError(AskerError):
    """A row says only what was wrong, and not what would be right."""


class SetUnwritableError(OperatorError):
    """A set cannot be written where it was to be."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was forgotten of a person.

    Attributes:
        rows: the ids of the examples of which nothing is left.
        removed: folders of sets whose rows were removed.
        elsewhere: folders where a set was written and is not any more: somebody has moved it.
        to_train_anew: what was trained on one of these rows.
    """

    rows: tuple[str, ...]
    removed: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    to_train_anew: tuple[str, ...] = ()


class Learnt:
    """What an app does to learn."""

    def __init__(self, app: "App") -> None:
        self._app = app

    @property
    def settings(self) -> Learning:
        """What the file says now.

        Raises:
            StructureError: it is written wrong.
        """
        return learning_of(self._app.structure.table("learning"))

    @property
    def sets(self) -> Path:
        """The folder of the sets that are written where nobody names another one."""
        return self._app.settings.home.learning / "sets"

    def place(self, channel: str) -> str:
        """The channel itself where it agrees; empty where it does not, or nobody can tell."""
        with suppress(OperatorError):
            if self._app.channels.of(*spellings(channel)).learns:
                return channel
        return ""

    def is_curator(self, person: str) -> bool:
        """Whether somebody decides about examples."""
        return person in (*self.settings.curators, *self._app.settings.platforms.admins)

    async def kept(self) -> LearningExamples:
        """The rows, consents and sets."""
        return LearningExamples(await self._app.database())

    async def consents(self) -> Consents:
        """Who agrees now."""
        settings, kept = self.settings, await self.kept()
        return Consents(
            admin=settings.consent,
            terms=settings.terms,
            channel=lambda one: bool(self.place(one)),
            people=await kept.consents(),
        )

    async def mine(self) -> "Mined":
        """Make rows of what was rated, and forget those whose question was taken back.

        Raises:
            ExamplesExtraMissingError: what finds personal data is not installed.
        """
        from pipelines.learning.examples import Miner, doubt_opposed

        answers, kept = RatedAnswers(await self._app.database()), await self.kept()
        retriever = await self._app.retriever()
        miner = Miner(
            await self.consents(),
            self.redactor(),
            retriever.passages,
            await answers.first_seen(),
            timedelta(days=self.settings.probation_days),
        )
        mined = await miner.mine(await answers.all(), kept)
        mined.forgotten = await self._forget_taken_back(answers)
        await doubt_opposed(kept, await self._app.embedder())
        return mined

    async def _forget_taken_back(self, answers: RatedAnswers) -> list[str]:
        """Forget the rows whose answer is not kept any longer: somebody has deleted a question."""
        rows = await (await self.kept()).all("waiting", "approved", "rejected")
        named = {one.provenance["answer"]: one.id for one in rows if one.provenance.get("answer")}
        gone = named.keys() - await answers.still(sorted(named))
        return list((await self._forgotten([named[one] for one in gone])).rows)

    async def open_to(self, reader: Audience, *states: str) -> list[Example]:
        """The rows that somebody may read now, with all passages behind them; oldest first."""
        rows = await (await self.kept()).all()
        rows = [one for one in rows if not states or one.state in states]
        rows = [one for one in rows if one.audience.admits(reader)]
        chunks = {name for one in rows for name in _chunks(one)}
        still = await self._app.readable(sorted(chunks), reader)
        return [one for one in rows if _chunks(one) <= still]

    async def named(self, name: str, reader: Audience) -> Example:
        """A row of which somebody may know.

        Raises:
            NoSuchExampleError: there is none, or it is for others.
        """
        wanted = name.strip().upper()
        for one in await self.open_to(reader):
            if one.id == wanted:
                return one
        raise NoSuchExampleError(
            f"There is no example '{wanted[:20]}' for you.",
            what_to_do="Which there are: tertulia learn examples",
        )

    async def decide(
        self,
        example: Example,
        state: Literal["approved", "rejected"],
        curator: str,
        *,
        answer: str = "",
    ) -> Example:
        """Note what a curator decides, and what is to be learnt in their words if they say so.

        Raises:
            NothingToLearnError: people disliked the answer, and nobody has said what is right.
            NoSuchExampleError: it was forgotten meanwhile.
            RedactionError, ExamplesExtraMissingError: personal data cannot be taken out.
        """
        if answer.strip():
            (said,) = self.redactor().redacted([answer]).texts
            given = example.given or example.target
            turns = (*example.messages[:-1], {"role": "assistant", "content": said})
            example = replace(example, messages=turns, given=given)
        if state == "approved" and example.opinion == "down" and not example.is_corrected:
            raise NothingToLearnError(
                f"People disliked the answer of {example.id}, and nobody said what is right.",
                what_to_do=f'Say it: tertulia learn examples approve {example.id} --answer "..."',
            )
        if not await (await self.kept()).decide(example, state, curator):
            raise NoSuchExampleError(
                f"{example.id} was forgotten meanwhile.", what_to_do="Nothing is left of it."
            )
        return replace(example, state=state, curator=curator)

    async def take_in(self, path: Path, form: str, terms: str, curator: str) -> list[str]:
        """Take in rows of a file, for a curator to look at; the ids of the new ones.

        Raises:
            WrongRowsError: a row is wrong; nothing was taken in.
            ExamplesExtraMissingError: what finds personal data is not installed.
        """
        from pipelines.learning.taking_in import taken_in

        redactor = self.redactor()
        found = await asyncio.to_thread(taken_in, path, form, redactor, terms, curator)
        kept = await self.kept()
        return [one.id for one in found if await kept.renew(one)]

    async def give_out(self, wanted: "Wanted", folder: Path | None) -> "tuple[Chosen, MadeSet]":
        """Write a set to learn from.

        Raises:
            SetUnwritableError: the folder cannot be written.
        """
        from pipelines.learning.sets import chosen, written

        found = await chosen(
            await self.open_to(wanted.audience),
            wanted,
            consents=await self.consents(),
            embedder=await self._app.embedder(),
        )
        kept = await self.kept()
        await kept.assign(found.sides)
        try:
            made = await asyncio.to_thread(written, found, wanted, folder, self.sets)
        except OSError as error:
            raise SetUnwritableError(
                f"{folder or self.sets}: {error.strerror}.", what_to_do="Name another folder."
            ) from error
        await kept.add_set(made)
        return found, made

    async def agree(self, person: str) -> None:
        """Somebody agrees that something is learnt from what they write and rate from now on."""
        await (await self.kept()).agree(person)

    async def disagree(self, person: str) -> Forgotten:
        """Somebody does not agree (any longer): what came from them is forgotten at once."""
        kept = await self.kept()
        await kept.disagree(person)
        return await self._forgotten([one.id for one in await kept.of_person(person)])

    async def _forgotten(self, names: Sequence[str]) -> Forgotten:
        """Forget rows, and remove them from the sets that were written."""
        from pipelines.learning.sets import taken_back

        kept = await self.kept()
        removed: list[str] = []
        elsewhere: list[str] = []
        trained: list[str] = []
        # The rows go last: who is stopped before that finds them again.
        for made in await kept.holding(names):
            is_there = await asyncio.to_thread(taken_back, made)
            (removed if is_there else elsewhere).append(made.folder)
            trained += made.made_of_it
        for name in dict.fromkeys(trained):
            await self.take_out(name, names)
        return Forgotten(
            tuple(sorted(await kept.forget(names))),
            tuple(dict.fromkeys(removed)),
            tuple(dict.fromkeys(elsewhere)),
            tuple(dict.fromkeys(trained)),
        )

    async def take_out(self, name: str, rows: Collection[str]) -> None:
        """Remove the files of a candidate in which one of these rows stands word for word."""
        candidates = Candidates(await self._app.database())
        with suppress(UnknownCandidateError, StateError):
            one = await candidates.one(name)
            shown = one.about.get("rows")
            if not isinstance(shown, list) or not set(shown) & set(rows):
                return
            for folder in {Path(file).parent for file in one.files}:
                await asyncio.to_thread(rmtree, folder, ignore_errors=True)
            why = {"by": "forget", "reason": "a row that stands in it was forgotten"}
            if one.state == "champion":
                await candidates.roll_back(one.place, **why, to="quarantined")
            else:
                await candidates.move(name, "quarantined", **why)

    def redactor(self) -> "Redactor":
        """What takes personal data out.

        Raises:
            ExamplesExtraMissingError: what finds it is not installed.
        """
        from pipelines.learning.redaction import Redactor

        return Redactor(self.settings.known_words)


def _chunks(example: Example) -> set[str]:
    """The passages that a row rests on."""
    return {one["chunk"] for one in example.provenance.get("passages", ())}
