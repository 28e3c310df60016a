"""Files of ours on Slack: what they are called, by which they are found again, and their words."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from bot.pictures import described, file_name
from bot.platforms.slack.spot import Spot
from knowledge.conversations import Picture

MOST_TITLE, MOST_ALT = 120, 1_000
_NAME = re.compile(r"(tertulia-[0-9a-f]{8}-[0-9a-f]{8})-(\d+)\.\w+")


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture as a part of a post.

    Attributes:
        instead: the content of the message that takes its place where Slack does not take it.
    """

    picture: Picture
    instead: Mapping[str, Any]

    @property
    def title(self) -> str:
        """What stands above it."""
        return described(self.picture, MOST_TITLE) or "…"

    @property
    def alternative(self) -> str:
        """What is read out to who cannot see it."""
        return described(self.picture, MOST_ALT)

    def name(self, spot: Spot, post: str, part: int) -> str:
        """The name of its file, by which this part of this post is known."""
        return file_name(f"{stem(spot, spot.edition_key, post)}-{part}", self.picture)


def stem(spot: Spot, edition: str, post: str) -> str:
    """What the names of a post's files begin with.

    Args:
        spot: of the question.
        edition: the name of the question as it read then.
        post: the name of the post.
    """
    return f"{family(spot)}{_short(f'{edition} {post}')}"


def family(spot: Spot) -> str:
    """What the names of all files begin with that were posted for a question."""
    return f"tertulia-{_short(spot.key)}-"


def uploaded(message: Mapping[str, Any]) -> dict[tuple[str, int], str]:
    """The files of ours in a message: their ids, by what their names begin with and their part."""
    names = {str(one.get("id")): str(one.get("name")) for one in message.get("files") or ()}
    known = {id_: _NAME.fullmatch(name) for id_, name in names.items()}
    return {(match[1], int(match[2])): id_ for id_, match in known.items() if match}


def is_file(name: str) -> bool:
    """Whether this names a file and no message."""
    return name.startswith("F")


def shared_as(file: Mapping[str, Any], channel: str) -> Iterator[str]:
    """The `ts` of the messages of a channel in which a file was shared."""
    for kind in (file.get("shares") or {}).values():
        yield from (str(one["ts"]) for one in kind.get(channel) or ())


def _short(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:8]
