"""Finds in a thread what an earlier process, or a call without an answer, may have posted."""

from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field

from bot.platforms.slack.calling import Answer, Calls
from bot.platforms.slack.errors import SlackRefusedError
from bot.platforms.slack.posting import EVENT
from bot.platforms.slack.spot import Spot
from bot.platforms.slack.uploading import family, stem, uploaded

PAGE, MOST_PAGES = 200, 5
Name = tuple[str, str]


@dataclass(slots=True)
class Parts:
    """Messages of one post.

    Attributes:
        total: how many it has; 0 where none was found.
        ts: of each that was found, by its number; of a picture the id of its file.
    """

    total: int = 0
    ts: dict[int, str] = field(default_factory=dict)

    @property
    def posted_as(self) -> str:
        """What the whole post is called; empty where not all of it is there."""
        if not self.total or len(self.ts) < self.total:
            return ""
        return " ".join(self.ts[number] for number in range(self.total))


@dataclass(slots=True)
class Found:
    """Messages of ours below a question, or of the channel where they stand in no thread.

    Attributes:
        posts: what was posted for the question, by the message as it read and the post's name.
        drafts: the `ts` of what was begun and never finished.
        files: the ids of files, by what their names begin with and their part of a post.
    """

    posts: defaultdict[Name, Parts] = field(default_factory=lambda: defaultdict(Parts))
    drafts: list[str] = field(default_factory=list)
    files: dict[tuple[str, int], str] = field(default_factory=dict)

    def of(self, spot: Spot, post: str) -> Parts:
        """What there is of a post."""
        return self.posts.get((spot.edition_key, post), Parts())

    def beside(self, parts: Parts) -> list[str]:
        """Everything else, whole or not."""
        every = [ts for post in self.posts.values() for ts in post.ts.values()]
        return [ts for ts in (*self.drafts, *every) if ts not in parts.ts.values()]

    @property
    def whole(self) -> list[str]:
        """The messages of posts of which nothing is missing."""
        return [ts for post in self.posts.values() for ts in post.posted_as.split()]

    @property
    def unfinished(self) -> list[str]:
        """All the others."""
        return [ts for ts in self.beside(Parts()) if ts not in self.whole]


async def find(calls: Calls, spot: Spot, our_id: str) -> Found:
    """What stands there of ours; nothing where we may not look.

    Raises:
        SlackUnavailableError: Slack does not tell just now.
    """
    found = Found()
    asked = {"channel": spot.channel, "oldest": spot.ts, "limit": PAGE}
    asked |= {"include_all_metadata": True} | ({} if spot.is_alone else {"ts": spot.root})
    method = "conversations_history" if spot.is_alone else "conversations_replies"
    pages = calls.pages(method, "messages", asked, most=MOST_PAGES)
    with suppress(SlackRefusedError):
        async for message in pages:
            if message.get("user") == our_id and float(message["ts"]) > float(spot.ts):
                _note(found, message, spot)
    if spot.is_alone:  # in the channel there is much of ours that has nothing to do with it
        found.drafts, found.files = [], {}
    _note_files(found, spot)
    return found


def _note_files(found: Found, spot: Spot) -> None:
    """Files belong to the post that they were posted with; without one they are left over."""
    posts = {stem(spot, *name): parts for name, parts in found.posts.items()}
    for (post, part), file in found.files.items():
        if post in posts:
            posts[post].ts[part] = file
        elif post.startswith(family(spot)):
            found.drafts.append(file)


def _note(found: Found, message: Answer, spot: Spot) -> None:
    if files := uploaded(message):  # they have no metadata
        found.files |= files
        return
    metadata = message.get("metadata") or {}
    about = metadata.get("event_payload") or {}
    if metadata.get("event_type") != EVENT:
        found.drafts.append(str(message["ts"]))
    elif str(about.get("turn")).startswith(f"{spot.key}:"):
        parts = found.posts[about["turn"], str(about.get("post"))]
        parts.ts[int(about["part"])] = str(message["ts"])
        parts.total = int(about["parts"])
