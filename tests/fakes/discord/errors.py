"""What Discord refuses, with its own codes."""

from typing import Any

Json = dict[str, Any]
ACCESS = 50001
PERMISSIONS = 50013
STATUS = {
    0: 404,
    10003: 404,
    10004: 404,
    10007: 404,
    10008: 404,
    10013: 404,
    10014: 404,
    10015: 404,
    10062: 404,
    10063: 404,
    30034: 429,
    30046: 429,
    40005: 413,
    ACCESS: 403,
    50005: 403,
    50007: 403,
    PERMISSIONS: 403,
    50027: 401,
    160005: 403,
}
TEXTS = {
    10003: "Unknown Channel",
    10004: "Unknown Guild",
    10007: "Unknown Member",
    10008: "Unknown Message",
    10013: "Unknown User",
    10014: "Unknown Emoji",
    10015: "Unknown Webhook",
    10062: "Unknown interaction",
    10063: "Unknown application command",
    30034: "Max number of daily application command creates has been reached (200)",
    30046: "Maximum number of edits to messages older than 1 hour reached. Try again later",
    40005: "Request entity too large",
    40060: "Interaction has already been acknowledged.",
    ACCESS: "Missing Access",
    50005: "Cannot edit a message authored by another user",
    50006: "Cannot send an empty message",
    50007: "Cannot send messages to this user",
    PERMISSIONS: "Missing Permissions",
    50016: "Provided too few or too many messages to delete.",
    50024: "Cannot execute action on this channel type",
    50027: "Invalid Webhook Token",
    50034: "A message provided was too old to bulk delete",
    50083: "Thread is archived",
    160004: "A thread has already been created for this message",
    160005: "Thread is locked",
}


class RefusedError(Exception):
    """A request that Discord answers with a code of its own."""

    def __init__(self, code: int, text: str = "", *, errors: Json | None = None) -> None:
        super().__init__(f"{code} {text}")
        self.code = code
        self.status = STATUS.get(code, 400)
        self.body: Json = {"message": text or TEXTS[code], "code": code}
        if errors:
            self.body["errors"] = errors


class NotPossibleError(AssertionError):
    """A person tries what Discord's own windows do not offer."""


def invalid(path: str, code: str, text: str) -> RefusedError:
    """A body that is not as it must be; `path` names the place with dots."""
    errors: Json = {"_errors": [{"code": code, "message": text}]}
    for step in reversed(path.split(".")):
        errors = {step: errors}
    return RefusedError(50035, "Invalid Form Body", errors=errors)


def too_long(path: str, limit: int) -> RefusedError:
    """A text beyond its limit."""
    return invalid(path, "BASE_TYPE_MAX_LENGTH", f"Must be {limit} or fewer in length.")


def check_length(path: str, value: object, limit: int, *, least: int = 0) -> None:
    """Refuse a text that is too long or too short."""
    if not isinstance(value, str):
        raise invalid(path, "STRING_TYPE_CONVERT", "Could not interpret as string.")
    if len(value) > limit:
        raise too_long(path, limit)
    if len(value) < least:
        raise invalid(
            path, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {limit} in length."
        )


def check_count(path: str, values: object, limit: int, *, least: int = 0) -> list[Any]:
    """Refuse a list that is too long or too short."""
    if not isinstance(values, list):
        raise invalid(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
    if not least <= len(values) <= limit:
        wanted = f"Must be between {least} and {limit} in length."
        raise invalid(path, "BASE_TYPE_BAD_LENGTH", wanted)
    return values
