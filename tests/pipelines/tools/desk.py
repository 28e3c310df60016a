"""Tools with what is set for them, called as a model calls them."""

from collections.abc import Mapping
from typing import Any

from knowledge.articles import Audience
from knowledge.conversations import Decision
from pipelines.tool import Caller, CannotError
from pipelines.tool_files import all_tools, with_settings
from pipelines.tools import Call, Outcome
from tests.brokers import broker_of

ANA = Caller("terminal:ana", Audience.of("everyone", "terminal:ana"))
GUEST = Caller("slack:T1:user:G1", Audience.of("slack:T1:user:G1"))


class Desk:
    """A broker over all tools that there are with these tables.

    Args:
        tables: below `[tools]`.
        environment: what the names in them stand for.
    """

    def __init__(
        self, tables: Mapping[str, Any], environment: Mapping[str, str] | None = None
    ) -> None:
        box = with_settings(all_tools(), tables, lambda name: (environment or {}).get(name, ""))
        self.tools = dict(box.tools)
        self._broker = broker_of(self.tools)

    async def outcome(self, tool: str, caller: Caller = ANA, **arguments: object) -> Outcome:
        return await self._broker.call(Call(tool, arguments), caller, [tool])

    async def said(self, tool: str, caller: Caller = ANA, **arguments: object) -> str:
        """What a call gave."""
        outcome = await self.outcome(tool, caller, **arguments)
        assert outcome.status == "done", outcome.text
        return outcome.text

    async def cannot(self, tool: str, caller: Caller = ANA, **arguments: object) -> str:
        """Why a call gave nothing."""
        outcome = await self.outcome(tool, caller, **arguments)
        assert outcome.status == "failed", outcome.text
        return outcome.text

    async def confirmed(self, tool: str, caller: Caller = ANA, **arguments: object) -> str:
        """What a tool that changes something says, once whoever asked has confirmed it.

        Raises:
            CannotError: why it was not done.
        """
        outcome = await self.outcome(tool, caller, **arguments)
        if outcome.confirmation:
            outcome = await self.says_yes(outcome, caller)
        if outcome.status != "done":
            raise CannotError(f"{outcome.status}: {outcome.text}")
        return outcome.text

    async def says_yes(self, asked: Outcome, caller: Caller = ANA) -> Outcome:
        """What comes of it that somebody confirms a call."""
        yes = Decision(asked.confirmation, is_yes=True)
        return await self._broker.confirmed(yes, caller, [asked.call.tool])
