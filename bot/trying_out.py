"""Candidates on trial, looked after: asked in shadow, brought on, and taken back where they harm.

In shadow a candidate answers at night what people asked that day, and nobody sees it; then it
answers a tenth of the channels as a canary; then everybody. At each step, and for as long as it
serves, people must not fare worse with it than without.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.alarms import Alarm, Alarms, sound
from bot.jobs import Shift
from bot.live import persona_of, take_back
from knowledge.articles import Audience
from knowledge.candidate import TRIALS as TRIED
from knowledge.candidate import Candidate
from knowledge.candidates import Candidates
from knowledge.rated_answers import RatedAnswer, RatedAnswers
from knowledge.shadow_answers import ShadowAnswer, ShadowAnswers
from pipelines.answering import Answering
from pipelines.evaluation.asking import Asker
from pipelines.evaluation.cases import Case, Said
from pipelines.learning.registry import NotAllowedError, Registry
from pipelines.learning.watching import FEWEST, Heard, alarms, heard

if TYPE_CHECKING:
    from bot.app import App

TRIALS, WATCH = "learn:trials", "learn:watch"
TRIALS_NIGHTLY, OFTEN = "45 4 * * *", "every 10 minutes"
MOST_A_NIGHT = 50
"""Questions that are asked once more; each takes as long as an answer."""
MOST_COMPARED = 400
WAITS = "waits_for_a_person"


class Trial:
    """Looks after candidates that serve, or that are to."""

    def __init__(self, app: "App", alarms: Alarms) -> None:
        self._app, self._alarms = app, alarms

    async def watch(self, shift: Shift) -> str:
        """Take back what people fare worse with; what there is to say about it."""
        candidates = await self._candidates()
        gone = []
        for one in await candidates.being("canary", "champion"):
            await shift.checkpoint()
            now, usual = await self._met(one)
            if await self._taken_back(candidates, one, now, usual):
                gone.append(one.name)
        return f"taken back: {', '.join(gone)}" if gone else "nothing to say"

    async def bring_on(self, shift: Shift) -> str:
        """Ask those in shadow what people asked, and bring on who has done well."""
        candidates = await self._candidates()
        kept = ShadowAnswers(await self._app.database())
        await kept.forget_gone([one.name for one in await candidates.being(*TRIED)])
        said = []
        for one in await candidates.being("canary"):
            now, usual = await self._met(one)
            if await self._taken_back(candidates, one, now, usual):
                said.append(f"{one.name} was taken back")
            elif len(now.refused) >= FEWEST:
                said.append(await self._on(candidates, one))
            else:
                said.append(f"{one.name} has answered {len(now.refused)} of {FEWEST} questions")
        for one in await candidates.being("shadow"):
            await self._ask(one, kept, shift)
            said.append(await self._after_shadow(candidates, one, kept))
        return "; ".join(said) or "nothing is tried"

    async def _met(self, one: Candidate) -> tuple[Heard, Heard]:
        """What people met with it since it serves, and what others did, or the same before."""
        answers, candidates = RatedAnswers(await self._app.database()), await self._candidates()
        since = (await candidates.changes(one.name))[-1].at
        after = await answers.latest(MOST_COMPARED, since=since)
        before = await answers.latest(MOST_COMPARED, before=since)
        with_it = [a for a in after if a.recorded.receipt.learnt.get(one.place) == one.name]
        without = [a for a in [*before, *after] if one.name not in _learnt(a)]
        return heard(with_it), heard(_of_persona(one, without))

    async def _ask(self, one: Candidate, kept: ShadowAnswers, shift: Shift) -> None:
        """Have it answer what people who agree have asked since it is in shadow."""
        known = {said.reference for said in await kept.of(one.name)}
        if len(known) >= FEWEST:  # it waits for a person
            return
        answers = RatedAnswers(await self._app.database())
        since = (await (await self._candidates()).changes(one.name))[-1].at
        consents = await self._app.learning.consents()
        fresh = [a for a in await answers.latest(MOST_A_NIGHT, since=since)
                 if a.recorded.reference not in known and not consents.why_not(a)]  # fmt: skip
        asked: dict[str, list[RatedAnswer]] = {}
        for answer in _of_persona(one, fresh):
            asked.setdefault(answer.recorded.receipt.persona, []).append(answer)
        for persona, some in asked.items():
            cast = self._app.cast
            casting = await cast.casting(persona, tried=[one.name])
            # Nobody reads it, so no tool may change anything.
            casting = replace(casting, persona=await cast.reading(casting.persona))
            async with cast.steady(casting, [one.name]) as assistant:
                for answer in some:
                    await shift.checkpoint()
                    await kept.add(await self._answer(one, assistant, answer))

    async def _answer(
        self, one: Candidate, assistant: Answering, rated: RatedAnswer
    ) -> ShadowAnswer:
        """What it says to a question, to nobody."""
        before = await RatedAnswers(await self._app.database()).before(rated)
        said = tuple(Said(text, is_ours) for text, is_ours in before)
        case = Case(question=rated.question.text, before=said)
        asker = Asker(rated.question.author, lambda _: Audience(rated.recorded.readers))
        deadline_s = self._app.settings.models.answer_deadline_s
        (found,) = [r async for r in asker.answered([case], assistant, deadline_s=deadline_s)]
        return ShadowAnswer(
            one.name,
            rated.recorded.reference,
            rated.question.id,
            found.answer,
            found.reason or found.error or None,
            found.scores["seconds"],
        )

    async def _after_shadow(
        self, candidates: Candidates, one: Candidate, kept: ShadowAnswers
    ) -> str:
        """What becomes of one that was asked in shadow."""
        unseen, seen = Heard(), Heard()
        answers = RatedAnswers(await self._app.database())
        for said in await kept.of(one.name):
            if rated := await answers.one(said.reference):
                unseen.add(said.reason, said.seconds)
                seen.add(rated.reason, rated.recorded.receipt.timings_s.get("total", 0.0))
        if await self._taken_back(candidates, one, unseen, seen):
            return f"{one.name} was taken back"
        if len(unseen.refused) < FEWEST:
            return f"{one.name} has answered {len(unseen.refused)} of {FEWEST} questions in shadow"
        return await self._on(candidates, one)

    async def _on(self, candidates: Candidates, one: Candidate) -> str:
        """The next step of its trial, where it needs no person."""
        registry = Registry(candidates)
        try:
            if one.state == "shadow":
                await registry.try_out(one.name, "canary", by=TRIALS, is_person=False)
                return f"{one.name} answers a tenth of the channels from now on"
            await registry.promote(one.name, by=TRIALS, is_person=False)
        except NotAllowedError as error:
            if WAITS not in one.about:
                await candidates.describe(one.name, {WAITS: datetime.now(UTC).isoformat()})
                await sound(Alarm(TRIALS, f"{error} {error.what_to_do}"), self._alarms)
            return str(error)
        return f"{one.name} serves now"

    async def _taken_back(
        self, candidates: Candidates, one: Candidate, now: Heard, usual: Heard
    ) -> bool:
        if not (why := alarms(now, usual)):
            return False
        reason = "; ".join(why)
        await take_back(candidates, one, reason)
        await sound(Alarm(WATCH, f"{one.name} was taken back: {reason}."), self._alarms)
        return True

    async def _candidates(self) -> Candidates:
        return Candidates(await self._app.database())


def _learnt(one: RatedAnswer) -> Sequence[str]:
    return list(one.recorded.receipt.learnt.values())


def _of_persona(one: Candidate, answers: Sequence[RatedAnswer]) -> list[RatedAnswer]:
    """Answers that it could have given: a prompt is that of one persona."""
    persona = persona_of(one.place)
    return [a for a in answers if not persona or a.recorded.receipt.persona == persona]
