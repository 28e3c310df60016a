"""What can go wrong with a fetch, sorted by who must act."""

from knowledge.errors import OperatorError, TransientError


class FetchRefusedError(OperatorError):
    """We do not ask for this address: its form, or the place that it leads to, is not allowed."""


class ReplyTooLargeError(OperatorError):
    """The reply has more bytes than may be read, on the way or once inflated."""


class FetchFailedError(TransientError):
    """There was no whole reply: no connection, no certificate that holds, too slow, broken off."""


class NotReachedError(FetchFailedError):
    """The same where nothing was sent: there was no connection."""
