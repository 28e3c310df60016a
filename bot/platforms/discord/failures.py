"""What goes wrong with Discord, in our own errors."""

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import discord

from knowledge.errors import OperatorError, TransientError

EXPIRED = (10015, 10062, 50027)
"""Codes of Discord for a command that can be replied to no longer."""
GONE = 10008
"""The code for a message that somebody has deleted."""
TOO_OLD = 30046
"""The code for a message of more than an hour ago that was changed too often for now."""
ARCHIVED = 50083
"""The code for a message of a thread that was put away meanwhile, or for one that is locked."""
RIGHTS = (50001, 50013)
CLOSED_BY_TOKEN = 4004
"""The code of a connection that is closed since the token counts no longer."""
TOO_LARGE = 40005
"""The code for files that are larger than this place takes."""
UNAUTHORIZED = 401
"""The status of a token that is wrong just now: the post waits for the right one."""


class DiscordBusyError(TransientError):
    """Discord does not answer just now, or wants us to wait."""

    def __init__(self, message: str, *, wait_s: float = 0.0) -> None:
        super().__init__(message, what_to_do="Nothing: it is tried again.")
        self.wait_s = wait_s


class DiscordRefusedError(OperatorError):
    """Discord refuses what we ask, now and later."""

    def __init__(self, message: str, *, what_to_do: str, code: int = 0, status: int = 0) -> None:
        super().__init__(message, what_to_do=what_to_do)
        self.code = code
        self.is_for_good = status != UNAUTHORIZED


class DiscordSettingsError(OperatorError):
    """The token is wrong, or an intent is not switched on."""


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Errors of discord.py and of the network as ours.

    Args:
        doing: what we were at, for the message.
    """
    try:
        yield
    except discord.RateLimited as error:
        message = f"Discord wants us to wait {error.retry_after:.0f} s before {doing}."
        raise DiscordBusyError(message, wait_s=error.retry_after) from error
    except discord.LoginFailure as error:
        raise _wrong_token() from error
    except discord.PrivilegedIntentsRequired as error:
        raise DiscordSettingsError(
            "DISCORD_MESSAGE_CONTENT=true, but Discord does not let this bot read messages.",
            what_to_do="Switch it on: discord.com/developers, your app, Bot, Message Content "
            "Intent; or set DISCORD_MESSAGE_CONTENT=false.",
        ) from error
    except discord.ConnectionClosed as error:
        if error.code == CLOSED_BY_TOKEN:
            raise _wrong_token() from error
        raise DiscordSettingsError(
            f"Discord has closed the connection for good, with code {error.code}.",
            what_to_do="Codes: discord.com/developers/docs/topics/opcodes-and-status-codes",
        ) from error
    except discord.HTTPException as error:
        raise _of_http(error, doing) from error
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise DiscordBusyError(f"Discord cannot be reached for {doing}.") from error


def _wrong_token() -> DiscordSettingsError:
    return DiscordSettingsError(
        "Discord refuses DISCORD_TOKEN.",
        what_to_do="Copy the token anew: discord.com/developers, your app, Bot, Reset Token.",
    )


def _of_http(error: discord.HTTPException, doing: str) -> DiscordBusyError | DiscordRefusedError:
    is_refused = error.code == TOO_OLD  # although its status says that we are too quick
    if error.status >= 500 or (error.status in (408, 429) and not is_refused):
        return DiscordBusyError(f"Discord answered {error.status} to {doing}.")
    advice = "See the log; ask for help with this message if it happens again."
    if error.code in RIGHTS:
        advice = (
            "Give the bot its rights in this channel: View Channel, Send Messages, Send Messages "
            "in Threads, Create Public Threads, Read Message History."
        )
    message = f"Discord refused {doing}: {error.status}, code {error.code}."
    return DiscordRefusedError(message, what_to_do=advice, code=error.code, status=error.status)
