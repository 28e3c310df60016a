"""What an Ollama server says when something is wrong, as errors of ours."""

import re

from knowledge.errors import TertuliaError
from pipelines.models.errors import (
    ContextTooLongError,
    ModelAnswerError,
    ModelLoadError,
    ModelMissingError,
    ModelRefusedError,
    ModelUnavailableError,
)

LATER = "Ask again in a minute; if it stays, look at the log of Ollama."
TOO_LONG = re.compile(r"exceeds? the (maximum )?context length|exceed_context_size")
NO_MEMORY = re.compile(
    r"requires more system memory|out of memory|insufficient memory|unable to allocate|alloc failed"
)
UNABLE = re.compile(r"does not support ([a-z ]+)")
CAPABLE = {
    "chat": "Choose a language model in CHAT_MODEL or in the persona's header.",
    "tools": "Choose a model with tools, or give it a template with tools: docs/models.md.",
    "thinking": "Take `think: true` out of the persona's header, or choose a model that thinks.",
    "embeddings": "Choose an embedding model in EMBEDDING_MODEL, such as nomic-embed-text.",
}
"""What to do about a model that cannot do what is asked of it."""


def from_status(status: int, said: str, *, model: str, place: str) -> TertuliaError:
    """The error for an answer that is not 200."""
    found = from_words(said, model=model, place=place)
    if found is not None:
        return found
    if status in {401, 403}:
        return ModelRefusedError(
            f"The server at {place} does not let us in (status {status}).",
            what_to_do="Put user and password into OLLAMA_HOST: http://USER:PASSWORD@HOST:PORT",
        )
    if status == 429 or status >= 500:
        busy = "is busy" if status in {429, 503} else "failed"
        return ModelUnavailableError(
            f"Ollama at {place} {busy} (status {status}): {_short(said)}", what_to_do=LATER
        )
    if status == 404:
        return no_ollama(place)
    return ModelRefusedError(
        f"Ollama at {place} refused the request to the model {model} "
        f"(status {status}): {_short(said)}",
        what_to_do="Update Ollama, or choose another model.",
    )


def from_words(said: str, *, model: str, place: str) -> TertuliaError | None:
    """The error that only the server's words tell; None if they tell none."""
    if TOO_LONG.search(said):
        return too_long(model)
    if NO_MEMORY.search(said):
        return ModelLoadError(
            f"Ollama at {place} has too little memory for the model {model}: {_short(said)}",
            what_to_do="Free some memory, or choose a smaller model.",
        )
    if re.search(r"model .*not found", said):
        return missing(model, place)
    unable = UNABLE.search(said)
    if unable:
        what = unable[1].strip()
        return ModelRefusedError(
            f"The model {model} of Ollama at {place} does not support {what}.",
            what_to_do=CAPABLE.get(what, "Choose another model."),
        )
    return None


def broken_off(said: str, *, model: str, place: str) -> TertuliaError:
    """The error for an answer that has begun and ends before it is complete."""
    because = f": {_short(said)}" if said else "."
    return from_words(said, model=model, place=place) or ModelUnavailableError(
        f"The model {model} of Ollama at {place} broke off its answer{because}", what_to_do=LATER
    )


def missing(model: str, place: str, hint: str = "") -> ModelMissingError:
    """The error for a model that the server does not have."""
    return ModelMissingError(
        f"Ollama at {place} has no model {model}.", what_to_do=f"Run: ollama pull {model}. {hint}"
    )


def too_long(model: str) -> ContextTooLongError:
    """The error for a prompt that the model cannot read whole; Ollama would cut it silently."""
    return ContextTooLongError(
        f"Question and context are longer than the model {model} can read.",
        what_to_do="Ask a shorter question, or start a new conversation.",
    )


def garbled(model: str, place: str) -> ModelAnswerError:
    """The error for an answer that does not follow the protocol."""
    return ModelAnswerError(
        f"The model {model} of Ollama at {place} sent something that is no answer.",
        what_to_do="Ask again; if it stays, check that OLLAMA_HOST is the address of Ollama.",
    )


def no_ollama(place: str) -> ModelRefusedError:
    """The error for another server that answers in Ollama's place."""
    return ModelRefusedError(
        f"What answers at {place} is no Ollama, or one too old for us.",
        what_to_do="Set OLLAMA_HOST to the address of an Ollama server.",
    )


def unreachable(place: str) -> ModelUnavailableError:
    """The error for a server that takes no connection or drops it."""
    return ModelUnavailableError(
        f"Ollama at {place} could not be reached, or it broke off.",
        what_to_do="Start it (`ollama serve`), or set OLLAMA_HOST to where it runs.",
    )


def too_slow(model: str, place: str) -> ModelUnavailableError:
    """The error for a server that says nothing for too long."""
    return ModelUnavailableError(
        f"The model {model} of Ollama at {place} did not answer in time.",
        what_to_do="Ask again in a minute; a smaller model answers sooner.",
    )


def _short(said: str) -> str:
    """The server's words in one line, cut short."""
    return " ".join(said.split())[:200] or "no reason given"
