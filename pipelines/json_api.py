"""Asks an API that answers in JSON, at a place that an operator has named."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote, unquote, urlencode

import structlog
from pydantic import TypeAdapter, ValidationError

from knowledge.fetching import Reply
from pipelines.tool import CannotError
from pipelines.web_place import WebPlace

MOST_HOPS = 3
_JSON = re.compile(r"(?:application|text)/(?:[a-z0-9.+-]+\+)?json")
_UNCLEAR = re.compile(r"[\x00-\x1f\x7f\\%?#\ud800-\udfff]|://")
_SENDS_JSON = {"Content-Type": "application/json"}
Form = TypeVar("Form")
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class JsonApi:
    """One API."""

    place: WebPlace

    @property
    def name(self) -> str:
        """What it is called where something goes wrong."""
        return self.place.name

    def below(self, *segments: str) -> "JsonApi":
        """The part of it that begins with these; each of them may have any signs in it."""
        return JsonApi(self.place.below(*segments))

    async def get(self, path: str = "", parameters: Sequence[tuple[str, str]] = ()) -> Any:  # noqa: ANN401 (JSON)
        """What it says of a path.

        Args:
            path: below the base, as people write it.
            parameters: names and values of the query.

        Raises:
            NotThereError: it knows of no such thing.
            CannotError: there is no answer, or none that can be used; the words are for the model.
        """
        asked = urlencode(parameters, errors="replace", quote_via=quote)
        url = f"{self.place.base}{below(path)}{'?' if asked else ''}{asked}"
        async with self.place.opened() as fetcher:
            for _ in range(MOST_HOPS + 1):
                async with fetcher.get(url, self._headers()) as reply:
                    if not reply.location:
                        return await self._read(reply)
                    url = self.place.inside(reply.location, status=reply.status)
        raise self.place.cannot("leads in a circle")

    async def post(self, value: object) -> Any:  # noqa: ANN401 (JSON)
        """What it says after it was given something.

        Raises:
            NothingDoneError: it did not take it; the words are for the model.
            CutShortError: nobody knows whether it did.
        """
        body = json.dumps(value).encode()
        async with (
            self.place.changing() as fetcher,
            fetcher.send("POST", self.place.base, self._headers() | _SENDS_JSON, body) as reply,
        ):
            return await self._read(reply)

    def _headers(self) -> dict[str, str]:
        return {"Accept": "application/json", **self.place.headers}

    async def _read(self, reply: Reply) -> Any:  # noqa: ANN401 (JSON)
        body = await self.place.body(reply)
        if not body:
            return None
        kind = reply.header("content-type").partition(";")[0].strip().lower()
        try:
            if _JSON.fullmatch(kind):
                return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise self.place.cannot("did not answer in JSON") from error
        raise self.place.cannot("did not answer in JSON", kind=kind[:40])


def below(path: str) -> str:
    """A path that others wrote, as it is sent: it begins with a slash, and leads nowhere else.

    Raises:
        CannotError: it would, or could be read in different ways.
    """
    plain = unquote(path.strip().strip("/"))
    if not plain:
        return ""
    segments = plain.split("/")
    if _UNCLEAR.search(plain) or not all(segments) or {".", ".."} & set(segments):
        raise CannotError("A path has to be plain, such as machines/42: no .., ?, # or address.")
    return "".join(f"/{quote(one, safe='')}" for one in segments)


def understood(form: type[Form], value: object, name: str) -> Form:
    """What an API said, in the form that it is documented to have.

    Raises:
        CannotError: it has another one.
    """
    try:
        return TypeAdapter(form).validate_python(value)
    except ValidationError as error:
        log.warning("an API was not understood", api=name, form=str(form))
        raise CannotError(f"{name} said something that I cannot read.") from error
