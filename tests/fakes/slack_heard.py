"""A workspace of the fake of Slack, and what a real Bolt app heard there."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp

from tests.fakes.bolt import app_of
from tests.fakes.slack import Channel, FakeSlack, Team, User
from tests.fakes.stepped_clock import SteppedClock

Json = dict[str, Any]


@dataclass
class Place:
    """A workspace with one channel and one person, and what the app heard there."""

    slack: FakeSlack
    clock: SteppedClock
    team: Team
    ana: User
    general: Channel
    app: AsyncApp
    heard: list[Json]

    def texts(self, kind: str = "app_mention") -> list[str]:
        return [event["text"] for event in self.heard if event["type"] == kind]


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    clock = SteppedClock()
    async with FakeSlack(clock=clock) as slack:
        team = slack.team()
        ana = team.user("Ana", locale="es-ES")
        general = team.channel("general", [ana])
        app = app_of(slack, team)
        heard: list[Json] = []

        async def hear(event: Json) -> None:
            heard.append(event)

        for name in ("app_mention", "message", "app_home_opened", "app_context_changed"):
            app.event(name)(hear)
        for name in ("reaction_added", "reaction_removed", "file_shared"):
            app.event(name)(hear)
        for name in ("member_joined_channel", "member_left_channel"):
            app.event(name)(hear)
        yield Place(slack, clock, team, ana, general, app, heard)
