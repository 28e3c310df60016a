"""How Slack says no."""

from typing import Any

Json = dict[str, Any]


class RefusedError(Exception):
    """A call that Slack answers with `ok: false`.

    Attributes:
        code: Slack's word for what is wrong, such as `channel_not_found`.
        details: what stands beside it in the answer.
    """

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code)
        self.code = code
        self.details = details

    def answer(self) -> Json:
        """What the caller gets."""
        return {"ok": False, "error": self.code, **self.details}


class TooFastError(Exception):
    """A call beyond the rate: HTTP 429.

    Attributes:
        retry_after_s: whole seconds until another try is worth it.
    """

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"once more in {retry_after_s} s")
        self.retry_after_s = retry_after_s


class NotAcknowledgedError(Exception):
    """A delivery that the app did not take.

    Attributes:
        reason: as Slack says it with the next try.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def complain(path: str, what: str) -> RefusedError:
    """Blocks that Slack does not take, with the place as Slack names it."""
    message = f"[ERROR] {what} [json-pointer:{path}]"
    return RefusedError("invalid_blocks", response_metadata={"messages": [message]})
