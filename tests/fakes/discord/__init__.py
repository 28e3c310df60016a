"""The fake of Discord: `async with FakeDiscord() as discord: ...`."""

from tests.fakes.discord.channels import Channel
from tests.fakes.discord.errors import NotPossibleError
from tests.fakes.discord.fake import FakeDiscord
from tests.fakes.discord.guilds import Guild
from tests.fakes.discord.interactions import Interaction
from tests.fakes.discord.messages import Message
from tests.fakes.discord.people import Member
from tests.fakes.discord.transcript import Transcript

__all__ = [
    "Channel",
    "FakeDiscord",
    "Guild",
    "Interaction",
    "Member",
    "Message",
    "NotPossibleError",
    "Transcript",
]
