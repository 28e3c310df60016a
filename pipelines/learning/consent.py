"""Who must have agreed before anything is learnt from an answer that people rated."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from knowledge.rated_answers import RatedAnswer


@dataclass(frozen=True, slots=True)
class Consents:
    """Who agrees now.

    Attributes:
        admin: whether those who look after Tertulia do.
        terms: the chats whose terms allow it.
        channel: whether a channel does, by its full name.
        people: those who do, and since when: what they wrote before counts for nothing.
    """

    admin: bool
    terms: Collection[str]
    channel: Callable[[str], bool]
    people: Mapping[str, datetime]

    def why_not(self, rated: RatedAnswer) -> str:
        """Whose consent is missing; empty where none is."""
        chat = rated.learns_in.partition(":")[0]
        if not self.admin:
            return "no-admin"
        if not rated.learns_in or not self.channel(rated.learns_in):
            return "no-channel"
        if chat != "terminal" and chat not in self.terms:
            return "no-terms"
        if not self.covers(rated.question.author, rated.question.sent_at):
            return "no-person"
        return ""

    def covers(self, person: str, at: datetime) -> bool:
        """Whether somebody had agreed when they wrote this, and still does."""
        return person in self.people and self.people[person] <= at

    def snapshot(self, rated: RatedAnswer, people: Collection[str], at: datetime) -> dict[str, Any]:
        """Who agreed, to be kept with the row."""
        return {
            "at": at.isoformat(),
            "admin": self.admin,
            "channel": rated.learns_in,
            "people": {one: self.people[one].isoformat() for one in people},
        }
