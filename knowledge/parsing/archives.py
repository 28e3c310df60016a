"""Office files are zip archives: what is checked before one is opened."""

from io import BytesIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from knowledge.parsing.parsed import NotParsedError

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_MAX_UNPACKED = 300 * 2**20
_MAX_RATIO = 200  # honest office files stay below 60
_MAX_PARTS = 10_000


def checked(content: bytes) -> BytesIO:
    """The archive, ready to be opened in memory; nothing of it is ever written to a disk.

    Raises:
        NotParsedError: it is protected, damaged, an older format, or would unpack to too much.
    """
    if content.startswith(_OLE):
        raise _refused_ole(content)
    try:
        with ZipFile(BytesIO(content)) as archive:
            _check(archive.infolist())
    except (BadZipFile, EOFError, NotImplementedError, OSError) as error:
        raise damaged(error) from error
    return BytesIO(content)


def damaged(error: Exception) -> NotParsedError:
    """The reason for a file that its own library cannot open."""
    return NotParsedError(
        f"It is damaged ({type(error).__name__}).",
        what_to_do="Open it in its program and save it again.",
    )


def password_protected() -> NotParsedError:
    """The reason for a file that needs a password."""
    return NotParsedError(
        "It is password-protected.", what_to_do="Save a copy without a password, or leave it out."
    )


def _refused_ole(content: bytes) -> NotParsedError:
    if _ENCRYPTED_PACKAGE in content:
        return password_protected()
    return NotParsedError(
        "It is in an Office format from before 2007.",
        what_to_do="Open it and save it as .docx, .pptx or .xlsx.",
    )


def _check(parts: list[ZipInfo]) -> None:
    """Judge by the archive's own list, before anything is unpacked.

    The sizes in that list are binding: `zipfile` stops reading a part where its stated size ends.
    """
    if any(part.flag_bits & 1 for part in parts):
        raise password_protected()
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    is_bomb = unpacked > _MAX_UNPACKED or (
        unpacked > 2**20 and unpacked > _MAX_RATIO * max(packed, 1)
    )
    if is_bomb or len(parts) > _MAX_PARTS:
        raise NotParsedError(
            f"It would unpack to {unpacked / 2**20:.0f} MB in {len(parts)} parts (a zip bomb?).",
            what_to_do="Leave it out unless you know what it is; else save it in smaller files.",
        )
