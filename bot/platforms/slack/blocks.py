"""The parts of a message on Slack: text, sources, buttons."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from bot.egress import in_markdown
from bot.posts import Link, Post
from bot.wording import say

RATE, WHY, QUOTES, SHARE = "tertulia_rate", "tertulia_why", "tertulia_quotes", "tertulia_share"
YES, NO, STOP = "tertulia_yes", "tertulia_no", "tertulia_stop"
LONGEST_TITLE = 120
Json = Mapping[str, Any]


def markdown(text: str) -> list[Json]:
    """Blocks for a text that is Markdown; it has passed the gate."""
    return [{"type": "markdown", "text": text}] if text.strip() else []


def sources_text(links: Sequence[Link], language: str, *, quotes: bool = False) -> str:
    """The numbered sources in Markdown, not yet through the gate; empty where there are none."""
    lines = [f"**{say('sources', language)}**"] if links else []
    for link in links:
        title = _title(link.title)
        shown = f"[{title}]({link.url})" if link.url.startswith("http") else title
        lines.append(f"- [{link.n}] {shown}")
        lines += [f"  > {_title(link.quote)}"] if quotes else []
    return "\n".join(lines)


def buttons(post: Post, *, is_private: bool) -> list[Json]:
    """What one can press below an answer; each button knows the answer by its reference."""
    reference, language = post.reference, post.language
    if post.confirmation:
        yes = _button(YES, say("button-yes", language), post.confirmation)
        no = _button(NO, say("button-no", language), post.confirmation)
        why = _button(WHY, say("button-why", language), reference)
        return [{"type": "actions", "elements": [{**yes, "style": "primary"}, no, why]}]
    rate = {
        "type": "feedback_buttons",
        "action_id": RATE,
        "positive_button": _button_text(say("button-good", language), f"up:{reference}"),
        "negative_button": _button_text(say("button-bad", language), f"down:{reference}"),
    }
    pressed = [_button(WHY, say("button-why", language), reference)]
    if post.links:
        pressed.insert(0, _button(QUOTES, say("button-quotes", language), reference))
    if post.links and is_private:
        pressed.append(_button(SHARE, say("button-share", language), reference))
    return [
        {"type": "context_actions", "elements": [rate]},
        {"type": "actions", "elements": pressed},
    ]


def stop(question: str, language: str) -> Json:
    """A button that ends the work on the question of this name."""
    return _actions(_button(STOP, say("button-stop", language), question))


def words(made: Iterable[Json]) -> list[str]:
    """The texts of blocks, where blocks cannot be shown."""
    return [_said(block) for block in made if block["type"] in ("markdown", "table")]


def whole_text(made: Iterable[Json]) -> str:
    """The same as one text in Markdown."""
    return "\n\n".join(words(made))


def simple(made: Sequence[Json]) -> list[Json]:
    """The same with nothing but text and ordinary buttons, for a Slack that knows no others."""
    shown = markdown(whole_text(made))
    for block in made:
        if block["type"] == "context_actions":
            # Two of one name must not stand in one block.
            shown += [_actions(one) for rate in block["elements"] for one in _rating(rate)]
        elif block["type"] == "actions":
            shown.append(block)
    return shown


def summary(made: Iterable[Json]) -> str:
    """What a notification says of a message."""
    return next(iter(words(made)), "")


def _actions(button: Json) -> Json:
    return {"type": "actions", "elements": [button]}


def _rating(rate: Json) -> Iterator[Json]:
    """Two ordinary buttons that say the same."""
    for name in ("positive_button", "negative_button"):
        yield {"type": "button", "action_id": rate["action_id"], **rate[name]}


def _said(block: Json) -> str:
    if block["type"] == "markdown":
        return str(block["text"])
    return "\n".join(" · ".join(map(_cell_text, row)) for row in block["rows"])


def _cell_text(cell: Json) -> str:
    if cell["type"] == "raw_text":
        return str(cell["text"])
    return "".join(one["text"] for section in cell["elements"] for one in section["elements"])


def _title(title: str) -> str:
    short = title if len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 1]}…"
    return in_markdown(short)


def _button(action: str, text: str, value: str) -> Json:
    return {"type": "button", "action_id": action, "text": _plain(text), "value": value}


def _button_text(text: str, value: str) -> Json:
    return {"text": _plain(text), "value": value}


def _plain(text: str) -> Json:
    return {"type": "plain_text", "text": text, "emoji": False}
