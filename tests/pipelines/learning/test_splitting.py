"""What measures is never learnt from, in whatever order rows come."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.learning_examples import Example
from pipelines.learning.splitting import counted, split
from tests.pipelines.learning.rows import row

ties = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(0, 30)), min_size=1, max_size=40
)
LONG = " ".join(f"word{n}" for n in range(20))


def rows_of(said: list[tuple[int, int, int]], first: int = 0) -> list[Example]:
    return [
        row(f"r{first + n}", conversation=f"c{c}", passages=[f"p{p}"], day=day)
        for n, (c, p, day) in enumerate(said)
    ]


def test_the_latest_rows_measure() -> None:
    sides = split([row(f"r{n}", day=n) for n in range(10)])
    assert [name for name, side in sides.items() if side == "eval"] == ["r9", "r8"]
    assert counted(sides) == {"train": 8, "eval": 2}


@given(ties)
@settings(max_examples=200, deadline=None)
def test_no_conversation_and_no_passage_is_on_both_sides(said: list[tuple[int, int, int]]) -> None:
    rows = rows_of(said)
    sides = split(rows)
    for key in ("conversation", "passages"):
        train, measured = (
            {str(o.provenance[key]) for o in rows if sides[o.id] == side}
            for side in ("train", "eval")
        )
        assert not train & measured


@given(ties, ties)
@settings(max_examples=200, deadline=None)
def test_whatever_comes_later_nothing_that_measures_is_learnt(
    first: list[tuple[int, int, int]], later: list[tuple[int, int, int]]
) -> None:
    before = rows_of(first)
    sides = split(before)
    known = [replace(one, split=sides[one.id]) for one in before]
    more = rows_of(later, first=len(before))
    after = split([*known, *more])
    assert all(after[one.id] == one.split for one in known if one.split)
    frozen = {one.id for one in known if one.split == "eval"}
    for one in more:
        if after[one.id] == "train":
            tied = [o for o in known if o.id in frozen and (_ties(o) & _ties(one))]
            assert not tied


def _ties(one: Example) -> set[str]:
    return {f"in {one.provenance['conversation']}", *one.passages}


def test_thirteen_words_in_common_keep_a_row_out_of_both() -> None:
    rows = [row("a", told=LONG, day=0), row("b", told=f"So: {LONG}", day=9)]
    rows += [row(f"r{n}", day=n) for n in range(1, 8)]
    sides = split(rows)
    assert (sides["b"], sides["a"]) == ("eval", "")
    short = " ".join(LONG.split()[:12])
    sides = split([replace(one, given=short) if one.id == "a" else one for one in rows[1:]])
    assert sides["b"] == "eval"
