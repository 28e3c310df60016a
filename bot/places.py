"""Who reads along: the audience of a place is what is true of everybody who can read it.

A reply is read by all who can open the place where it is posted, now or later, not only by whoever
asked. An article may be used there if all of them may open it. So each principal in a place's
audience must hold for every one of its readers:

- in private: the person, the groups and the channels that the person is in, and `everyone`;
- in a channel or a thread of it: the channel itself, and `everyone`;
- where outsiders are (guests, people of other organisations): without `everyone`, which means
  everybody of the team.

An article whose audience names a channel may be used there: that is how whoever runs Tertulia says
that a source may be used in a channel.
"""

from dataclasses import dataclass

from knowledge.articles import EVERYONE, Audience

NOBODY = Audience()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who asks.

    Attributes:
        name: the person's principal, such as `slack:T1:user:U7`.
        belongs_to: principals of the groups, roles and channels that the person is in now.
        is_outsider: a guest, somebody of another organisation, or another bot.
    """

    name: str
    belongs_to: frozenset[str] = frozenset()
    is_outsider: bool = False

    @property
    def rights(self) -> Audience:
        """What is true of this person, and so of all who read a reply in private."""
        team = () if self.is_outsider else (EVERYONE,)
        return Audience.of(self.name, *self.belongs_to, *team)


@dataclass(frozen=True, slots=True)
class Place:
    """Where several people read a reply: a channel, with its threads.

    Attributes:
        channel: its principal, such as `slack:T1:chan:C9`.
        also: other principals that are true of all who can read it.
        has_outsiders: whether anybody but the team can read it, or it is not known.
    """

    channel: str
    has_outsiders: bool = False
    also: frozenset[str] = frozenset()

    @property
    def audience(self) -> Audience:
        """What is true of everybody who can read this place."""
        return Audience.of(self.channel, *self.also, *(() if self.has_outsiders else (EVERYONE,)))

    def alone(self, person: Person) -> Audience:
        """What somebody who asks here could read alone; nobody where that is not to be told.

        Before outsiders it is not even told that there is more.
        """
        if self.has_outsiders or person.is_outsider:
            return NOBODY
        return Audience(person.rights.principals | self.audience.principals)


def readers(*authors: str) -> Audience:
    """Who reads a reply where these people of the team talk: with several, only what all may."""
    return Audience.of(EVERYONE, *(authors if len(set(authors)) == 1 else ()))
