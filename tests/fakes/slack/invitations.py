"""What an app may use for a short time once somebody pressed something."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4

from tests.fakes.slack.errors import Json, RefusedError
from tests.fakes.slack.moments import Moments

TRIGGER_LIFE_S = 3.0
URL_LIFE_S = 30 * 60.0
URL_USES = 5

Reply = Callable[[Json], None]


@dataclass
class Trigger:
    """Opens one view, for one person."""

    user_id: str
    issued_at: float
    is_used: bool = False


@dataclass
class Triggers:
    """The `trigger_id`s that were given out."""

    moments: Moments
    _all: dict[str, Trigger] = field(default_factory=dict)

    def issue(self, user_id: str) -> str:
        """A new one for somebody."""
        name = f"{self.moments.seconds()}.{len(self._all)}.{uuid4().hex}"
        self._all[name] = Trigger(user_id, self.moments.now())
        return name

    def take(self, name: str) -> str:
        """Use one up; whose it is.

        Raises:
            RefusedError: it is not one, too old, or used.
        """
        trigger = self._all.get(name)
        if trigger is None:
            raise RefusedError("invalid_trigger_id")
        if trigger.is_used:
            raise RefusedError("exchanged_trigger_id")
        if self.moments.now() > trigger.issued_at + TRIGGER_LIFE_S:
            raise RefusedError("expired_trigger_id")
        trigger.is_used = True
        return trigger.user_id


@dataclass
class ResponseUrl:
    """Where an app may answer what somebody pressed."""

    reply: Reply
    issued_at: float
    uses: int = 0


@dataclass
class ResponseUrls:
    """The `response_url`s that were given out."""

    moments: Moments
    _all: dict[str, ResponseUrl] = field(default_factory=dict)

    def issue(self, reply: Reply) -> str:
        """The path of a new one; what comes there goes to `reply`."""
        path = f"/actions/{uuid4().hex}"
        self._all[path] = ResponseUrl(reply, self.moments.now())
        return path

    def use(self, path: str, said: Json) -> None:
        """Somebody posted to it.

        Raises:
            RefusedError: it is not one, too old, or used up.
        """
        url = self._all.get(path)
        if url is None:
            raise RefusedError("invalid_url")
        if self.moments.now() > url.issued_at + URL_LIFE_S:
            raise RefusedError("expired_url")
        if url.uses >= URL_USES:
            raise RefusedError("used_url")
        url.uses += 1
        url.reply(said)
