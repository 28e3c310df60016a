"""What an Ollama server says, for faults that a real one cannot be made to show."""

import json
from collections.abc import Callable
from typing import Any

from tests.fakes.loopback import Reply, Request

OWL: dict[str, object] = {
    "capabilities": ["completion", "tools"],
    "template": "{{ .System }} {{ .Prompt }}",
    "model_info": {"general.architecture": "owl", "owl.context_length": 4096},
}
LOADED = Reply.of({"model": "owl", "response": "", "done": True, "done_reason": "load"})


def line(content: object = "", **more: object) -> dict[str, object]:
    """One line of a streamed answer; what is more belongs to its message."""
    return {"model": "owl", "message": {"role": "assistant", "content": content, **more}}


def end(reason: str = "stop", **more: object) -> dict[str, object]:
    """The last line of an answer, with its counts."""
    return {
        **line(),
        "done": True,
        "done_reason": reason,
        "prompt_eval_count": 400,
        "prompt_eval_duration": 2_000_000_000,
        "eval_count": 3,
        **more,
    }


def lines(*values: object, cut_at: int | None = None, hang: bool = False) -> Reply:
    """A streamed answer: text goes out as it is, anything else as JSON."""
    texts = [value if isinstance(value, str) else json.dumps(value) for value in values]
    body = "".join(f"{text}\n" for text in texts).encode()
    hang_at = len(body) if hang else None
    headers = {"Content-Length": ""} if hang else {}
    return Reply(
        body, content_type="application/x-ndjson", cut_at=cut_at, hang_at=hang_at, headers=headers
    )


SOUND = lines(line("Hello"), line(" you"), end())


def serving(
    *chats: Reply, show: object = OWL, load: Reply = LOADED, **others: Reply
) -> Callable[[Request], Reply]:
    """Answers to questions one after the other, the last of them again and again."""
    left = list(chats)
    listed = Reply.of({"models": [{"name": "owl:latest", "digest": "0a1b"}]})
    shown = Reply.of(show) if not isinstance(show, Reply) else show
    known = {"show": shown, "generate": load, "tags": listed}

    def respond(request: Request) -> Reply:
        what = request.path.rpartition("/")[2]
        if what == "chat" and left:
            return left.pop(0) if len(left) > 1 else left[0]
        return {**known, **others}.get(what, Reply(b"404 page not found", status=404))

    return respond


def asked(requests: list[Request], what: str = "chat") -> list[Any]:
    """The bodies of the requests to one place."""
    return [r.json() for r in requests if r.path.endswith(f"/{what}")]
