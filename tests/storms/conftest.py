"""What the storms share: a team that is indexed once, and its model."""

from collections.abc import Iterator

import pytest

from tests.fakes import scripted_model
from tests.storms.crowd import ANSWER
from tests.storms.homes import Team, indexed


@pytest.fixture(scope="session")
def team() -> Iterator[Team]:
    """A team; its home is not to be written to."""
    with scripted_model.serving() as model, indexed(model.url) as team:
        model.answer = ANSWER
        yield team
