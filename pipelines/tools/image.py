"""Pictures from a description, drawn by any server that is asked as OpenAI's is."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from knowledge.articles import EVERYONE, Audience
from knowledge.fetching import target_of
from pipelines.image_api import MOST_BYTES, ImageApi
from pipelines.tool import Caller, CannotError, Picture, tool
from pipelines.tool_settings import Readers, Secret, ToolSettings
from pipelines.web_place import WebAddress, WebPlace, check_lines

MOST_DESCRIBED = 1_000


class Image(ToolSettings):
    """What `[tools.image]` may say.

    Attributes:
        base_url: of a server with `/images/generations` below it.
        model: its name there; the server's own choice where it is empty.
        key: sent to the server alone.
        size: width and height in pixels, or `auto`.
        response_format: whether the picture is to come itself or as an address; the server's
            own choice where it is not set.
        files_url: below which pictures are fetched that come as an address; the host of
            `base_url` where it is not set.
        private: whether both are in the operator's own network.
        timeout_s: seconds for a picture.
        audience: who may have pictures drawn.
    """

    base_url: WebAddress
    model: str = ""
    key: Secret | None = None
    size: Annotated[str, Field(pattern=r"^(auto|\d{2,4}x\d{2,4})$")] = "1024x1024"
    response_format: Literal["b64_json", "url"] | None = None
    files_url: WebAddress | None = None
    private: bool = False
    timeout_s: Annotated[float, Field(ge=1, le=55)] = 45.0
    audience: Readers = Audience.of(EVERYONE)

    @model_validator(mode="after")
    def _closed_lines(self) -> "Image":
        check_lines(self.base_url, self.files_url or self.base_url, private=self.private)
        return self

    def server(self) -> ImageApi:
        """The server as it is asked."""
        headers = {"Authorization": f"Bearer {self.key.get_secret_value()}"} if self.key else {}
        place = self._place(self.base_url, headers)
        if self.files_url:
            return ImageApi(place, self._place(self.files_url, {}))
        target = target_of(self.base_url)
        return ImageApi(place, self._place(f"{target.scheme}://{target.place}", headers))

    def _place(self, base: str, headers: dict[str, str]) -> WebPlace:
        name = "The server that draws"
        return WebPlace(name, base, headers, self.private, self.timeout_s, MOST_BYTES)


@tool(within_s=60, outward=True)
async def draw_image(
    description: Annotated[
        str, "all that is to be seen, and in which style", Field(max_length=MOST_DESCRIBED)
    ],
    caller: Caller,
    settings: Image,
) -> Picture:
    """Draws a picture, posted as a file. Use it when a picture, drawing or logo is wanted."""
    if not settings.audience.admits(caller.audience):
        raise CannotError("Pictures are not drawn for everybody here.")
    wanted = {"size": settings.size, "model": settings.model}
    wanted["response_format"] = settings.response_format or ""
    asked = {name: value for name, value in wanted.items() if value}
    content = await settings.server().drawn({"prompt": description, "n": 1, **asked})
    return Picture(content, description)
