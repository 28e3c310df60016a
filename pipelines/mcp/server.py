"""A server of tools as an admin wrote it down: where it is, what is wanted of it and trusted."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from knowledge.errors import OperatorError
from pipelines.tool import WITHIN_S, Effect

SECRET = re.compile(r"\$\{(\w+)\}")
"""The place of a value that stands in the environment and not in the file."""
MOST_CHARACTERS = 40
"""Of the name of a tool, as of our own."""
_OTHERS = re.compile(r"[^a-z0-9_]+")
_STRICT: tuple[Effect, ...] = ("read", "write", "destructive")


class ServerError(OperatorError):
    """A server of tools cannot be used as it is written down, or as it behaves."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server of tools.

    Attributes:
        command: starts it as a program that speaks over its pipes; empty where it has a `url`.
        folder: where that program is started.
        environment, headers: what it is told besides; `${NAME}` stands for a secret.
        tools: those that are wanted, as the server calls them; all where none is named.
        effects: the admin's word for single tools.
        within_s: how long a call may take.
        secret: the value of such a name, empty where there is none.
    """

    name: str
    command: tuple[str, ...] = ()
    url: str = ""
    folder: str = "."
    environment: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    tools: Collection[str] = ()
    effects: Mapping[str, Effect] = field(default_factory=dict)
    within_s: float = WITHIN_S
    secret: Callable[[str], str] = field(default=lambda _: "", compare=False)

    def filled(self, values: Mapping[str, str]) -> dict[str, str]:
        """These values, secrets in their places.

        Raises:
            ServerError: one is not set.
        """
        return {key: SECRET.sub(self._value, value) for key, value in values.items()}

    def address(self) -> str:
        """Where it is, secrets in their places.

        Raises:
            ServerError: one is not set.
        """
        return SECRET.sub(self._value, self.url)

    def _value(self, found: re.Match[str]) -> str:
        value = self.secret(found[1])
        if not value:
            raise ServerError(
                f"The MCP server '{self.name}' wants {found[1]} from the environment, and it is"
                " not set there.",
                what_to_do=f"Set {found[1]} in the environment or in .env.",
            )
        return value

    def wants(self, tool: str) -> bool:
        """Whether a tool is one of those that the admin wants."""
        return not self.tools or tool in self.tools

    def may_have(self, name: str) -> bool:
        """Whether a name of ours may be that of one of its tools: only itself knows all of them."""
        wanted = [self.named(tool) for tool in self.tools]
        return name in wanted if wanted else name.startswith(f"{self.name}_")

    def named(self, tool: str) -> str:
        """What we call a tool: the server's name and its own, in the letters of all names here."""
        return f"{self.name}_{_OTHERS.sub('_', tool.lower()).strip('_')}"

    def effect(self, tool: str, hints: Mapping[str, object]) -> Effect:
        """What a tool does: the admin's word, else that it changes something.

        Args:
            tool: as the server calls it.
            hints: what the server says itself, which nobody has checked: it may only be stricter.
        """
        trusted = self.effects.get(tool, "write")
        hinted: Effect = "destructive" if hints.get("destructiveHint") is True else "read"
        return max(trusted, hinted, key=_STRICT.index)
