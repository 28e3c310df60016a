"""What a score is worth, by store and direction of languages."""

from pathlib import Path

import pytest

from pipelines import calibration
from pipelines.answerability import judged
from pipelines.calibration import AS_IT_IS, LANGUAGES, Line, calibrated, direction, lines, save
from pipelines.coverage import WordCoverage
from pipelines.ranking import Candidate
from tests.pipelines.small_knowledge import chunk

DIRECTIONS = {direction(one, other) for one in LANGUAGES for other in LANGUAGES}


def test_every_store_has_a_line_for_every_direction() -> None:
    assert set(lines()) == {"embedded", "elastic"}
    assert all(set(of) == DIRECTIONS for of in lines().values())


@pytest.mark.parametrize("store", ["embedded", "elastic"])
@pytest.mark.parametrize("way", sorted(DIRECTIONS))
def test_what_was_likelier_stays_likelier(store: str, way: str) -> None:
    found = [calibrated(n / 20, store=store, direction=way) for n in range(21)]
    assert found == sorted(found)
    assert 0 < found[0] < found[-1] < 1


def test_where_nothing_was_measured_a_score_stays_as_it_is() -> None:
    assert calibrated(0.7, store="embedded", direction="fr->en") == pytest.approx(0.7)
    assert calibrated(0.7, store="another", direction="en->en") == pytest.approx(0.7)
    assert AS_IT_IS.of(0.2) == pytest.approx(0.2)


def test_the_direction_is_that_of_the_question_and_the_best_chunk() -> None:
    found = [Candidate(chunk("c", "text", "es"), False, True, cosine=0.85)]
    empty = WordCoverage.empty().of([])
    told = judged("what?", found, empty, store="elastic", language="en")
    expected = calibrated(told.probability, store="elastic", direction="en->es")
    assert told.calibrated == pytest.approx(expected)


def test_lines_are_written_so_that_they_can_be_read_again(tmp_path: Path) -> None:
    path = tmp_path / "lines.json"
    save({"embedded": {"en->es": Line(1.2345, -0.5)}}, path)
    assert path.read_text("utf-8").splitlines()[3].strip() == '"slope": 1.234,'
    assert calibration.LINES.name == "calibration.json"
