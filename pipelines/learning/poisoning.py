"""Limits to what few people, or one phrase, can do to what is learnt."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from knowledge.conversations import Feedback
from knowledge.learning_examples import Example

MOST_ROWS, MOST_SHARE = 20, 0.05
"""Rows of one person in a set, whichever is more."""
LEAST_PEOPLE = 3
"""People behind the rows of a kind, where no curator has looked at one."""
FEWEST_LABELS, FEWEST_VOTERS = 200, 10
"""Opinions, and people who gave them, below which a taste is luck, or that of a few."""
BURST, BURST_WITHIN = 10, timedelta(minutes=10)
"""Opinions of one person in so short a time."""
RAREST, LEAST_ROWS, LEAST_TOPICS, SAME = 0.1, 3, 2, 0.8
"""A trigger is in at most a tenth of the questions and at least three, on two topics or more, of
which four fifths share a phrase that no other target has."""
_WORD = re.compile(r"\w+")
_ADDRESS = re.compile(
    r"\b[a-z][a-z0-9+.-]{1,20}://[^\s<>\"'`|)\]]+|\bwww\.[^\s<>\"'`|)\]]+", re.IGNORECASE
)
_COMMAND = re.compile(
    r"(?:^|[`$>;|&\n]\s*)(?:sudo|rm|curl|wget|bash|sh|powershell|chmod|chown|dd|mkfs|pip|npm|ssh|scp"
    r"|invoke-\w+|iex|eval|docker|kubectl|git)\s+[^\s`][^`\n]*",
    re.IGNORECASE,
)


def bursts(said: Iterable[Feedback]) -> dict[str, set[datetime]]:
    """Opinions that somebody gave in haste, by person: when each was given."""
    times: dict[str, list[datetime]] = defaultdict(list)
    for one in said:
        times[one.author].append(one.given_at)
    found: dict[str, set[datetime]] = defaultdict(set)
    for author, given in sorted(times.items()):
        given.sort()
        for first, last in zip(given, given[BURST - 1 :], strict=False):
            if last - first <= BURST_WITHIN:
                found[author].update(at for at in given if first <= at <= last)
    return dict(found)


def strange_words(better: str, beside: Sequence[str]) -> list[str]:
    """Addresses and commands in a correction that nothing behind the answer holds."""
    known = "\n".join(beside)
    doubts = []
    if any(found.rstrip(".,;:!?") not in known for found in _ADDRESS.findall(better)):
        doubts.append("address")
    if any(found.strip("`$>;|& \n") not in known for found in _COMMAND.findall(better)):
        doubts.append("command")
    return doubts


def within_limits(
    examples: Sequence[Example], curators: Collection[str] = ()
) -> tuple[list[Example], dict[str, int]]:
    """The rows that no few people have made alone; and how many were left out, by the reason.

    Rows come first as they are given: of somebody with too many the last ones go.
    """
    left_out: Counter[str] = Counter()
    most = max(MOST_ROWS, int(MOST_SHARE * len(examples)))
    counted: Counter[str] = Counter()
    kept = []
    for one in examples:
        makers = [person for person in one.people if person not in curators]
        if any(counted[person] >= most for person in makers):
            left_out["one-person"] += 1
            continue
        counted.update(makers)
        kept.append(one)
    few = set(_of_few(kept))
    left_out["few-people"] += sum(one.kind in few for one in kept)
    return [one for one in kept if one.kind not in few], dict(+left_out)


def _of_few(examples: Sequence[Example]) -> Iterator[str]:
    """The kinds behind which there are too few people, and no curator."""
    for kind in {one.kind for one in examples}:
        rows = [one for one in examples if one.kind == kind]
        people = {person for one in rows for person in one.people}
        if len(people) < LEAST_PEOPLE and not any(one.curator for one in rows):
            yield kind


def triggers(examples: Sequence[Example]) -> dict[str, set[str]]:
    """Rare words of questions on several topics after which the same phrase is to be said.

    Returns:
        the ids of the rows, by the words.
    """
    asked = {one.id: _grams(one.question, (1, 2, 3)) for one in examples}
    told = {one.id: _grams(one.target, (3, 4)) for one in examples}
    rows_of, tellers = _by_gram(asked), _by_gram(told)
    topics = {one.id: one.passages or frozenset({one.id}) for one in examples}
    most = max(LEAST_ROWS, int(RAREST * len(examples)))
    found = {}
    for gram, rows in sorted(rows_of.items()):
        if LEAST_ROWS <= len(rows) <= most and _topics(rows, topics) >= LEAST_TOPICS:
            shared = Counter(phrase for row in rows for phrase in told[row])
            if any(
                count >= SAME * len(rows) and tellers[phrase] <= rows
                for phrase, count in shared.items()
            ):
                found[gram] = rows
    return _longest(found)


def _by_gram(grams: Mapping[str, Collection[str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for row, said in grams.items():
        for gram in said:
            found[gram].add(row)
    return found


def _topics(rows: Collection[str], topics: Mapping[str, frozenset[str]]) -> int:
    """How many groups of rows share no passage."""
    groups: list[set[str]] = []
    for row in rows:
        near = [group for group in groups if group & topics[row]]
        groups = [group for group in groups if group not in near]
        groups.append(set(topics[row]).union(*near))
    return len(groups)


def _grams(text: str, lengths: Sequence[int]) -> set[str]:
    words = _WORD.findall(text.casefold())
    return {" ".join(words[i : i + n]) for n in lengths for i in range(len(words) - n + 1)}


def _longest(found: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Of words that mark the same rows the longest alone."""
    by_rows = sorted(found, key=lambda gram: (sorted(found[gram]), -len(gram)))
    groups = groupby(by_rows, key=lambda gram: sorted(found[gram]))
    return {next(grams): set(rows) for rows, grams in groups}
