"""What the app called, with secrets left out."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.fakes.slack.errors import Json

_SECRETS = {"token", "client_secret", "refresh_token", "code", "access_token"}
LEFT_OUT = "(left out)"


@dataclass
class Call:
    """One call of the Web API.

    Attributes:
        at: seconds on the clock of the test.
        status: of HTTP; 0 where the connection was broken instead.
        answered: the JSON of the answer; what a fault spoilt stands as it should have been.
        was_early: it came before the time that an earlier 429 had named.
    """

    method: str
    arguments: Json
    at: float
    status: int = 0
    answered: Json | None = None
    was_early: bool = False

    @property
    def is_ok(self) -> bool:
        """Whether Slack did it, and said so."""
        return self.status == 200 and bool(self.answered and self.answered.get("ok"))


def without_secrets(values: Mapping[str, object]) -> Json:
    """The same, with a note in the place of each secret, at any depth."""
    return {
        key: LEFT_OUT
        if key in _SECRETS
        else without_secrets(value)
        if isinstance(value, Mapping)
        else value
        for key, value in values.items()
    }
