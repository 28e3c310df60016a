"""What a server says of a tool: its fingerprint, which is approved, and the tool made of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from knowledge.cleaning import clean
from pipelines.mcp.schemas import UnusableSchemaError, usable
from pipelines.mcp.server import MOST_CHARACTERS, Server
from pipelines.tool import MOST_DESCRIBED, Effect, Function, Tool

COPIED = 32
"""Characters of a fingerprint that people copy: a server writes all that is compared, and could
soon make two texts that share fewer."""
SAID = ("name", "description", "inputSchema", "annotations")
"""What an admin approves: all that a model is told, and all that decides what it may do."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A tool as its server describes it: not one word of it is to be trusted.

    Attributes:
        name: what we call it.
        said: the server's own words, and nothing of them that nobody reads.
    """

    server: Server
    name: str
    said: Mapping[str, Any]

    @classmethod
    def of(cls, server: Server, said: Mapping[str, Any]) -> "Offer":
        """An offer, of what stands in a listing."""
        kept = {key: said[key] for key in SAID if said.get(key) is not None}
        return cls(server, server.named(str(kept.get("name", ""))), kept)

    @property
    def tool(self) -> str:
        """What the server calls it."""
        return str(self.said["name"])

    @property
    def shown(self) -> str:
        """The same for people, on one line that is not long."""
        return " ".join(clean(self.tool).split())[:80]

    @property
    def fingerprint(self) -> str:
        """Changes with every sign that a server changes."""
        return sha256(json.dumps(self.said, sort_keys=True).encode()).hexdigest()

    @property
    def as_read(self) -> str:
        """By which somebody says what they have read."""
        return self.fingerprint[:COPIED]

    @property
    def effect(self) -> Effect:
        """What it does."""
        return self.server.effect(self.tool, self.said.get("annotations", {}))

    @property
    def description(self) -> str:
        """What the model reads of it, without invisible signs."""
        return clean(str(self.said.get("description", "")))

    def problem(self) -> str:
        """Why it cannot be a tool here; empty where it can."""
        if len(self.name) > MOST_CHARACTERS or self.name == f"{self.server.name}_":
            return f"its name would be '{self.name[:80]}', and names have at most {MOST_CHARACTERS}"
        if not self.description:
            return "it has no description"
        if len(self.description) > MOST_DESCRIBED:
            return f"its description has more than {MOST_DESCRIBED:,} characters"
        try:
            usable(self.said["inputSchema"])
        except UnusableSchemaError as problem:
            return str(problem)
        return ""

    def _pin(self) -> str:
        """Changes with all that it says, and with where it is and what it is told there."""
        at = self.server
        place = (at.command, at.url, at.folder, dict(at.environment), dict(at.headers))
        return sha256(json.dumps((self.said, place), sort_keys=True).encode()).hexdigest()

    def made(self, function: Function) -> Tool:
        """The tool.

        Args:
            function: calls it with the arguments that were checked.
        """
        return Tool(
            name=self.name,
            description=self.description,
            parameters=usable(self.said["inputSchema"]),
            function=function,
            effect=self.effect,
            within_s=self.server.within_s,
            origin=f"MCP server {self.server.name}",
            pin=self._pin(),
            outward=True,
        )


def problems(offers: Sequence[Offer], taken: Mapping[str, Tool]) -> dict[str, str]:
    """Why some of a server's offers cannot be tools here, by what the server calls them.

    Args:
        offers: all of one server.
        taken: the tools that have their names already.
    """
    found: dict[str, str] = {}
    seen: dict[str, str] = {}
    for one in offers:
        problem = one.problem()
        if one.name in taken:
            problem = f"there is a tool '{one.name}' already, in {taken[one.name].origin}"
        if one.name in seen:
            problem = found[seen[one.name]] = f"two tools of the server would be '{one.name}'"
        seen[one.name] = one.tool
        if problem:
            found[one.tool] = problem
    return found
