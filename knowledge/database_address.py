"""Where a database is, as people write it; what is wrong is said without the password."""

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from knowledge.errors import UsageError

FORM = "postgresql://USER:PASSWORD@HOST/DATABASE"
FILE_FORM = "sqlite:////FOLDER/FILE.db"
_OTHER_NAMES = {"postgres": "postgresql"}
_ESCAPED = "In user and password, @ is written %40, : is %3A and / is %2F."


class DatabaseAddressError(UsageError):
    """What was written is no address of a database."""


def parsed(text: str) -> URL:
    """An address; `postgres` is another name for `postgresql`, a file is absolute.

    Raises:
        DatabaseAddressError: it is none. The address is not repeated: it may hold a password.
    """
    try:
        url = make_url(text.strip())
    except (ArgumentError, ValueError) as error:
        raise _wrong("it cannot be read", _ESCAPED) from error
    if "@" in (url.host or ""):
        raise _wrong("it has more than one @", _ESCAPED)
    kind, _, driver = url.drivername.partition("+")
    kind = _OTHER_NAMES.get(kind, kind)
    url = url.set(drivername=f"{kind}+{driver}" if driver else kind)
    if url.database in {None, "", ":memory:"}:
        raise _wrong("it names no file" if kind == "sqlite" else "it names no database")
    if kind == "sqlite":
        return url.set(database=str(_file(url.database or "")))
    return url


def _file(path: str) -> Path:
    if "\0" in path:
        raise _wrong("there is a zero character in it")
    try:
        return Path(path).expanduser().absolute()
    except RuntimeError as error:
        person = path.partition("/")[0]
        raise _wrong(f"this machine knows nobody of the name {person}") from error


def shown(url: URL) -> str:
    """An address for people: the path of a file, or a server without the password."""
    kind = url.get_backend_name()
    if kind == "sqlite":
        return url.database or ""
    user = f"{url.username}@" if url.username else ""
    port = f":{url.port}" if url.port else ""
    host = url.host or url.query.get("host") or "localhost"
    return f"{kind}://{user}{host}{port}/{url.database}"


def without_password(text: str, url: URL) -> str:
    """What a driver said, without the password that it may have repeated."""
    for secret in (url.password, url.query.get("password")):
        if secret:
            text = text.replace(str(secret), "***")
    return text


def _wrong(what: str, what_to_do: str = "") -> DatabaseAddressError:
    right = f"Right: {FORM} or {FILE_FORM}."
    return DatabaseAddressError(
        f"This is no address of a database: {what}.", what_to_do=f"{right} {what_to_do}".strip()
    )
