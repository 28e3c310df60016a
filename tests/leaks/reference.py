"""Who may read what, said as plainly as can be: the model that Tertulia is compared with.

It knows people, channels and documents, and nothing of principals, filters or stores.
"""

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["member", "guest", "outsider", "bot", "deactivated"]
Reader = tuple[str, str]
"""("everyone", ""), ("user", name), ("group", name) or ("channel", name)."""


@dataclass
class Document:
    """What was last seen of a document: whom it is for, and the canaries that it holds.

    Attributes:
        older: canaries of older texts that may be kept somewhere, and all whom these were for at
            one time; who may see one must have been among them each time, and be so now.
    """

    readers: frozenset[Reader]
    canaries: frozenset[str]
    is_whole: bool = True  # what cannot be read may be hidden from all, until it can
    older: dict[str, frozenset[frozenset[Reader]]] = field(default_factory=dict)

    def is_for(self, canary: str) -> frozenset[frozenset[Reader]] | None:
        """One must be of each of these to see a canary; None where it is not here."""
        if canary in self.canaries:
            return frozenset([self.readers])
        older = self.older.get(canary)
        return None if older is None else older | {self.readers}

    def follow(self, readers: frozenset[Reader]) -> None:
        """Whoever runs Tertulia says that all that is known of it is for these."""
        self.readers, self.older = readers, dict.fromkeys(self.older, frozenset())


@dataclass
class Reference:
    """Everybody, every place and every document, as they are now."""

    people: dict[str, Kind]
    groups: dict[str, set[str]]
    channels: dict[str, set[str]]
    public: set[str] = field(default_factory=set)
    documents: dict[str, Document] = field(default_factory=dict)

    def is_of_the_team(self, person: str) -> bool:
        return self.people[person] == "member"

    def readers_of(self, channel: str) -> set[str]:
        """Who can read a channel: who is in it, and the whole team where it is public."""
        team = {p for p in self.people if self.is_of_the_team(p)} if channel in self.public else ()
        return {p for p in self.channels[channel].union(team) if self.people[p] != "deactivated"}

    def is_one_of(self, person: str, reader: Reader) -> bool:
        kind, name = reader
        if kind == "everyone":
            return self.is_of_the_team(person)
        if kind == "user":
            return person == name
        if kind == "group":
            return person in self.groups[name]
        return person in self.readers_of(name)

    def may_see(self, person: str, canary: str) -> bool:
        """Whether some document that this person may read holds the canary."""
        return any(
            all(any(self.is_one_of(person, one) for one in readers) for readers in each_time)
            for document in self.documents.values()
            if (each_time := document.is_for(canary)) is not None
        )
