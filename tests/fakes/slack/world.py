"""What all parts of the fake share: time, the app, its tokens, and the ways to it."""

from dataclasses import dataclass

from tests.fakes.slack.app import SlackApp
from tests.fakes.slack.deliveries import Deliveries
from tests.fakes.slack.faults import Faults
from tests.fakes.slack.invitations import ResponseUrls, Triggers
from tests.fakes.slack.moments import Moments
from tests.fakes.slack.rates import Rates
from tests.fakes.slack.tokens import Tokens


@dataclass
class World:
    """One Slack with one app.

    Attributes:
        url: where the fake listens, without a slash at the end.
    """

    app: SlackApp
    moments: Moments
    faults: Faults
    deliveries: Deliveries
    tokens: Tokens
    rates: Rates
    triggers: Triggers
    response_urls: ResponseUrls
    url: str = ""
