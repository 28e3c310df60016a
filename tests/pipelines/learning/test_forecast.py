"""What a training is said to take of memory, before it begins."""

from dataclasses import replace

from pipelines.learning.tuning.aims import Likelihood
from pipelines.learning.tuning.base import Looks
from pipelines.learning.tuning.liking import Liking
from pipelines.learning.tuning.looking import forecast
from pipelines.learning.tuning.rendering import Rendered
from pipelines.learning.tuning.settings import Settings

SMALL = Looks("llama", 134_515_008, "", 30, 576, 1536, 49_152)
TUNED = 2_442_240
ROW = Rendered(tuple(range(120)), 20, "")


def peak_mb(row: Rendered, at_once: int) -> float:
    aim = Liking() if row.beside else Likelihood()
    settings = Settings(at_once=at_once, rank=8)
    return forecast([row] * 16, settings, SMALL, TUNED, aim=aim).peak_mb


def test_eight_rows_at_once_take_what_was_measured() -> None:
    """4,000 MB where numbers have half the size, over four steps; more where they do not."""
    assert peak_mb(ROW, 8) > 3_600
    assert peak_mb(ROW, 1) < peak_mb(ROW, 4) < peak_mb(ROW, 8) < 2 * peak_mb(ROW, 4)


def test_the_longer_one_of_two_answers_counts() -> None:
    longer = replace(ROW, ids=tuple(range(180)), learnt=80)
    assert peak_mb(replace(ROW, beside=longer), 8) > peak_mb(replace(ROW, beside=ROW), 8)
