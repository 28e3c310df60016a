"""Whichever line of the rights is wrong, a test notices: else the line could go wrong unseen."""

from tests.leaks.mutants import IN_A_FOLDER, ON_A_SERVER, WAITED_FOR, survivors
from tests.leaks.withdrawn_mutants import WITHDRAWN


def test_every_line_that_is_made_wrong_stands_once_where_it_is_said_to_be() -> None:
    everywhere = [*IN_A_FOLDER, *WITHDRAWN, *WAITED_FOR, *ON_A_SERVER]
    assert not [mutant.name for mutant in everywhere if mutant.places != 1]


def test_no_wrong_line_survives() -> None:
    assert not survivors([*IN_A_FOLDER, *WITHDRAWN])


def test_no_wrong_line_of_the_server_s_store_survives(elasticsearch_url: str) -> None:
    found = survivors(ON_A_SERVER, TERTULIA_TEST_ELASTICSEARCH_URL=elasticsearch_url)
    assert not found
