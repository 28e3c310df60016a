"""What was said in a thread before we were asked there."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.platforms.slack.errors import SlackRefusedError
from bot.platforms.slack.people import People
from bot.platforms.slack.spoken import spoken, unnamed, with_names
from bot.platforms.slack.spot import Spot
from bot.platforms.slack.workspaces import Workspaces
from knowledge.articles import ATTACHED, Article, Audience
from knowledge.conversations import Message, transcript
from knowledge.history import OURSELVES
from knowledge.language import language_of

MOST_REMEMBERED, PAGE, MOST_PAGES = 12, 1000, 5
Json = Mapping[str, Any]


async def said_before(workspaces: Workspaces, people: People, spot: Spot) -> tuple[Message, ...]:
    """The last messages of people before the question, oldest first, and what they replied to.

    That may be a message of ours: nobody has said what we have read somewhere.
    """
    us = (await workspaces.ourselves(spot.team)).user
    every = await _said(workspaces, spot, but=us)
    said = [one for one in every if float(one["ts"]) < float(spot.ts)][-MOST_REMEMBERED:]
    texts = [_text(one) for one in said]
    names = await people.names(spot.team, unnamed(texts))
    return tuple(
        Message(
            f"{spot.key}:before:{one['ts']}",
            OURSELVES if str(one["user"]) == us else spot.person(str(one["user"])),
            with_names(text, names),
            datetime.fromtimestamp(float(one["ts"]), UTC),
        )
        for one, text in zip(said, texts, strict=True)
    )


def _text(said: Json) -> str:
    """The text of a message; of one of ours, all of it and not what notifications say."""
    written = [block["text"] for block in said.get("blocks", ()) if block["type"] == "markdown"]
    return "\n\n".join(map(str, written)) or spoken(str(said["text"]))


async def thread(workspaces: Workspaces, people: People, spot: Spot, title: str) -> Article | None:
    """A whole thread as a text; None where we may not read it, or nothing is said there."""
    said = [(str(one["user"]), spoken(str(one["text"]))) for one in await _said(workspaces, spot)]
    if not said:
        return None
    mentioned = unnamed(text for _, text in said)
    names = await people.names(spot.team, [*(user for user, _ in said), *mentioned])
    text = transcript((names.get(user, user), with_names(text, names)) for user, text in said)
    return Article(f"{ATTACHED}{spot.root}", title, text, language_of(text), Audience())


async def _said(workspaces: Workspaces, spot: Spot, but: str = "") -> list[Json]:
    """What people have said there, oldest first; of endless threads, the first 5,000 messages.

    Args:
        workspaces: through which we ask.
        spot: in the thread.
        but: the bot whose words count where the thread begins with them.
    """
    calls = await workspaces.calls(spot.team)
    asked = {"channel": spot.channel, "ts": spot.root, "limit": PAGE}
    pages = calls.pages("conversations_replies", "messages", asked, most=MOST_PAGES)
    try:
        found = [one async for one in pages]
    except SlackRefusedError:
        return []
    return [
        one
        for one in found
        if one.get("user")
        and (not one.get("bot_id") or (one["user"], one["ts"]) == (but, spot.root))
        and str(one.get("text", "")).strip()
    ]
