"""A workspace whose app, a real one of Bolt, has put up a message with things to press."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.bolt import app_of, client_of, connected
from tests.fakes.slack import Channel, FakeSlack, Message, Team, User
from tests.fakes.stepped_clock import SteppedClock

Json = dict[str, Any]


@dataclass
class Place:
    """A workspace whose app has put up a message with things to press."""

    slack: FakeSlack
    clock: SteppedClock
    team: Team
    ana: User
    general: Channel
    app: AsyncApp
    client: AsyncWebClient
    message: Message
    heard: list[Json]


def words(text: str) -> Json:
    return {"type": "plain_text", "text": text}


OPTIONS = [{"text": words("Sí"), "value": "yes"}, {"text": words("No"), "value": "no"}]
BLOCKS: list[Json] = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "An answer."}},
    {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": "feedback",
                "positive_button": {"text": words("Good"), "value": "up:1"},
                "negative_button": {"text": words("Bad"), "value": "down:1"},
            }
        ],
    },
    {
        "type": "actions",
        "elements": [
            {"type": "button", "action_id": "why", "text": words("Why?"), "value": "1"},
            {"type": "static_select", "action_id": "pick", "options": OPTIONS},
            {"type": "users_select", "action_id": "who"},
        ],
    },
]


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    clock = SteppedClock()
    async with FakeSlack(clock=clock) as slack:
        team = slack.team()
        ana = team.user("Ana")
        general = team.channel("general", [ana])
        app = app_of(slack, team)
        heard: list[Json] = []

        @app.action("feedback")
        @app.action("why")
        @app.action("pick")
        @app.action("who")
        async def press(ack: AsyncAck, body: Json) -> None:
            await ack()
            heard.append(body)

        async with connected(slack, app):
            client = client_of(slack, team)
            channel = general.channel_id
            posted = await client.chat_postMessage(channel=channel, text="An", blocks=BLOCKS)
            message = general.message(posted["ts"])
            yield Place(slack, clock, team, ana, general, app, client, message, heard)
