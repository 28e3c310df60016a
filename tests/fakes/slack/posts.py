"""HTTP mode: we post to the app, with a signature."""

import json
import time
from urllib.parse import urlencode

import aiohttp
from slack_sdk.signature import SignatureVerifier

from tests.fakes.slack.app import SlackApp
from tests.fakes.slack.deliveries import Attempt, Kind
from tests.fakes.slack.errors import Json, NotAcknowledgedError

FORM = "application/x-www-form-urlencoded"


class Posts:
    """Posts to the request URL of the app."""

    late = "http_timeout"

    def __init__(self, app: SlackApp) -> None:
        self._app = app

    async def deliver(self, kind: Kind, payload: Json, attempt: Attempt) -> Json | None:
        """Post it; a 200 is the acknowledgement, and its body may say more."""
        body, content_type = body_of(kind, payload)
        headers = signed(self._app.signing_secret, body) | {"Content-Type": content_type}
        if attempt.number:
            headers["X-Slack-Retry-Num"] = str(attempt.number)
            headers["X-Slack-Retry-Reason"] = attempt.reason
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.post(str(self._app.request_url), data=body, headers=headers) as reply,
            ):
                if reply.status != 200:
                    raise NotAcknowledgedError("http_error")
                text = await reply.text()
        except aiohttp.ClientError as error:
            raise NotAcknowledgedError("connection_failed") from error
        return _read(text) if kind != "events_api" else None

    async def challenge(self, url: str) -> bool:
        """Whether this address answers as Slack asks for before it sends anything there."""
        word = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"
        body = json.dumps({"type": "url_verification", "challenge": word, "token": "fake"})
        headers = signed(self._app.signing_secret, body) | {"Content-Type": "application/json"}
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data=body, headers=headers) as reply,
        ):
            return reply.status == 200 and word in await reply.text()


def body_of(kind: Kind, payload: Json) -> tuple[str, str]:
    """The body of a request and its content type, as Slack writes them."""
    if kind == "events_api":
        return json.dumps(payload), "application/json"
    if kind == "slash_commands":
        return urlencode(payload), FORM
    return urlencode({"payload": json.dumps(payload)}), FORM


def signed(secret: str, body: str, *, timestamp: int | None = None) -> dict[str, str]:
    """The headers that prove who sent this body; the time is the real one unless given."""
    when = str(int(time.time()) if timestamp is None else timestamp)
    signature = SignatureVerifier(secret).generate_signature(timestamp=when, body=body)
    return {"X-Slack-Request-Timestamp": when, "X-Slack-Signature": str(signature)}


def _read(text: str) -> Json | None:
    """What an acknowledgement says: JSON, or a text for the person."""
    try:
        value = json.loads(text)
    except ValueError:
        return {"text": text} if text else None
    return value if isinstance(value, dict) else {"text": text}
