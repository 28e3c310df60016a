"""A model server on loopback that says what a test wants, also to other processes."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from tests.fakes.loopback import Reply, Request, in_a_thread

NAME, TUNED = "owl", "owl-tuned"
LIST = Reply.of(
    {"object": "list", "data": [{"id": one, "object": "model"} for one in (NAME, TUNED)]}
)
NOT_FOUND = "NOT FOUND"


def event(text: str | None, finish: str | None = None, **more: object) -> dict[str, object]:
    """One event of a streamed answer."""
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
    return {
        "id": "1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": NAME,
        "choices": [choice],
        **more,
    }


def saying(answer: str) -> Reply:
    """The reply of a model that answers this, in several pieces."""
    return writing(json.dumps({"answer": answer, "sources": [1]}, ensure_ascii=False))


def writing(raw: str) -> Reply:
    """The reply of a model that writes this, in several pieces."""
    pieces = [event(raw[i : i + 9]) for i in range(0, len(raw), 9)]
    usage = {"prompt_tokens": 80, "completion_tokens": 9, "total_tokens": 89}
    end = {**event(None), "choices": [], "usage": usage}
    return Reply.stream(*pieces, event(None, "stop"), end, "[DONE]")


def silence() -> Reply:
    """The reply of a model that begins and then says nothing more."""
    whole = saying("never")
    return replace(whole, hang_at=len(whole.body) // 2)


def said(word: str) -> Reply:
    """The reply of a model that was asked for one word."""
    message = {"role": "assistant", "content": word}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return Reply.of(
        {
            "id": "1",
            "object": "chat.completion",
            "created": 1,
            "model": NAME,
            "choices": [choice],
        }
    )


class ScriptedModel:
    """Says `answer`, or whatever `reply` holds.

    Attributes:
        reply_to: what it says to a prompt with these words in it.
        thinks: what it says to a request, where that depends on more; None is as above.
        agrees: whether it says yes, asked whether a passage answers the question.
        prompts: what the model was asked, as lists of messages, the first one read ahead.
        weighed: under which name it was asked for a single word, each time.
    """

    def __init__(self) -> None:
        self.answer = NOT_FOUND
        self.reply: Reply | None = None
        self.reply_to: dict[str, Reply] = {}
        self.thinks: Callable[[dict[str, Any]], Reply] | None = None
        self.agrees = True
        self.prompts: list[list[dict[str, Any]]] = []
        self.weighed: list[str] = []
        self.url = ""

    def respond(self, request: Request) -> Reply:
        """What the server says."""
        if request.path.endswith("/models"):
            return LIST
        if not request.path.endswith("/completions"):
            return Reply(status=404)
        asked = request.json()
        if not asked.get("stream"):
            self.weighed.append(asked["model"])
            return said("yes" if self.agrees else "no")
        self.prompts.append(asked["messages"])
        if asked.get("max_tokens") == 1:
            return saying("x")
        if self.thinks:
            return self.thinks(asked)
        last = str(asked["messages"][-1]["content"])
        special = next((reply for words, reply in self.reply_to.items() if words in last), None)
        return special or self.reply or saying(self.answer)

    @property
    def last_prompt(self) -> str:
        """The last message of the last prompt."""
        return str(self.prompts[-1][-1]["content"])


@contextmanager
def serving() -> Iterator[ScriptedModel]:
    """The server in a thread of its own, so that commands with their own event loop reach it."""
    model = ScriptedModel()
    with in_a_thread(model.respond) as url:
        model.url = f"{url}/v1"
        yield model
