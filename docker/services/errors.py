"""What is raised where a server cannot be had."""

from knowledge.errors import OperatorError


class UnavailableError(OperatorError):
    """This way of getting a server is closed; the message says why."""
