"""What can go wrong with models, sorted by who must act."""

from knowledge.errors import (
    AskerError,
    OperatorError,
    TertuliaError,
    TransientError,
    UsageError,
)


class UnknownModelError(UsageError):
    """A setting names a kind of model server or a model that does not exist."""


class ModelMissingError(OperatorError):
    """The model's file is not here, or the server does not have the model."""


class ModelDamagedError(OperatorError):
    """The model's file is cut short or altered; it is never loaded."""


class ModelLoadError(OperatorError):
    """llama.cpp could not load a file that is as the catalogue says."""


class ModelFetchError(OperatorError):
    """No place gave us the model; the message lists what was tried."""


class ModelRefusedError(OperatorError):
    """The server does not accept our key or our request."""


class ModelUnavailableError(TransientError):
    """The server is down, busy, too slow or stopped in the middle of an answer."""


class ModelAnswerError(TransientError):
    """The server answered something that is no answer."""


class ContextTooLongError(AskerError):
    """Prompt and answer together are longer than the model can read."""


def our_error_in(error: BaseException) -> TertuliaError | None:
    """Our error inside another one: Haystack wraps what a component of a pipeline raises."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, TertuliaError):
        cause = cause.__cause__
    return cause
