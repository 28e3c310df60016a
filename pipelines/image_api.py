"""Servers that draw, in the form of OpenAI's `POST /images/generations`."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, Field

from pipelines.json_api import JsonApi, understood
from pipelines.web_place import WebPlace

MOST_BYTES = 12 * 2**20
"""Of an answer: a picture of 8 MB is 11 MB in base64."""
_PICTURES = {"Accept": "image/png, image/jpeg, image/webp"}


class _Drawn(BaseModel):
    b64_json: str | None = None
    url: str | None = None


class _Said(BaseModel):
    data: Annotated[list[_Drawn], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class ImageApi:
    """One server.

    Attributes:
        place: below which it is asked.
        files: below which pictures are fetched of which it tells an address alone.
    """

    place: WebPlace
    files: WebPlace

    async def drawn(self, asked: Mapping[str, object]) -> bytes:
        """The first picture that comes of this, whatever it is.

        Raises:
            CannotError: none came, or from somewhere else; the words are for the model.
        """
        api = JsonApi(self.place.below("images", "generations"))
        said = understood(_Said, await api.post(asked), self.place.name)
        first = said.data[0]
        if first.b64_json:
            return self._decoded(first.b64_json)
        return await self._fetched(first.url or "")

    def _decoded(self, written: str) -> bytes:
        try:
            return base64.b64decode(written, validate=True)
        except (binascii.Error, ValueError) as error:
            raise self.place.cannot("sent no picture") from error

    async def _fetched(self, url: str) -> bytes:
        """What stands at an address; no redirect is followed."""
        inside = self.files.inside(url)
        headers = {**_PICTURES, **self.files.headers}
        async with self.files.opened() as fetcher, fetcher.get(inside, headers) as reply:
            return await self.files.body(reply)
