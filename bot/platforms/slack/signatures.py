"""Whether a request comes from Slack; whatever is odd about it, the answer is no."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from multidict import MultiMapping
from slack_sdk.signature import SignatureVerifier

REMEMBERED_S = 600.0
"""A stamp may be five minutes off in either direction."""
MOST_REMEMBERED = 50_000
"""Slack sends at most 30,000 events an hour for a workspace."""
SIGNATURE = "X-Slack-Signature"


@dataclass(slots=True)
class Once:
    """Lets each signature in once: Slack signs what it sends again anew.

    Attributes:
        now: seconds of a clock that only goes forward.
    """

    now: Callable[[], float] = monotonic
    _seen: dict[str, float] = field(default_factory=dict)

    def is_new(self, headers: MultiMapping[str]) -> bool:
        """Whether this signature comes for the first time; from now on it has come."""
        signature, now = headers[SIGNATURE], self.now()
        if signature in self._seen:
            return False
        oldest = next(iter(self._seen), "")
        while oldest and (
            self._seen[oldest] < now - REMEMBERED_S or len(self._seen) >= MOST_REMEMBERED
        ):
            del self._seen[oldest]
            oldest = next(iter(self._seen), "")
        self._seen[signature] = now
        return True

    def forget(self, headers: MultiMapping[str]) -> None:
        """It was not taken in: Slack may send it again at once, and within the same second."""
        self._seen.pop(headers[SIGNATURE], None)


def is_genuine(body: bytes, headers: MultiMapping[str], secret: str) -> bool:
    """Whether Slack has signed these very bytes within the last five minutes.

    The check of the SDK raises where a header or the body is no plain text (T3 of our threats).
    """
    stamp = _only(headers, "X-Slack-Request-Timestamp")
    signature = _only(headers, SIGNATURE)
    if not (secret and body) or not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 12):
        return False
    if not signature.isascii():
        return False
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return SignatureVerifier(secret).is_valid(body, stamp, signature)


def _only(headers: MultiMapping[str], name: str) -> str:
    """A header that is there once; empty where it is missing, or another one contradicts it."""
    found = headers.getall(name, [])
    return found[0] if len(found) == 1 else ""
