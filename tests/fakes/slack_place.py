"""A workspace of the fake of Slack, and a client that acts in it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from tests.fakes.bolt import client_of
from tests.fakes.slack import Channel, FakeSlack, Team, User
from tests.fakes.stepped_clock import SteppedClock


@dataclass
class Place:
    """A workspace, and a client that acts in it."""

    slack: FakeSlack
    clock: SteppedClock
    team: Team
    ana: User
    general: Channel
    client: AsyncWebClient

    @property
    def channel(self) -> str:
        return self.general.channel_id

    async def refused(self, method: str, **arguments: object) -> str:
        """The error that a call is answered with."""
        return str((await self.error(method, **arguments))["error"])

    async def error(self, method: str, **arguments: object) -> AsyncSlackResponse:
        """The whole answer of a call that is refused."""
        with pytest.raises(SlackApiError) as caught:
            await self.client.api_call(method, json=arguments)
        assert isinstance(caught.value.response, AsyncSlackResponse)
        return caught.value.response


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    clock = SteppedClock()
    async with FakeSlack(clock=clock) as slack:
        slack.rates.are_on = False
        team = slack.team("Acme Labs")
        ana = team.user("Ana", locale="es-ES")
        yield Place(slack, clock, team, ana, team.channel("general", [ana]), client_of(slack, team))
