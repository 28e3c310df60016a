"""Which rows are learnt from, and which ones measure what was learnt; the two never meet.

Rows of one conversation, on one passage or saying the same stay together. The latest of these
groups measure, since what is learnt serves questions that come later. A row that measures is
frozen: it is never learnt from, whatever comes after it.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from knowledge.learning_examples import Example, Split
from pipelines.learning.duplicates import Groups

EVAL_SHARE = 0.2
OVERLAP = 13
"""Words in a row that no two rows of both sides may share."""
_WORD = re.compile(r"\w+")


def split(
    examples: Sequence[Example], same: Groups | None = None, share: float = EVAL_SHARE
) -> dict[str, Split]:
    """The side of each row, by its id; empty where it must be on neither.

    Args:
        examples: with the side that they were on before.
        same: rows that say the same.
        share: of the rows that measure.
    """
    by_name = {one.id: one for one in examples}
    groups = _together(examples, same).all()
    rows = {name: [by_name[row] for row in names] for name, names in groups.items()}
    latest = sorted(rows, key=lambda name: max(one.asked_at for one in rows[name]), reverse=True)
    sides: dict[str, Split] = {}
    left = round(share * len(examples)) - sum(one.split == "eval" for one in examples)
    for name in latest:
        before = {one.split for one in rows[name]} - {""}
        is_free = not before and len(rows[name]) <= left
        left -= len(rows[name]) if is_free else 0
        side: Split = "eval" if before == {"eval"} or is_free else "train"
        for one in rows[name]:
            # A group that came to hold both: what is new in it ties them, and goes to neither.
            sides[one.id] = one.split if len(before) > 1 else side
    return without_overlap(by_name, sides)


def _together(examples: Sequence[Example], same: Groups | None) -> Groups:
    """Rows of one conversation, on one passage or saying the same."""
    groups = Groups(one.id for one in examples)
    first: dict[str, str] = {}
    for one in examples:
        conversation = one.provenance.get("conversation")
        ties = [*one.passages, *([f"in {conversation}"] if conversation else [])]
        ties += [f"same {same.of(one.id)}"] if same else []
        for tie in ties:
            groups.join(first.setdefault(tie, one.id), one.id)
    return groups


def without_overlap(rows: Mapping[str, Example], sides: Mapping[str, Split]) -> dict[str, Split]:
    """The sides, without rows to learn from that share thirteen words with one that measures."""
    measured = _grams(rows[name] for name, side in sides.items() if side == "eval")
    return {
        name: "" if side == "train" and _grams([rows[name]]) & measured else side
        for name, side in sides.items()
    }


def _grams(examples: Iterable[Example]) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    for one in examples:
        # How we say that we do not know is the same in all such answers.
        given = "" if one.provenance.get("reason") else one.given
        for text in [*(turn["content"] for turn in one.messages), given]:
            words = _WORD.findall(text.casefold())
            found.update(tuple(words[i : i + OVERLAP]) for i in range(len(words) - OVERLAP + 1))
    return found


def counted(sides: Mapping[str, Split]) -> dict[str, int]:
    """How many rows are on each side; `neither` where a row is on none."""
    found: dict[str, int] = defaultdict(int)
    for side in sides.values():
        found[side or "neither"] += 1
    return dict(found)
