"""A workspace of the fake of Slack in which a real Bolt app listens."""

from collections.abc import AsyncIterator

import pytest

from tests.fakes.slack_place import Place, workspace

EVENTS = (
    *("app_mention", "message", "app_home_opened", "app_context_changed"),
    *("reaction_added", "reaction_removed", "file_shared"),
    *("member_joined_channel", "member_left_channel"),
)


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    async with workspace() as place:
        for name in EVENTS:
            place.app.event(name)(place.hear)
        yield place
