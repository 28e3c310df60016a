"""Talks to servers that speak the OpenAI protocol; translates their errors into ours."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import openai
from openai import AsyncOpenAI

from knowledge.errors import TertuliaError
from pipelines.models.errors import (
    ContextTooLongError,
    ModelAnswerError,
    ModelMissingError,
    ModelRefusedError,
    ModelUnavailableError,
)

CONNECT_TIMEOUT_S = 5.0
# Only until the first byte of an answer; what has begun is never asked for twice.
RETRIES = 2

# What servers call a prompt that is too long: llama.cpp, then OpenAI and vLLM.
TOO_LONG = ("exceed_context_size_error", "context_length_exceeded", "maximum context length")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server answers, and the key that it wants.

    Attributes:
        url: with the path of the protocol, for instance `http://127.0.0.1:8000/v1`.
        extra: further fields of every request for an answer, which only this server understands.
    """

    url: str
    key: str = field(default="", repr=False)
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def root(self) -> str:
        """The address without `/v1`, where servers keep what is not in the protocol."""
        return self.url.rstrip("/").removesuffix("/v1")

    @property
    def place(self) -> str:
        """The address for people: without user name, password and query."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

    @property
    def is_local(self) -> bool:
        """Whether it is on this machine, where a proxy of the network has no business."""
        return urlsplit(self.url).hostname in {"127.0.0.1", "localhost", "::1"}

    def connect(self, *, timeout_s: float) -> AsyncOpenAI:
        """A client; `timeout_s` is the longest silence before and within an answer."""
        timeout = openai.Timeout(timeout_s, connect=CONNECT_TIMEOUT_S)
        return AsyncOpenAI(
            base_url=self.url,
            api_key=self.key or "none",
            max_retries=RETRIES,
            timeout=timeout,
            http_client=openai.DefaultAsyncHttpxClient(
                trust_env=not self.is_local, timeout=timeout
            ),
        )


def translated(
    error: openai.APIError | json.JSONDecodeError, model: str, endpoint: Endpoint
) -> TertuliaError:
    """Our error for one of the client's."""
    if isinstance(error, openai.APIStatusError):
        return _from_status(error, model, endpoint)
    if isinstance(error, openai.APITimeoutError):
        return ModelUnavailableError(
            f"The model {model} at {endpoint.place} did not answer in time.",
            what_to_do="Ask again in a minute; a smaller model answers sooner.",
        )
    if isinstance(error, openai.APIResponseValidationError | json.JSONDecodeError):
        return garbled(model, endpoint)
    if isinstance(error, openai.APIConnectionError):
        return ModelUnavailableError(
            f"The server of the model {model} at {endpoint.place} could not be reached "
            "or broke off.",
            what_to_do="Check that it runs and that the address is right; then ask again.",
        )
    return _from_body(error, model, endpoint)


def garbled(model: str, endpoint: Endpoint) -> ModelAnswerError:
    """The error for an answer that does not follow the protocol."""
    return ModelAnswerError(
        f"The model {model} at {endpoint.place} sent something that is no answer.",
        what_to_do="Ask again; if it stays, check that the address is that of a model server.",
    )


def _from_status(error: openai.APIStatusError, model: str, endpoint: Endpoint) -> TertuliaError:
    if error.status_code == 404:
        return ModelMissingError(
            f"The server at {endpoint.place} has no model {model}.",
            what_to_do="Check the name in the setting, or add the model to the server.",
        )
    if error.status_code in {401, 403}:
        return ModelRefusedError(
            f"The server at {endpoint.place} does not accept our key.",
            what_to_do="Set OPENAI_API_KEY to a key of that server.",
        )
    if error.status_code == 429 or error.status_code >= 500:
        return ModelUnavailableError(
            f"The server of the model {model} at {endpoint.place} is busy or failing "
            f"(status {error.status_code}).",
            what_to_do="Ask again in a minute; if it stays, look at the server's log.",
        )
    return _from_body(error, model, endpoint)


def _from_body(error: openai.APIError, model: str, endpoint: Endpoint) -> TertuliaError:
    said = f"{error.message} {error.code or ''} {error.type or ''} {error.body or ''}"
    if any(mark in said for mark in TOO_LONG):
        return ContextTooLongError(
            f"Question and context are longer than the model {model} can read.",
            what_to_do="Ask a shorter question, or start a new conversation.",
        )
    if isinstance(error, openai.APIStatusError):
        return ModelRefusedError(
            f"The server at {endpoint.place} refused the request to the model {model} "
            f"(status {error.status_code}): {error.message[:200]}",
            what_to_do="Check that the server supports what is asked of it.",
        )
    return ModelUnavailableError(
        f"The model {model} at {endpoint.place} failed in the middle of its answer.",
        what_to_do="Ask again in a minute; if it stays, look at the server's log.",
    )
