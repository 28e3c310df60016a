"""Pictures that tools have made, as they may be shown: their pixels and nothing beside them."""

import io
import struct
from dataclasses import replace

from PIL import ExifTags, Image, ImageOps

from knowledge.cleaning import clean
from knowledge.conversations import Picture
from pipelines.tool_caller import CannotError

KINDS = ("PNG", "JPEG", "WEBP")
MOST_BYTES = 8 * 2**20
"""Discord takes files of 10 MB."""
LEAST_SIDE, MOST_SIDE = 16, 4096
"""Pixels."""
MOST_DESCRIBED = 1_000
_JPEG_QUALITY = 92


def shown(picture: Picture) -> Picture:
    """A picture written anew from its first frame, without all that it said of itself.

    Prompts, names of models, places and whatever else is hidden beside the pixels stay behind. It
    takes up to some seconds.

    Raises:
        CannotError: it is none that we show; the words are for the model.
    """
    if len(picture.content) > MOST_BYTES:
        raise CannotError(f"The picture has more than {MOST_BYTES:,} bytes.")
    try:
        content, kind = _anew(picture.content)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise CannotError("What came is no picture that I know: PNG, JPEG or WebP.") from error
    if len(content) > MOST_BYTES:
        raise CannotError(f"The picture has more than {MOST_BYTES:,} bytes.")
    described = " ".join(clean(picture.description).split())[:MOST_DESCRIBED]
    return replace(picture, content=content, description=described, kind=kind.lower())


def _anew(content: bytes) -> tuple[bytes, str]:
    """The pixels of a file in a file of the same kind, and that kind."""
    with Image.open(io.BytesIO(content), formats=KINDS) as found:
        if not all(LEAST_SIDE <= side <= MOST_SIDE for side in found.size):
            raise CannotError(f"The picture has {found.width} x {found.height} pixels.")
        kind = str(found.format)
        plain = found.convert("RGBA" if found.has_transparency_data else "RGB")
        turned = _orientation(found)
    plain.info.clear()
    # Nothing but this is read of what the file says: rewriting the rest may fail, and is not kept.
    plain.getexif()[ExifTags.Base.Orientation] = turned
    plain = ImageOps.exif_transpose(plain)
    written = io.BytesIO()
    plain.save(written, kind, quality=_JPEG_QUALITY)
    return written.getvalue(), kind


def _orientation(found: Image.Image) -> object:
    """How a camera was held, as EXIF says it; 1 for upright, also where nothing can be read."""
    try:
        return found.getexif().get(ExifTags.Base.Orientation, 1)
    except (OSError, SyntaxError, ValueError, TypeError, struct.error):
        return 1
