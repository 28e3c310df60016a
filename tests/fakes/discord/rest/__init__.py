"""REST, version 10: one file a topic."""

from tests.fakes.discord.rest import (
    channels,
    commands,
    guilds,
    interactions,
    me,
    messages,
    reactions,
    threads,
)

__all__ = [
    "channels",
    "commands",
    "guilds",
    "interactions",
    "me",
    "messages",
    "reactions",
    "threads",
]
