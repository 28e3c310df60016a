"""The windows that open over Slack: receipts, quotes, and forms."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.egress import cleaned
from bot.opinions import FAULTS
from bot.platforms.slack.posting import literal_pieces
from bot.posts import Link
from bot.wording import say

FEEDBACK_FORM, ASK_FORM = "tertulia_feedback", "tertulia_ask"
FAULT, BETTER, QUESTION = "fault", "better", "question"
LONGEST_SECTION, MOST_SECTIONS = 2_900, 40
MOST_KEPT = 2_900
"""Slack keeps 3,000 characters with a form."""
Json = Mapping[str, Any]


def window(title: str, language: str, text: str, links: Sequence[Link] = ()) -> Json:
    """A window with a text that is shown as it is; a receipt has columns.

    Args:
        title: the key of the sentence above it; that of a receipt is `why-title`.
        language: of whoever reads it.
        text: what does not fit is left out, which is said.
        links: sources whose addresses may stand in it.
    """
    addresses = {link.url for link in links if link.url}
    pieces = literal_pieces(text, LONGEST_SECTION, links=addresses, language=language)
    if len(pieces) > MOST_SECTIONS:
        pieces[MOST_SECTIONS - 1 :] = [say("window-cut", language)]
    shown = _aligned if title == "why-title" else _section
    return {
        "type": "modal",
        "title": _plain(say(title, language)),
        "close": _plain(say("button-close", language)),
        "blocks": [shown(piece) for piece in pieces or [" "]],
    }


def quotes_text(links: Sequence[Link], language: str) -> str:
    """The sources of an answer with what is quoted of them."""
    if not links:
        return say("no-sources", language)
    shown = (
        (f"[{one.n}] {one.title}", one.url if one.url.startswith("http") else "", f"“{one.quote}”")
        for one in links
    )
    return "\n\n".join("\n".join(filter(None, lines)) for lines in shown)


def feedback_form(reference: str, language: str) -> Json:
    """What was wrong with an answer, and what would be right."""
    options = [
        {"text": _plain(say(key, language)), "value": fault} for fault, key in FAULTS.items()
    ]
    better = {"type": "plain_text_input", "action_id": BETTER, "multiline": True}
    better["max_length"] = 3_000
    return _form(
        FEEDBACK_FORM,
        "feedback-title",
        language,
        {"reference": reference},
        [
            {
                "type": "input",
                "block_id": FAULT,
                "label": _plain(say("feedback-reason", language)),
                "element": {"type": "radio_buttons", "action_id": FAULT, "options": options},
            },
            {
                "type": "input",
                "block_id": BETTER,
                "optional": True,
                "label": _plain(say("feedback-better", language)),
                "element": better,
            },
        ],
    )


def ask_form(spot: Mapping[str, Any], text: str, language: str) -> Json:
    """What somebody wants to know about a message; of a long one, about its beginning.

    Args:
        spot: where the answer goes, with the files of the message.
        text: of the message.
        language: of whoever asks.
    """
    words = cleaned(text)
    about = {"spot": dict(spot), "text": words, "is_cut": False}
    while len(_kept(about).encode("utf-16-le")) // 2 > MOST_KEPT:
        words = words[: len(words) * 9 // 10]
        about |= {"text": words, "is_cut": True}
    element = {"type": "plain_text_input", "action_id": QUESTION, "multiline": True}
    label = _plain(say("ask-about-question", language))
    block = {"type": "input", "block_id": QUESTION, "label": label, "element": element}
    return _form(ASK_FORM, "ask-about-title", language, about, [block])


def entered(view: Json, name: str) -> str:
    """What somebody wrote or picked."""
    value = view["state"]["values"].get(name, {}).get(name, {})
    picked = value.get("selected_option") or {}
    return str(value.get("value") or picked.get("value") or "")


def about(view: Json) -> dict[str, Any]:
    """What the form was opened with."""
    found: dict[str, Any] = json.loads(view["private_metadata"])
    return found


def _form(
    name: str, title: str, language: str, about: Mapping[str, Any], blocks: Sequence[Json]
) -> Json:
    return {
        "type": "modal",
        "callback_id": name,
        "private_metadata": _kept(about),
        "title": _plain(say(title, language)),
        "submit": _plain(say("button-send", language)),
        "close": _plain(say("button-close", language)),
        "blocks": list(blocks),
    }


def _kept(about: Mapping[str, Any]) -> str:
    return json.dumps(dict(about), ensure_ascii=False)


def _section(text: str) -> Json:
    return {"type": "section", "text": _plain(text)}


def _aligned(text: str) -> Json:
    """Words whose columns stand below each other; nothing in them is markup."""
    words = {"type": "text", "text": text}
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_preformatted", "elements": [words]}],
    }


def _plain(text: str) -> Json:
    return {"type": "plain_text", "text": text, "emoji": False}
