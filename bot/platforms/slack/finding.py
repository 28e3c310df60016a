"""Finds in a thread what an earlier process, or a call without an answer, may have posted."""

from dataclasses import dataclass, field

from bot.platforms.slack.calling import Answer, Calls
from bot.platforms.slack.errors import SlackRefusedError
from bot.platforms.slack.posting import EVENT
from bot.platforms.slack.spot import Spot

PAGE, MOST_PAGES = 200, 5


@dataclass(slots=True)
class Found:
    """Messages of ours below a question.

    Attributes:
        parts: the `ts` of each part of its answer.
        total: how many parts the answer has; 0 where none was found.
        drafts: the `ts` of what was begun and never finished.
    """

    parts: dict[int, str] = field(default_factory=dict)
    total: int = 0
    drafts: list[str] = field(default_factory=list)

    @property
    def posted_as(self) -> str:
        """What the whole answer is called; empty where not all of it is there."""
        if not self.total or len(self.parts) < self.total:
            return ""
        return " ".join(self.parts[number] for number in range(self.total))


async def find(calls: Calls, spot: Spot, our_id: str) -> Found:
    """What stands there of ours; nothing where we may not look.

    Raises:
        SlackUnavailableError: Slack does not tell just now.
    """
    found, cursor = Found(), ""
    for _ in range(MOST_PAGES):
        try:
            page = await _page(calls, spot, cursor)
        except SlackRefusedError:
            return found
        for message in page["messages"]:
            if message.get("user") == our_id and float(message["ts"]) > float(spot.ts):
                _note(found, message, spot)
        cursor = (page.get("response_metadata") or {}).get("next_cursor", "")
        if not cursor:
            break
    return found


async def _page(calls: Calls, spot: Spot, cursor: str) -> Answer:
    return await calls.surely(
        "conversations_replies",
        channel=spot.channel,
        ts=spot.root,
        oldest=spot.ts,
        include_all_metadata=True,
        limit=PAGE,
        **({"cursor": cursor} if cursor else {}),
    )


def _note(found: Found, message: Answer, spot: Spot) -> None:
    metadata = message.get("metadata") or {}
    about = metadata.get("event_payload") or {}
    if metadata.get("event_type") != EVENT:
        found.drafts.append(str(message["ts"]))
    elif about.get("turn") == spot.edition_key:
        found.parts[int(about["part"])] = str(message["ts"])
        found.total = int(about["parts"])
