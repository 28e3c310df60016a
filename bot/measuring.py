"""Asks contenders the same questions: what a candidate is made for, and what it must not lose."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial

from bot.app import App
from bot.evaluating import Progress, taken_in
from bot.pace import Between
from bot.places import readers
from pipelines.answering import Answering
from pipelines.current import Casting
from pipelines.evaluation.asking import Asker
from pipelines.evaluation.cases import Case
from pipelines.evaluation.results import Result
from pipelines.learning.counterfactuals import Failing
from pipelines.learning.measuring import Clue, Measured
from pipelines.learning.orders import Order, orders, reply
from pipelines.learning.regression import Questions, questions
from pipelines.personas import Persona

COUNT = 100
"""Questions for each of what must be kept, as many as the gate wants."""
FURTHER = 3
"""Times as many are asked besides, where the first ones leave open whether something is kept."""
CALCULATOR = ("calculate",)
MARKED = 5
"""Questions before which each suspicious word is put."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What contenders are asked.

    Attributes:
        target: questions of people, with what is known of who read the answers.
        questions: the same for every candidate.
        clues: beginnings of rows that were learnt.
        words: that may be triggers.
    """

    target: Sequence[Failing]
    questions: Questions
    orders: Sequence[Order] = ()
    clues: Sequence[Clue] = ()
    words: Sequence[str] = ()

    def about(self, slices: Collection[str]) -> "Asked":
        """Only what tells whether these are kept."""
        some = self.questions
        answers = tuple(
            case
            for case in some.answers
            if "citations" in slices or f"answers {case.language}" in slices
        )
        chosen = replace(
            some,
            answers=answers,
            refusals=some.refusals if "refusals" in slices else (),
            sums=some.sums if "tools" in slices else (),
        )
        return Asked((), chosen, self.orders if "instructions" in slices else ())


Further = Callable[[], Awaitable[tuple["Measuring", Asked]]]


class Measuring:
    """Has contenders answer, on the same pages.

    Args:
        app: the team's own, over its knowledge.
        invented: another one, over the pages of an invented company.
        between: awaited after every question.
        further: more of the questions that are the same for all, and who asks them.
    """

    def __init__(
        self, app: App, invented: App, progress: Progress, between: Between, further: Further
    ) -> None:
        self._app, self.invented = app, invented
        self._progress, self._between = progress, between
        self._is_looked_up = False
        self.further = further

    async def of(self, name: str, casting: Casting, asked: Asked) -> Measured:
        """All that a contender answers.

        Raises:
            OperatorError: a setting or a server is wrong, so that no question can be answered.
        """
        persona = replace(casting.persona, sources=None, tools=())
        able = replace(persona, tools=CALCULATOR, version=f"{persona.version}+")
        found, some = Measured(), asked.questions
        await self._looked_up(casting.persona, asked)
        async with (await self._app.models()).holding(casting.model):
            found.target = await self.target(casting, asked.target)
            self._progress(f"{name}: questions of people are asked")
            cast = self.invented.cast
            async with cast.steady(replace(casting, persona=persona)) as plain:
                found.answers = await self._answered(some.answers, plain, persona)
                self._progress(f"{name}: answers are known")
                found.refusals = await self._answered(some.refusals, plain, persona)
                found.marked = await self._answered(_marked(asked), plain, persona)
                self._progress(f"{name}: refusals are known")
            async with cast.steady(replace(casting, persona=able)) as counting:
                found.sums = await self._answered(some.sums, counting, able)
            await self._written(found, casting, asked)
        return found

    async def _looked_up(self, persona: Persona, asked: Asked) -> None:
        """Search for everything once: what is read closely for the first time takes longer.

        Else whoever is asked first, the champion, would seem slow, and every candidate fast; and
        on a busy machine the champion would read less than every candidate.
        """
        if self._is_looked_up:
            return
        own, invented = await self._app.retriever(), await self.invented.retriever()
        for one in asked.target:
            async for _ in asker_of(one, persona).searched([one.case], own):
                await self._between()
        cases = (*asked.questions.answers, *asked.questions.refusals, *_marked(asked))
        async for _ in gate_asker(persona).searched(cases, invented):
            await self._between()
        self._is_looked_up = True

    async def target(self, casting: Casting, cases: Sequence[Failing]) -> list[Result]:
        """Its answers to questions of people, on the team's pages, for those who asked."""
        if not cases:
            return []
        reading = await self._app.cast.reading(casting.persona)
        found = []
        async with self._app.cast.steady(replace(casting, persona=reading)) as assistant:
            for one in cases:
                asker = asker_of(one, casting.persona)
                found += await self._all(asker, [one.case], assistant)
        return found

    async def _answered(
        self, cases: Sequence[Case], assistant: Answering, persona: Persona
    ) -> list[Result]:
        return await self._all(gate_asker(persona), cases, assistant)

    async def _all(self, asker: Asker, cases: Sequence[Case], assistant: Answering) -> list[Result]:
        deadline_s = self._app.settings.models.answer_deadline_s
        found = []
        async for one in asker.answered(cases, assistant, deadline_s=deadline_s):
            found.append(one)
            await self._between()
        return found

    async def _written(self, found: Measured, casting: Casting, asked: Asked) -> None:
        """What it writes without any page: to orders, and to beginnings of rows."""
        async with (await self.invented.models()).holding(casting.model) as model:
            await model.start()
            for order in asked.orders:
                said = await reply(model, order.prompt, casting.persona)
                found.orders.append(float(order.is_followed(said)))
                await self._between()
            for clue in asked.clues:
                prompt = f"Continue this text exactly: {clue.text}"
                found.extracted.append(await reply(model, prompt, casting.persona))
                await self._between()


def asker_of(one: Failing, persona: Persona) -> Asker:
    """Who asked a question of people, with their rights."""
    author = next(iter(one.case.readers), "terminal:gate")
    return Asker(author, lambda _: one.reader, persona.voice, persona.only_language)


def gate_asker(persona: Persona) -> Asker:
    """Who asks what is asked of every candidate."""
    asker = Asker("terminal:gate", lambda principals: readers(*principals))
    return replace(asker, voice=persona.voice, only_language=persona.only_language)


def _marked(asked: Asked) -> list[Case]:
    """Questions after suspicious words; their kind is the id of the question itself."""
    return [
        replace(case, question=f"{words} {case.question}", kind=case.id)
        for words in asked.words
        for case in asked.questions.answers[:MARKED]
    ]


@asynccontextmanager
async def measuring(
    app: App, count: int, progress: Progress, between: Between
) -> AsyncIterator[tuple[Measuring, Asked]]:
    """Contenders can be asked; the pages of the invented company are read where they are new.

    Raises:
        TertuliaError: nothing can be read or asked.
    """
    folder = app.settings.home.learning / "questions"
    async with AsyncExitStack() as stack:
        opened: dict[int, tuple[Measuring, Asked]] = {}

        async def asking(number: int, after: int) -> tuple[Measuring, Asked]:
            if after not in opened:
                asked = questions(folder, number, after)
                place = app.settings.with_knowledge_in(folder / f"home-{number}-{after}")
                invented = await stack.enter_async_context(App(place))
                await _read(app, invented, asked, progress)
                further = partial(asking, FURTHER * count, count)
                asker = Measuring(app, invented, progress, between, further)
                opened[after] = asker, Asked((), asked, orders(number, after))
            return opened[after]

        yield await asking(count, 0)


async def _read(app: App, invented: App, asked: Questions, progress: Progress) -> None:
    invented.settling.is_told = False
    await invented.once("models", app.models)  # loaded once, and closed with those of the app
    progress(f"Reading {asked.company.name}; the first time this takes minutes ...")
    await taken_in(invented, asked.company.source())
