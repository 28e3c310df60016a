"""What a run of learning came to, as it is told in the owners' channel."""

from collections.abc import Awaitable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from bot.egress import in_markdown
from bot.telling import OwnersChannel
from bot.triage_text import KINDS
from bot.wording import say
from knowledge.errors import OperatorError

if TYPE_CHECKING:
    from bot.app import App
    from bot.learning_candidate import Made
    from bot.learning_run import Outcome

MOST_RULES = 10
"""Rules that are written out; the report holds all."""


async def told_to_owners(app: "App", learning: Awaitable["Outcome"]) -> "Outcome":
    """Learn, and tell what came of it; what only was in the way just now is tried again untold."""
    owners = OwnersChannel(app)
    try:
        outcome = await learning
    except OperatorError as error:
        await owners.tell(partial(failed, error))
        raise
    await owners.tell(partial(text, outcome))
    return outcome


def text(outcome: "Outcome", language: str) -> str:
    """What was looked at, what was made of it, and why not more; Markdown."""
    return "\n\n".join(_parts(outcome, language))


def failed(error: OperatorError, language: str) -> str:
    """Why a run came to nothing."""
    return say("told-run-failed", language, why=in_markdown(f"{error} {error.what_to_do}"))


def _parts(outcome: "Outcome", language: str) -> Iterator[str]:
    rows = outcome.rows
    numbers = {name: rows.get(name, 0) for name in ("learnt_from", "measuring")}
    left_out = sum(rows.get("left_out", {}).values())
    yield say("told-run", language, **numbers, left_out=left_out)
    if kinds := outcome.triage.kinds:
        found = [f"- {count}: {say(KINDS[kind], language)}" for kind, count in kinds.items()]
        yield "\n".join([say("told-run-triage", language), *found])
    for one in outcome.made:
        yield _made(one, language)
    key = "told-run-besides" if outcome.made else "told-run-none"
    for why in outcome.reasons:
        yield say(key, language, why=in_markdown(why))


def _made(one: "Made", language: str) -> str:
    """A candidate, with the rules that do not hold for it."""
    broken = one.verdict.failed
    about = {"name": in_markdown(one.candidate.name), "rules": len(one.verdict.conditions)}
    if one.serves:
        return say("told-run-serves", language, **about)
    if one.verdict.passes:
        return say("told-run-passed", language, **about, state=one.state)
    lines = [say("told-run-refused", language, **about, failed=len(broken))]
    for rule in broken[:MOST_RULES]:
        said = {"measured": in_markdown(rule.measured), "rule": in_markdown(rule.rule)}
        line = say("told-run-rule", language, name=in_markdown(rule.name), **said)
        more = say("told-run-missing", language, count=rule.missing) if rule.missing else ""
        lines.append(f"- {line} {more}".rstrip())
    if len(broken) > MOST_RULES:
        more = say("told-run-more", language, count=len(broken) - MOST_RULES)
        lines.append(f"- {more}")
    return "\n".join(lines)
