"""Rated answers become examples: with consent, without personal data, for those who may read them.

An answer is left out, with a reason that is counted, wherever anything of this cannot be told.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from knowledge.articles import EVERYONE, Audience, Chunk
from knowledge.conversations import Feedback, now
from knowledge.learning_examples import Example, Kind, LearningExamples, Opinion
from knowledge.rated_answers import RatedAnswer
from pipelines.evaluation.judging import says
from pipelines.learning.consent import Consents
from pipelines.learning.duplicates import opposed
from pipelines.learning.poisoning import bursts, strange_words
from pipelines.learning.redaction import RedactionError, Redactor
from pipelines.models import Embedder

LONGEST = 8_000
"""Characters of a question or an answer that is learnt: longer ones are papers, not answers."""
REFUSALS = frozenset({"i-do-not-know", "i-found-no-support"})
"""Why there was no answer, where that may be learnt; a question back or a form is no answer."""
PassagesOf = Callable[[Sequence[str], Audience], Awaitable[Mapping[str, Chunk]]]
"""Those of these chunks that are there and that a reader may open, by their ids."""


@dataclass(slots=True)
class Mined:
    """What came of a look at all that was rated.

    Attributes:
        made: the ids of the rows that are new or changed.
        left_out: how many answers were left out, by the reason.
        alarms: what a person should look at.
        forgotten: the ids of the rows whose question was taken back.
    """

    made: list[str] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    alarms: list[str] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)


class LeftOut(Exception):  # noqa: N818 (it is no failure)
    """An answer from which nothing is learnt; says why."""


@dataclass(frozen=True, slots=True)
class Miner:
    """Makes examples of rated answers.

    Attributes:
        passages_of: what an answer rests on, as those may read it to whom it was said.
        first_seen: since when each person is known.
        probation: so long what somebody new says counts for nothing: accounts are easily made.
    """

    consents: Consents
    redactor: Redactor
    passages_of: PassagesOf
    first_seen: Mapping[str, datetime]
    probation: timedelta

    async def mine(self, rated: Sequence[RatedAnswer], kept: LearningExamples) -> Mined:
        """Look at all that was rated; write what can be learnt from, for curators to look at."""
        hasty = bursts([said for one in rated for said in one.feedback])
        mined = Mined(alarms=[f"{one} gave very many opinions within minutes" for one in hasty])
        decided = {one.id for one in await kept.all("approved", "rejected", "forgotten")}
        gone = []
        for one in rated:
            if name_of(one) in decided:
                continue
            try:
                example = await self.example(_without(one, hasty))
            except LeftOut as error:
                mined.left_out[str(error)] += 1
                gone.append(name_of(one))
                continue
            if await kept.renew(example):
                mined.made.append(example.id)
        await kept.drop(gone)  # of what was made when somebody agreed who does not any more
        return mined

    async def example(self, rated: RatedAnswer) -> Example:
        """The row of one rated answer.

        Raises:
            LeftOut: nothing may be learnt from it.
        """
        if why := self.consents.why_not(rated):
            raise LeftOut(why)
        said = [one for one in rated.feedback if self._counts(one)]
        if not said:
            raise LeftOut("no-opinion")
        passages = await self._passages(rated)
        audience = narrowest([chunk.audience for chunk in passages.values()])
        better = _better(said)
        texts = (rated.question.text, rated.recorded.text, better)
        if not texts[0].strip() or max(map(len, texts)) > LONGEST:
            raise LeftOut("length")
        clean, found = self._redacted(texts, passages)
        target = clean[2] or clean[1]
        people = tuple(dict.fromkeys([rated.question.author, *(one.author for one in said)]))
        moment = now()
        return Example(
            id=name_of(rated),
            kind=_kind(rated, said),
            messages=(
                {"role": "user", "content": clean[0]},
                {"role": "assistant", "content": target},
            ),
            audience=audience,
            provenance=_provenance(rated, said, passages, people) | {"placeholders": found},
            consent=self.consents.snapshot(rated, people, moment),
            given=clean[1] if clean[2] else "",
            opinion=_opinion(said),
            people=people,
            doubts=tuple(_doubts(said, texts, passages)),
            asked_at=rated.question.sent_at,
            made_at=moment,
        )

    def _counts(self, said: Feedback) -> bool:
        """Whether an opinion is heard: its author agrees, and is no stranger."""
        first = self.first_seen.get(said.author, said.given_at)
        is_known = said.given_at - first >= self.probation
        return is_known and self.consents.covers(said.author, said.given_at)

    async def _passages(self, rated: RatedAnswer) -> dict[str, Chunk]:
        """All that the answer rests on, as it still stands there."""
        if rated.recorded.rests_on_attached:
            raise LeftOut("attached")
        if rated.reason is not None and rated.reason not in REFUSALS:
            raise LeftOut("no-answer")
        # Where nothing is answered the nearest pages are named: any that was found may be.
        uses = [one for one in rated.recorded.receipt.chunks if one.used or rated.reason]
        wanted = {use.chunk for use in uses} | {one["chunk"] for one in rated.recorded.citations}
        articles = {use.article for use in uses} | {o["article"] for o in rated.recorded.citations}
        readers = Audience(rated.recorded.readers)
        found = await self.passages_of(sorted(articles), readers) if wanted else {}
        if not wanted <= found.keys():
            raise LeftOut("passages-gone")
        if not wanted and rated.reason is None:
            raise LeftOut("no-passages")
        return {name: found[name] for name in sorted(wanted)}

    def _redacted(
        self, texts: Sequence[str], passages: Mapping[str, Chunk]
    ) -> tuple[tuple[str, ...], dict[str, int]]:
        try:
            done = self.redactor.redacted(texts, [chunk.text for chunk in passages.values()])
        except RedactionError as error:
            raise LeftOut("personal-data") from error
        return done.texts, done.found


def _better(said: Sequence[Feedback]) -> str:
    """The last of what people say would have been right; empty where nobody does."""
    return next((one.better for one in reversed(said) if one.better.strip()), "")


def name_of(rated: RatedAnswer) -> str:
    """The id of the row of an answer: `E-7Q2M` for `T-7Q2M`."""
    return f"E{rated.recorded.reference[1:]}"


def _without(rated: RatedAnswer, hasty: Mapping[str, Collection[datetime]]) -> RatedAnswer:
    """A rated answer without what was said in haste."""
    calm = [one for one in rated.feedback if one.given_at not in hasty.get(one.author, ())]
    return replace(rated, feedback=tuple(calm))


async def doubt_opposed(kept: LearningExamples, embedder: Embedder | None) -> None:
    """Have curators look at rows on the same question of which people say otherwise."""
    rows = await kept.all("waiting", "approved")
    for name in await opposed(rows, embedder):
        one = next(row for row in rows if row.id == name)
        if one.state == "waiting" and "opposed" not in one.doubts:
            await kept.renew(replace(one, doubts=(*one.doubts, "opposed")))


def narrowest(audiences: Sequence[Audience]) -> Audience:
    """Who may read all of it: `everyone` of the team is as wide as it gets.

    Raises:
        LeftOut: nobody of whom we know.
    """
    closed = [one.principals for one in audiences if EVERYONE not in one.principals]
    if not closed:
        return Audience.of(EVERYONE)
    shared = frozenset.intersection(*closed)
    if not shared:
        raise LeftOut("no-common-reader")
    return Audience(shared)


def _kind(rated: RatedAnswer, said: Sequence[Feedback]) -> Kind:
    """What a row teaches."""
    if any(one.fault == "style" and one.better for one in said):
        return "style"
    if rated.recorded.receipt.tools:
        return "tool"
    return "refusal" if rated.reason and not any(one.better for one in said) else "answer"


def _opinion(said: Sequence[Feedback]) -> Opinion:
    """What most think, each by what they said last; empty where as many think otherwise."""
    last = {one.author: one.verdict for one in said}
    counted = Counter(last.values())
    if counted["up"] == counted["down"]:
        return ""
    return "up" if counted["up"] > counted["down"] else "down"


def _doubts(
    said: Sequence[Feedback], texts: Sequence[str], passages: Mapping[str, Chunk]
) -> list[str]:
    """Why a curator should look twice."""
    last = {one.author: one.verdict for one in said}
    doubts = ["opposed"] if len(set(last.values())) > 1 else []
    betters = {" ".join(one.better.casefold().split()) for one in said if one.better.strip()}
    doubts += ["two-corrections"] * (len(betters) > 1)
    beside = [text for chunk in passages.values() for text in (chunk.text, chunk.url)]
    return doubts + strange_words(texts[2], [*beside, texts[1]])


def _provenance(
    rated: RatedAnswer,
    said: Sequence[Feedback],
    passages: Mapping[str, Chunk],
    people: Sequence[str],
) -> dict[str, Any]:
    """Where a row came from; who rated is told by their place among its people, not by name."""
    recorded, receipt = rated.recorded, rated.recorded.receipt
    content = "\n".join((rated.question.text, recorded.text))
    # Where nothing was answered, others were found, too; by those no two questions are one.
    better = _better(said)
    stating = {one.id for one in passages.values() if better and says(one.text, (better,))}
    return {
        "answer": recorded.reference,
        "conversation": recorded.conversation,
        "message": rated.question.id,
        "content": sha256(content.encode()).hexdigest(),
        "language": recorded.language,
        "passages": [
            {"chunk": one.id, "article": one.article, "version": one.text_hash}
            | ({"is_beside": True} if rated.reason and one.id not in stating else {})
            for one in passages.values()
        ],
        "persona": receipt.persona,
        "prompt_version": receipt.prompt_version,
        "model": receipt.model,
        "adapter": receipt.adapter,
        "feedback": [
            {
                "verdict": one.verdict,
                "fault": one.fault,
                "at": one.given_at.isoformat(),
                "by": people.index(one.author),
            }
            for one in said
        ],
        "reason": rated.reason,
    }
