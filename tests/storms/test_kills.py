"""Wherever the process that serves is killed, each message ends in one answer or a stated reason.

One seed for each place, always the same; `make bench ONLY=kills` tries twenty.
"""

from zlib import crc32

import pytest

from tests.storms.homes import Team
from tests.storms.kills import PLACES, Place, Trial, outcome

SEEDS = 20


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
async def test_a_killed_process_loses_no_message_and_answers_none_twice(
    place: Place, team: Team
) -> None:
    trial = Trial(place, crc32(place.name.encode()) % SEEDS)
    found = await outcome(trial, team)
    assert found.asked
    assert (found.lost, found.doubled) == (0, 0), found
