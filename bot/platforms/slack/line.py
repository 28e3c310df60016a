"""Whether what is said on Slack reaches us, and when that has begun anew."""

from collections.abc import Callable
from time import monotonic
from typing import Any

from slack_sdk.socket_mode.aiohttp import SocketModeClient

FRESH_S = 60.0
"""Over HTTP nobody tells us that Slack cannot reach us: so long a request shows that it can."""


class Line:
    """The way from Slack to us, as far as we can tell.

    Args:
        began: told that it is there, before which we may have missed something.
    """

    def __init__(self, began: Callable[[], None]) -> None:
        self.began = began
        self._socket: SocketModeClient | None = None
        self._asked_at: float | None = None

    def goes_over(self, socket: SocketModeClient) -> None:
        """It is a socket, which says hello whenever it is opened anew."""
        self._socket = socket
        socket.message_listeners.append(self._said)

    def asked(self) -> None:
        """Slack itself has sent us a request."""
        self._asked_at = monotonic()

    async def is_up(self) -> bool:
        """Whether we are reached just now."""
        if self._socket:
            return await self._socket.is_connected()
        return self._asked_at is not None and monotonic() - self._asked_at < FRESH_S

    async def _said(self, _: object, message: dict[str, Any], __: str | None = None) -> None:
        if message.get("type") == "hello":
            self.began()
