"""Tools with what is set for them, called as a model calls them."""

from collections.abc import Mapping
from typing import Any

from knowledge.articles import Audience
from pipelines.tool import Caller
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
        self.tools = box.tools
        self._broker = broker_of(box.tools)

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
        """What a tool that changes something says, once whoever asked has confirmed it."""
        one = self.tools[tool]
        checked = one.checked(arguments)
        if one.takes_caller:
            checked[one.takes_caller] = caller
        text: str = await one.function(**checked)
        return text
