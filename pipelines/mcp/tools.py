"""All tools there are: our own and the team's, and those of servers that an admin has approved."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import structlog

from knowledge.errors import UsageError, suggestion
from knowledge.tool_approvals import Approval, ToolApprovals
from pipelines.mcp.offers import Offer, problems
from pipelines.mcp.results import text_of
from pipelines.mcp.server import Server, ServerError
from pipelines.mcp.session import Connected, Listing, Session
from pipelines.tool import CannotError, Tool

NOT_AVAILABLE = "This tool is not available until an admin approves it again."
UNAVAILABLE = "Not available until an admin approves it."
State = Literal["approved", "new", "changed", "gone", "unusable"]
Connect = Callable[[Server], AbstractAsyncContextManager[Connected]]
log = structlog.get_logger(__name__)


class UnknownToolError(UsageError):
    """No server offers a tool of this name, or it cannot be used."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with a tool of a server.

    Attributes:
        offer: as the server offers it now; as it was approved where it offers it no more.
        state: what an admin has to know of it.
        reason: why it cannot be used at all.
        approved: as it was approved, if it ever was.
    """

    offer: Offer
    state: State
    reason: str = ""
    approved: Offer | None = None


class AllTools(Mapping[str, Tool]):
    """Tools by their names; a name of a server's tool that may not be called stands for a refusal.

    Args:
        own: ours and the team's.
        servers: by their names.
        connect: opens a connection with a server.
    """

    def __init__(
        self,
        own: Mapping[str, Tool],
        servers: Mapping[str, Server],
        approvals: ToolApprovals,
        connect: Connect,
    ) -> None:
        self.own = own
        self._servers, self._approvals = servers, approvals
        self._known: dict[str, Approval] = {}
        self._approved: dict[str, Offer] = {}
        self._made: dict[str, Tool] = {}
        self._listings: dict[str, Listing] = {}
        self._seen: dict[str, dict[str, Offer]] = {}
        self._sessions = {
            name: Session(name, partial(connect, one), partial(self._heard, one))
            for name, one in servers.items()
        }

    async def renew(self) -> None:
        """Read what is approved by now: it counts without a restart."""
        found = await self._approvals.all() if self._servers else {}
        if found == self._known:  # as nearly always, and schemas take their time
            return
        offers = {name: self._offer(one) for name, one in found.items()}
        self._approved = {name: one for name, one in offers.items() if one and not one.problem()}
        self._made = {n: o.made(partial(self._call, o)) for n, o in self._approved.items()}
        self._known = found

    def _offer(self, approval: Approval) -> Offer | None:
        """What was approved, if its server is still there and the tool is wanted of it."""
        server = self._servers.get(approval.server)
        if server is None:
            return None
        offer = Offer.of(server, approval.said)
        is_as_read = offer.fingerprint == approval.fingerprint
        return offer if is_as_read and server.wants(offer.tool) else None

    def __getitem__(self, name: str) -> Tool:
        if name in self.own:
            return self.own[name]
        server = self._server_of(name)
        approved = self._approved.get(name)
        if approved and self._is_as_approved(approved):
            return self._made[name]
        return Tool(
            name=name,
            description=UNAVAILABLE,
            parameters={"type": "object"},
            function=partial(self._refuse, name, server),
            origin=f"MCP server {server.name}",
        )

    def __iter__(self) -> Iterator[str]:
        wanted = (one.named(tool) for one in self._servers.values() for tool in one.tools)
        return iter(dict.fromkeys((*self.own, *self._approved, *wanted)))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _server_of(self, name: str) -> Server:
        """The server that may have a tool of this name.

        Raises:
            KeyError: none has.
        """
        for server in self._servers.values():
            if server.may_have(name):
                return server
        raise KeyError(name)

    def _is_as_approved(self, offer: Offer) -> bool:
        """Whether its server still says the same of it, as far as we have heard."""
        seen = self._seen.get(offer.server.name)
        now = seen.get(offer.name) if seen is not None else offer
        return now is not None and now.fingerprint == offer.fingerprint

    def _heard(self, server: Server, listing: Listing) -> None:
        """Note what a server says of its tools, and log what is not as it was approved."""
        if self._listings.get(server.name) == listing:
            return
        self._listings[server.name] = listing
        offers = _offers(server, listing)
        unusable = problems(offers, self.own)
        before = self._seen.get(server.name)
        self._seen[server.name] = {o.name: o for o in offers if o.tool not in unusable}
        for name, approved in self._approved.items():
            if approved.server is server and not self._is_as_approved(approved):
                known = before.get(name) if before is not None else approved
                if known == approved:  # told once
                    log.warning("a tool is not as it was approved", server=server.name, tool=name)

    async def _refuse(self, name: str, server: Server, /, **_: object) -> str:
        """What is called in place of a tool that may not be: the model hears why.

        We look again, at the approvals and at the server: both may have changed, and the next
        call goes on.

        Raises:
            CannotError: always.
        """
        await self.renew()
        if name in self._approved:
            await self._sessions[server.name].listing()
        raise CannotError(NOT_AVAILABLE)

    async def _call(self, approved: Offer, /, **arguments: Any) -> str:  # noqa: ANN401 (checked)
        """Call a tool that is still approved, and still what was approved.

        Raises:
            CannotError: it is not, or the server says that it cannot be done.
            ServerError: the server failed.
        """

        def check() -> None:
            if self._approved.get(approved.name) != approved or not self._is_as_approved(approved):
                raise CannotError(NOT_AVAILABLE)

        await self.renew()
        session = self._sessions[approved.server.name]
        given = await session.call(approved.tool, arguments, check)
        if given.get("isError"):
            raise CannotError(text_of(given) or "It could not be done.")
        return text_of(given)

    async def standings(self) -> dict[str, list[Standing] | ServerError]:
        """How it stands with the tools of each server, asked now; or why it cannot be asked."""
        await self.renew()
        names = list(self._servers)
        found = await asyncio.gather(*map(self._standing, names))
        return dict(zip(names, found, strict=True))

    async def _standing(self, name: str) -> list[Standing] | ServerError:
        server = self._servers[name]
        try:
            offers = _offers(server, await self._sessions[name].listing())
        except ServerError as error:
            return error
        unusable = problems(offers, self.own)
        found = [self._judged(one, unusable.get(one.tool, "")) for one in offers]
        approved = [one for one in self._approved.values() if one.server is server]
        offered = {one.name for one in offers}
        gone = [Standing(o, "gone", approved=o) for o in approved if o.name not in offered]
        return found + gone

    def _judged(self, offer: Offer, reason: str) -> Standing:
        approved = self._approved.get(offer.name)
        if reason:
            return Standing(offer, "unusable", reason, approved)
        if approved is None:
            return Standing(offer, "new")
        is_same = approved.fingerprint == offer.fingerprint
        return Standing(offer, "approved" if is_same else "changed", approved=approved)

    async def standing(self, name: str) -> Standing:
        """How it stands with one tool.

        Raises:
            UnknownToolError: no server offers it.
            ServerError: the server cannot be asked.
        """
        try:
            found = await self._standing(self._server_of(name).name)
        except KeyError:
            found = []
        if isinstance(found, ServerError):
            raise found
        for one in found:
            if one.offer.name == name:
                return one
        known = [one.offer.name for one in found] or [f"{server}_..." for server in self._servers]
        raise UnknownToolError(
            f"No MCP server offers a tool '{name}'.",
            what_to_do=suggestion(name, known) if known else "Add a server: see docs/mcp.md.",
        )

    async def approve(self, standing: Standing) -> None:
        """Let a tool be called as it is described there.

        Raises:
            UnknownToolError: it cannot be used, or is offered no more.
        """
        offer = standing.offer
        if standing.state in ("unusable", "gone"):
            raise UnknownToolError(
                f"The tool '{offer.name}' cannot be used: {standing.reason or 'it is gone'}.",
                what_to_do="The server would have to change that.",
            )
        approval = Approval(offer.name, offer.server.name, offer.said, offer.fingerprint)
        await self._approvals.put(approval)
        await self.renew()

    async def revoke(self, name: str) -> bool:
        """Let a tool be called no more; False where it was not approved."""
        known = await self._approvals.all()
        await self._approvals.remove(name)
        await self.renew()
        return name in known

    async def close(self) -> None:
        """End all sessions, and the programs behind them."""
        await asyncio.gather(*(one.close() for one in self._sessions.values()))


def _offers(server: Server, listing: Sequence[Mapping[str, Any]]) -> list[Offer]:
    offers = [Offer.of(server, said) for said in listing]
    return [one for one in offers if server.wants(one.tool)]
