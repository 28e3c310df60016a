"""What an Ollama server says about one of its models."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MOST_CONTEXT_TOKENS = 8192
"""Our prompts are shorter; the memory for more would be taken from the model's neighbours."""
USUAL_CONTEXT_TOKENS = 4096
NO_TEMPLATE = re.compile(r"\s*\{\{-?\s*\.Prompt\s*-?\}\}\s*")


@dataclass(frozen=True, slots=True)
class Card:
    """A model as `/api/show` describes it.

    Attributes:
        capabilities: such as `completion`, `tools`, `thinking`, `embedding`; empty where the
            server does not say.
        has_template: whether the server knows how the model expects roles to be written.
    """

    context_tokens: int
    capabilities: frozenset[str]
    has_template: bool

    @classmethod
    def read(cls, shown: Mapping[str, Any]) -> "Card":
        """The card from the server's answer; what is not there or strange is left out."""
        listed = shown.get("capabilities")
        return cls(
            context_tokens=_context_tokens(shown),
            capabilities=frozenset(map(str, listed) if isinstance(listed, list) else ()),
            has_template=not NO_TEMPLATE.fullmatch(str(shown.get("template") or "?")),
        )

    def can(self, capability: str) -> bool:
        """Whether the model can do this, or the server does not say."""
        return not self.capabilities or capability in self.capabilities


def _context_tokens(shown: Mapping[str, Any]) -> int:
    """What the Modelfile says, else what the model was made for, within our limit."""
    said = re.search(r"^num_ctx\s+(\d+)", str(shown.get("parameters") or ""), re.MULTILINE)
    if said and int(said[1]):
        return int(said[1])
    info = shown.get("model_info")
    made_for = [
        value
        for key, value in (info.items() if isinstance(info, dict) else ())
        if str(key).endswith(".context_length") and isinstance(value, int) and value > 0
    ]
    return min(*made_for, MOST_CONTEXT_TOKENS) if made_for else USUAL_CONTEXT_TOKENS
