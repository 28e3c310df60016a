"""A Slack of our own on loopback, for the process as it ships.

    async with FakeSlack(clock=SteppedClock()) as slack:
        team = slack.team()
        ana = team.user("Ana", locale="es-ES")
        channel = team.channel("general", [ana])
        ...  # start the app with `slack.environment(team)`
        await slack.sockets.connected()
        question = await ana.mentions(channel, "how many days of leave do I have?")
        await slack.until(lambda: len(channel.transcript().texts()) == 2)
        print(channel.transcript())

It keeps Slack's rules where apps stumble over them, and it can be made to fail (`slack.faults`).
What it does not do: enterprise grids, user tokens, canvases, search, scheduled messages. Streams
tell the app nothing of themselves, and a person's message comes without `blocks`.
"""

from tests.fakes.slack.app import EVENTS, SCOPES, SlackApp
from tests.fakes.slack.channels import Channel
from tests.fakes.slack.deliveries import Delivery
from tests.fakes.slack.faults import Fault
from tests.fakes.slack.messages import Message
from tests.fakes.slack.people import User
from tests.fakes.slack.server import FakeSlack
from tests.fakes.slack.team import Team
from tests.fakes.slack.transcript import Said, Transcript

__all__ = [
    "EVENTS",
    "SCOPES",
    "Channel",
    "Delivery",
    "FakeSlack",
    "Fault",
    "Message",
    "Said",
    "SlackApp",
    "Team",
    "Transcript",
    "User",
]
