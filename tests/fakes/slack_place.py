"""A workspace of the fake of Slack in which a test begins."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from tests.fakes.bolt import app_of, client_of
from tests.fakes.slack import Channel, FakeSlack, Message, Team, User
from tests.fakes.stepped_clock import SteppedClock

Json = dict[str, Any]


@dataclass
class Place:
    """A workspace with one channel and one person, and who acts there for an app.

    Attributes:
        heard: what an app heard there, where one listens.
        message: what was said there before the test begins, where something was.
    """

    slack: FakeSlack
    clock: SteppedClock
    team: Team
    ana: User
    general: Channel
    heard: list[Json] = field(default_factory=list)
    message: Message = field(init=False)

    @cached_property
    def client(self) -> AsyncWebClient:
        """With the token of the app."""
        return client_of(self.slack, self.team)

    @cached_property
    def app(self) -> AsyncApp:
        """A real one of Bolt."""
        return app_of(self.slack, self.team)

    @property
    def channel(self) -> str:
        """The id of the one channel."""
        return self.general.channel_id

    async def hear(self, event: Json) -> None:
        """A listener for any event."""
        self.heard.append(event)

    def heard_texts(self, kind: str = "app_mention") -> list[str]:
        """What was said in the events of this kind."""
        return [event["text"] for event in self.heard if event["type"] == kind]

    async def refused(self, method: str, **arguments: object) -> str:
        """The error that a call is answered with."""
        return str((await self.error(method, **arguments))["error"])

    async def error(self, method: str, **arguments: object) -> AsyncSlackResponse:
        """The whole answer of a call that is refused."""
        with pytest.raises(SlackApiError) as caught:
            await self.client.api_call(method, json=arguments)
        assert isinstance(caught.value.response, AsyncSlackResponse)
        return caught.value.response


@asynccontextmanager
async def workspace(name: str = "Acme") -> AsyncIterator[Place]:
    """Nothing was said there yet, and time stands until a test passes it."""
    clock = SteppedClock()
    async with FakeSlack(clock=clock) as slack:
        team = slack.team(name)
        ana = team.user("Ana", locale="es-ES")
        yield Place(slack, clock, team, ana, team.channel("general", [ana]))


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    """One whose Slack takes as many calls as come."""
    async with workspace("Acme Labs") as place:
        place.slack.rates.are_on = False
        yield place
