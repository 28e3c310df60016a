"""draw_image against a server on loopback: pictures, and nothing else that may come."""

import io
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from PIL import Image

from knowledge.articles import Audience
from knowledge.conversations import Picture
from pipelines.pictures import MOST_BYTES, shown
from pipelines.tool import Caller, CannotError, tool
from pipelines.tool_settings import ToolSettingsError
from pipelines.tools import Call
from tests.brokers import broker_of
from tests.fakes.image_server import HIDDEN, ImageServer, drawing, picture
from tests.fakes.loopback import LoopbackServer, Reply
from tests.fakes.website import moved
from tests.pipelines.tools.desk import ANA, GUEST, Desk

ENVIRONMENT = {"IMAGE_KEY": "s3cret-key"}
OWL = "an owl with a hat\n in blue"


@pytest.fixture
def server() -> Iterator[ImageServer]:
    with drawing() as started:
        yield started


def desk(server: ImageServer, **changed: object) -> Desk:
    table: dict[str, Any] = {"base_url": f"{server.url}/v1", "private": True}
    return Desk({"image": table | {"key": "${IMAGE_KEY}"} | changed}, ENVIRONMENT)


async def drawn(server: ImageServer, **changed: object) -> Picture:
    outcome = await desk(server, **changed).outcome("draw_image", description=OWL)
    assert outcome.status == "done", outcome.text
    assert outcome.picture
    return outcome.picture


@pytest.mark.parametrize("gives_address", [False, True])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
async def test_a_picture_comes_as_it_was_drawn_and_says_nothing_of_itself(
    server: ImageServer, kind: str, gives_address: bool
) -> None:
    server.content, server.gives_address = picture(kind), gives_address
    assert HIDDEN.encode() in server.content
    found = await drawn(server, model="owl-1", size="512x512", response_format="b64_json")
    assert HIDDEN.encode() not in found.content
    assert found.kind == kind.lower()
    assert found.description == "an owl with a hat in blue"
    with Image.open(io.BytesIO(found.content)) as seen:
        assert (seen.format, seen.size) == (kind, (64, 64))
        red, green, blue = seen.convert("RGB").getpixel((9, 9))  # type: ignore[misc]  # an RGB
        assert (red < 9, 120 < green < 136, 120 < blue < 136) == (True, True, True)
    wanted = {"prompt": OWL, "n": 1, "model": "owl-1", "size": "512x512"}
    assert server.asked == [wanted | {"response_format": "b64_json"}]
    keys = {one.headers["authorization"] for one in server.requests}
    assert keys == {"Bearer s3cret-key"}


async def test_what_is_not_set_is_left_to_the_server(server: ImageServer) -> None:
    await drawn(server)
    assert server.asked == [{"prompt": OWL, "n": 1, "size": "1024x1024"}]


async def test_of_a_picture_that_moves_the_first_one_is_shown_and_what_is_clear_stays_so() -> None:
    frames = [Image.new("RGBA", (32, 32), (n, 0, 0, 0)) for n in (0, 200)]
    written = io.BytesIO()
    frames[0].save(written, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    found = shown(Picture(written.getvalue() + HIDDEN.encode(), "x" * 2_000))
    assert HIDDEN.encode() not in found.content
    assert len(found.description) == 1_000
    with Image.open(io.BytesIO(found.content)) as seen:
        assert getattr(seen, "n_frames", 1) == 1
        assert seen.convert("RGBA").getpixel((1, 1))[3] == 0  # type: ignore[index]  # an RGBA


@pytest.mark.parametrize(
    "content",
    [
        b"<html>",
        b"",
        b"GIF89a" + bytes(60),
        b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"/>',
        picture()[:-40],
        picture("JPEG")[:200],
        b"RIFF\x10\0\0\0WEBPVP8 " + bytes(40),
    ],
)
async def test_what_is_no_whole_picture_is_refused(server: ImageServer, content: bytes) -> None:
    for server.gives_address in (False, True):
        server.content = content
        said = await desk(server).cannot("draw_image", description=OWL)
        assert "no picture" in said or "nothing" in said or "leads somewhere" in said


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, of what is damaged
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_damaged_file_is_a_picture_or_refused_in_words(kind: str) -> None:
    whole, chance = picture(kind), Random(1)
    for _ in range(500):
        damaged = bytearray(whole[: chance.randrange(1, len(whole) + 1)])
        for _ in range(chance.randrange(4)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        with suppress(CannotError):
            assert shown(Picture(bytes(damaged), "")).kind in ("png", "jpeg", "webp")


@pytest.mark.parametrize("side", [8, 5_000])
async def test_what_nobody_could_look_at_is_refused(server: ImageServer, side: int) -> None:
    server.content = picture(side=side)
    said = await desk(server).cannot("draw_image", description=OWL)
    assert said == f"The picture has {side} x {side} pixels."


async def test_a_picture_that_is_too_large_is_refused(server: ImageServer) -> None:
    server.content = picture() + bytes(10_000_000 - len(picture()))
    assert "says more than 12,582,912 bytes" in await desk(server).cannot(
        "draw_image", description=OWL
    )
    server.gives_address = True
    assert "more than 8,388,608 bytes" in await desk(server).cannot("draw_image", description=OWL)
    server.content = bytes(13_000_000)
    assert "says more than 12,582,912" in await desk(server).cannot("draw_image", description=OWL)
    with pytest.raises(CannotError):
        shown(Picture(bytes(MOST_BYTES + 1), ""))


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply.of({"error": {"message": "s3cret"}}, status=500), "does not work just now"),
        (Reply.of({}, status=401), "does not let us in"),
        (Reply.of({"error": "safety"}, status=400), "does not take these values"),
        (moved("https://evil.example/v1"), "leads somewhere else"),
        (Reply.of({"data": []}), "said something that I cannot read"),
        (Reply.of({"data": [{}]}), "leads somewhere else"),
        (Reply.of({"data": [{"b64_json": "§§"}]}), "sent no picture"),
        (Reply.of({"data": [{"url": "https://evil.example/a.png"}]}), "leads somewhere else"),
        (Reply.of({"data": [{"url": "http://127.0.0.1:1/a.png"}]}), "leads somewhere else"),
        (Reply.of({"data": [{"url": "file:///etc/passwd"}]}), "leads somewhere else"),
        (Reply(b"<html>", content_type="text/html"), "did not answer in JSON"),
    ],
)
async def test_what_goes_wrong_is_told_in_words(
    server: ImageServer, reply: Reply, said: str
) -> None:
    server.reply = reply
    told = await desk(server).cannot("draw_image", description=OWL)
    assert said in told
    assert "s3cret" not in told
    assert len(server.requests) == 1, "nothing else was asked"


async def test_a_picture_whose_address_leads_on_is_not_followed(server: ImageServer) -> None:
    server.gives_address = True
    respond = server.respond

    async with LoopbackServer(lambda _: Reply(picture(), content_type="image/png")) as elsewhere:

        def leading(request: Any) -> Reply:  # noqa: ANN401 (a request)
            found = respond(request)
            return found if request.method == "POST" else moved(f"{elsewhere.url}/a.png")

        async with LoopbackServer(leading) as leads:
            server.url = leads.url
            told = await desk(server).cannot("draw_image", description=OWL)
            assert told == "The server that draws leads somewhere else."
        assert elsewhere.requests == []


async def test_another_host_is_asked_where_it_is_named_and_sees_no_key(
    server: ImageServer,
) -> None:
    async with LoopbackServer(lambda _: Reply(picture(), content_type="image/png")) as blobs:
        server.gives_address, server.address = True, f"{blobs.url}/private/a.png?sig=1"
        await drawn(server, files_url=f"{blobs.url}/private")
        (request,) = blobs.requests
        assert request.path == "/private/a.png?sig=1"
        assert "authorization" not in request.headers
        server.address = f"{blobs.url}/private/../other.png"
        said = await desk(server, files_url=f"{blobs.url}/private").cannot(
            "draw_image", description=OWL
        )
        assert said == "The server that draws leads somewhere else."
        assert len(blobs.requests) == 1


async def test_a_server_that_hangs_is_waited_for_no_longer_than_set(server: ImageServer) -> None:
    server.reply = replace(Reply.of({"data": []}), hang_at=5)
    said = await desk(server, timeout_s=1).cannot("draw_image", description=OWL)
    assert said == "The server that draws did not answer; ask again later."


async def test_a_private_address_is_asked_only_where_that_is_allowed(server: ImageServer) -> None:
    with pytest.raises(ToolSettingsError, match="private = true"):
        desk(server, private=False)
    port = server.url.rpartition(":")[2]
    closed = desk(server, private=False, base_url=f"https://127.0.0.1:{port}/v1")
    told = await closed.cannot("draw_image", description=OWL)
    assert told == "The server that draws cannot be asked from here."
    assert server.requests == []


async def test_nothing_is_drawn_for_whom_it_is_not(server: ImageServer) -> None:
    said = await desk(server).cannot("draw_image", GUEST, description=OWL)
    assert said == "Pictures are not drawn for everybody here."
    channel = Caller("slack:U1", Audience.of("slack:T1:chan:C9"))
    named = desk(server, audience=["slack:T1:chan:C9"])
    assert (await named.outcome("draw_image", channel, description=OWL)).picture
    assert len(server.asked) == 1


async def test_an_endless_description_is_refused_before_anybody_is_asked(
    server: ImageServer,
) -> None:
    outcome = await desk(server).outcome("draw_image", description="x" * 1_001)
    assert outcome.status == "refused"
    assert server.requests == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"key": "sk-s3cret"}, "has to name the variable"),
        ({"size": "huge"}, "size"),
        ({"timeout_s": 90}, "timeout_s"),
        ({"files_url": "http://a.example"}, "with private = true"),
        ({"modle": "x"}, "has no 'modle'"),
    ],
)
async def test_a_table_that_is_wrong_is_told(
    server: ImageServer, changed: dict[str, Any], said: str
) -> None:
    public = {"base_url": "https://api.example/v1", "private": False}
    with pytest.raises(ToolSettingsError) as told:
        desk(server, **(public | changed))
    assert said in str(told.value)
    assert "s3cret" not in str(told.value)


async def test_what_a_tool_of_the_team_gives_is_looked_at_as_well() -> None:
    @tool
    def chart(of: str) -> Picture:
        """Draws a chart of something. Use it for charts."""
        return Picture(picture() if of == "parts" else b"%PDF-1.7", of, kind="png")

    broker = broker_of({"chart": chart})
    made = await broker.call(Call("chart", {"of": "parts"}), ANA, ["chart"])
    assert made.picture
    assert HIDDEN.encode() not in made.picture.content
    other = await broker.call(Call("chart", {"of": "wages"}), ANA, ["chart"])
    assert (other.status, other.picture) == ("failed", None)
    assert other.text == "What came is no picture that I know: PNG, JPEG or WebP."
