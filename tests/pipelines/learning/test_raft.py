"""Rows that teach to read are learnt only with some that have nothing to read the answer from."""

from pathlib import Path

import pytest

from pipelines.learning.trainers import JobRefusedError, load
from tests.pipelines.learning import tiny_torch

pytest.importorskip("torch")


@pytest.mark.parametrize(("every", "words"), [(100, "Of 40 rows 1 "), (2, "Of 40 rows 20 ")])
def test_too_few_or_too_many_refusals_are_refused(every: int, words: str, tiny_home: Path) -> None:
    def row(question: str, answer: str, n: int) -> dict[str, object]:
        return {**tiny_torch.messages(question, answer, n), "gold": n % every > 0}

    tiny_torch.write_rows(tiny_home / "rows.jsonl", 40, row)
    with pytest.raises(JobRefusedError, match=words) as refused:
        load("raft").cost(tiny_torch.job(tiny_home, "raft"))
    assert "20 %" in refused.value.what_to_do


def test_a_row_that_does_not_say_whether_it_has_gold_is_named_by_its_line(tiny_home: Path) -> None:
    with pytest.raises(JobRefusedError, match="line 1 does not say with `gold`"):
        load("raft").cost(tiny_torch.job(tiny_home, "raft"))
