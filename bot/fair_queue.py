"""Who is answered next: fair between people, one turn at a time in each conversation."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Waiting:
    """A turn in the queue.

    Attributes:
        tag: its place in the order; smaller is earlier.
    """

    number: int
    author: str
    conversation: str
    tag: tuple[float, int]


class FairQueue:
    """Weighted fair queueing: each next turn of the same person stands one round further back.

    Whoever asks ten things is not served ten times before somebody who asks one. A round is over
    when each of those who wait has had a turn, so that newcomers keep nobody waiting for ever.

    Args:
        most: turns that may wait in all.
        most_of_one: turns of one person that may wait.
    """

    def __init__(self, most: int, most_of_one: int) -> None:
        self._most, self._most_of_one = most, most_of_one
        self._waiting: dict[int, Waiting] = {}
        self._busy: dict[int, str] = {}
        self._round = 0.0
        self._last_of: dict[str, float] = {}

    def put(self, number: int, author: str, conversation: str) -> bool:
        """Let a turn wait; False where too many do already."""
        own = [one for one in self._waiting.values() if one.author == author]
        if len(self._waiting) >= self._most or len(own) >= self._most_of_one:
            return False
        round_ = max(self._round, self._last_of.get(author, -1) + 1)
        self._last_of[author] = round_
        self._waiting[number] = Waiting(number, author, conversation, (round_, number))
        return True

    def begin(self) -> int | None:
        """The turn whose answer begins now; None where none can."""
        one = next((one for one in self._ordered() if self._is_free(one)), None)
        if one is None:
            return None
        self._round += 1 / len({other.author for other in self._waiting.values()})
        del self._waiting[one.number]
        self._busy[one.number] = one.conversation
        return one.number

    def end(self, number: int) -> None:
        """A turn was answered, or nobody waits for it any longer."""
        self._busy.pop(number, None)
        self._waiting.pop(number, None)
        if not self._waiting:  # nobody stands before anybody: all begin in the same round again
            self._last_of.clear()

    def position(self, number: int) -> int:
        """How many turns come before this one, those that are being answered included; 0: none."""
        before = [one.number for one in self._ordered()]
        if number not in self._waiting:
            return 0
        return len(self._busy) + before.index(number)

    def first(self, most: int) -> list[int]:
        """The turns that come next, at most so many."""
        return [one.number for one in self._ordered()[:most]]

    def _ordered(self) -> list[Waiting]:
        """All that wait; in one conversation always in the order in which they came."""
        firsts: dict[str, int] = {}
        for number, one in sorted(self._waiting.items()):
            firsts.setdefault(one.conversation, number)
        ordered = sorted(self._waiting.values(), key=lambda one: one.tag)
        ready = [one for one in ordered if firsts[one.conversation] == one.number]
        return ready + [one for one in ordered if firsts[one.conversation] != one.number]

    def _is_free(self, one: Waiting) -> bool:
        return one.conversation not in self._busy.values()
