"""`/learn` in every chat: people agree or do not, and curators look at what waits for them."""

from collections.abc import Collection
from dataclasses import dataclass

from bot.learning import Learnt, NoSuchExampleError, NothingToLearnError
from bot.learning_text import short
from bot.wording import say
from knowledge.articles import Audience
from knowledge.errors import OperatorError
from knowledge.learning_examples import Example

MOST_SHOWN = 10
CURATING = ("examples", "show", "approve", "reject")


@dataclass(frozen=True, slots=True)
class Learner:
    """Whoever uses the command.

    Attributes:
        name: by which their questions are written down.
        names: by which `tertulia.toml` may name them.
        rights: what they may read.
    """

    name: str
    names: Collection[str]
    rights: Audience


async def learn(learnt: Learnt, who: Learner, text: str, language: str) -> str:
    """Do what somebody asks for, and what they are told."""
    word, _, rest = text.strip().partition(" ")
    word = word.casefold()
    if word in ("on", "off"):
        return await _choose(learnt, who, language, is_on=word == "on")
    if word not in CURATING:
        return await _standing(learnt, who, language)
    if not any(map(learnt.is_curator, who.names)):
        return say("learn-curators-only", language)
    return await _curated(learnt, who, word, rest, language)


async def _curated(learnt: Learnt, who: Learner, word: str, rest: str, language: str) -> str:
    """Do what a curator asks for."""
    if word == "examples":
        return await _waiting(learnt, who, language)
    name, _, answer = rest.strip().partition(" ")
    try:
        found = await learnt.named(name, who.rights)
        if word == "show":
            return _shown(found, language)
        return await _decided(learnt, found, who, word, answer, language)
    except NoSuchExampleError:
        return say("learn-no-such", language, name=name[:20])
    except NothingToLearnError:
        return say("learn-say-better", language, name=found.id)


async def _choose(learnt: Learnt, who: Learner, language: str, *, is_on: bool) -> str:
    if is_on:
        await learnt.agree(who.name)
        return say("learn-on", language)
    forgotten = await learnt.disagree(who.name)
    return say("learn-off", language, count=len(forgotten.rows))


async def _standing(learnt: Learnt, who: Learner, language: str) -> str:
    """How it stands with somebody, and what they can say."""
    try:
        consents = await learnt.consents()
    except OperatorError:  # tertulia.toml is written wrong: nothing is learnt meanwhile
        return say("learn-not-here", language)
    if not consents.admin:
        return say("learn-not-here", language)
    agrees = say("learn-agrees" if who.name in consents.people else "learn-agrees-not", language)
    more = [say("learn-curating", language)] if any(map(learnt.is_curator, who.names)) else []
    return "\n\n".join((agrees, *more))


async def _waiting(learnt: Learnt, who: Learner, language: str) -> str:
    rows = await learnt.open_to(who.rights, "waiting")
    if not rows:
        return say("learn-none-waiting", language)
    listed = "\n".join(f"- {one.id}: {short(one.question)}" for one in rows[:MOST_SHOWN])
    return "\n\n".join((say("learn-waiting", language, count=len(rows)), listed))


def _shown(one: Example, language: str) -> str:
    parts = [
        say("learn-asked", language, text=one.question),
        say("learn-to-learn", language, text=one.target),
    ]
    parts += [say("learn-given", language, text=one.given)] if one.given else []
    parts += [say("learn-doubts", language, doubts=", ".join(one.doubts))] if one.doubts else []
    return "\n\n".join((*parts, say("learn-decide", language, name=one.id)))


async def _decided(
    learnt: Learnt, one: Example, who: Learner, word: str, answer: str, language: str
) -> str:
    if word == "approve":
        await learnt.decide(one, "approved", who.name, answer=answer)
        return say("learn-approved", language, name=one.id)
    await learnt.decide(one, "rejected", who.name)
    return say("learn-rejected", language, name=one.id)
