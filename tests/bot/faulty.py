"""A model that answers from what it is shown, unless something is wrong; and ways to make it so."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.fakes.loopback import Reply
from tests.fakes.scripted_model import NOT_FOUND, saying, writing

Thinks = Callable[[dict[str, Any]], Reply]


def prompts(asked: dict[str, Any]) -> tuple[str, str]:
    """The rules at the beginning, and the last message with the passages."""
    messages = asked["messages"]
    return str(messages[0]["content"]), str(messages[-1]["content"])


def chooses_calls(asked: dict[str, Any]) -> dict[str, Any] | None:
    """The form of calls, where the model is asked for some; None where it is to answer."""
    shape = asked.get("response_format", {}).get("json_schema", {})
    calls: dict[str, Any] | None = shape.get("schema", {}).get("properties", {}).get("calls")
    return calls if shape.get("name") == "calls" else None


@dataclass(frozen=True, slots=True)
class Reader:
    """Says a sentence where it stands in the passages, and nothing where it does not.

    Attributes:
        knows: the sentence, as it stands on a page or is said by a tool.
        says: what it says then; empty is the sentence itself.
        misled: what it says where these words are among the passages.
        obeys: words in the rules at which it says nothing.
        calls: the tool that it calls with these arguments, where it has to call one.
    """

    knows: Sequence[str]
    says: Sequence[str] = ()
    misled: tuple[str, str] = ("", "")
    obeys: str = ""
    calls: tuple[str, dict[str, Any]] | None = None

    def __call__(self, asked: dict[str, Any]) -> Reply:
        """The reply to one request."""
        form = chooses_calls(asked)
        if form is not None:
            return writing(json.dumps({"calls": self._called(form)}))
        rules, last = prompts(asked)
        if self.obeys and self.obeys in rules:
            return saying(NOT_FOUND)
        words, instead = self.misled
        if words and words in last:
            return saying(instead)
        for number, sentence in enumerate(self.knows):
            if sentence in last:
                return saying(self.says[number] if self.says else sentence)
        return saying(NOT_FOUND)

    def _called(self, form: dict[str, Any]) -> list[dict[str, Any]]:
        if self.calls is None or not form.get("minItems"):
            return []
        name, arguments = self.calls
        return [{"tool": name, "arguments": arguments}]
