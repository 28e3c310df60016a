"""A workspace whose app, a real one of Bolt, has put up a message with things to press."""

from collections.abc import AsyncIterator

import pytest
from slack_bolt.context.ack.async_ack import AsyncAck

from tests.fakes.bolt import connected
from tests.fakes.slack_place import Json, Place, workspace


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
    async with workspace() as place:

        async def press(ack: AsyncAck, body: Json) -> None:
            await ack()
            await place.hear(body)

        for name in ("feedback", "why", "pick", "who"):
            place.app.action(name)(press)
        async with connected(place.slack, place.app):
            posted = await place.client.chat_postMessage(
                channel=place.channel, text="An", blocks=BLOCKS
            )
            place.message = place.general.message(posted["ts"])
            yield place
