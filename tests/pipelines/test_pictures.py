"""Pictures as they are shown: upright, and without what the file says of itself."""

import io

import pytest
from PIL import ExifTags, Image

from knowledge.conversations import Picture
from pipelines.pictures import shown
from tests.fakes.image_server import HIDDEN


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(("turned", "corner"), [(1, (0, 0)), (3, (1, 1)), (6, (1, 0)), (8, (0, 1))])
def test_a_picture_of_a_camera_that_was_turned_stands_upright(
    kind: str, turned: int, corner: tuple[int, int]
) -> None:
    taken, exif, written = Image.new("RGB", (96, 48), "white"), Image.Exif(), io.BytesIO()
    taken.paste("red", (0, 0, 24, 24))
    exif[ExifTags.Base.Orientation], exif[ExifTags.Base.Make] = turned, HIDDEN
    taken.save(written, kind, exif=exif)
    content = shown(Picture(written.getvalue(), "a corner")).content
    assert HIDDEN.encode() not in content
    with Image.open(io.BytesIO(content)) as seen:
        assert seen.size == ((48, 96) if turned in (6, 8) else (96, 48))
        assert not seen.getexif(), "nobody turns it once more"
        plain = seen.convert("RGB")
    x, y = (8 + place * (side - 16) for place, side in zip(corner, plain.size, strict=True))
    red, green, _ = plain.crop((x, y, x + 1, y + 1)).tobytes()
    assert red > 200
    assert green < 60


@pytest.mark.filterwarnings("ignore:Corrupt EXIF:UserWarning")
@pytest.mark.parametrize(
    "said",
    [
        b"Exif\x00\x00",
        b"Exif\x00\x00MM\x00*",
        b"Exif\x00\x00II*\x00\x08\x00\x00\x00\xff\xff\x12\x01",
    ],
)
def test_what_a_file_says_wrongly_of_its_camera_spoils_no_picture(said: bytes) -> None:
    written = io.BytesIO()
    Image.new("RGB", (96, 48), "white").save(written, "JPEG", exif=said)
    with Image.open(io.BytesIO(shown(Picture(written.getvalue(), "x")).content)) as seen:
        assert seen.size == (96, 48)
