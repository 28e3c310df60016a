"""The addresses of servers as people write them into settings."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import SplitResult, urlsplit

ELASTIC_PORTS = MappingProxyType({"http": 9200, "https": 443})
_NO_PORTS: Mapping[str, int] = MappingProxyType({})
_WHO = re.compile(r"(?<=://).*@")


def http_address(value: str, right: str, ports: Mapping[str, int] = _NO_PORTS) -> str:
    """An address that begins with http:// or https://, without a slash at its end.

    Args:
        value: as people wrote it.
        right: what would be right where there is nothing nearer.
        ports: the port that is added to one that names none, by its beginning.

    Raises:
        ValueError: it is none; says why, and what would be right, without a password in it.
    """
    text = value.strip()
    shown = _WHO.sub("***@", text)
    if not text.lower().startswith(("http://", "https://")):
        raise ValueError(f"'{shown}' is no address: it begins with no http://. Right: {right}")
    if re.search(r"\s", text):
        near = re.sub(r"\s", "", shown)
        raise ValueError(f"'{shown}' is no address: there is a space in it. Right: {near}")
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError as error:
        raise ValueError(f"'{shown}' is no address: {error}. Right: {right}") from error
    if not host:
        raise ValueError(f"'{shown}' is no address: it names no server. Right: {right}")
    return _with_port(parts, ports, right, shown)


def _with_port(parts: SplitResult, ports: Mapping[str, int], right: str, shown: str) -> str:
    """The address, and the port of its beginning where it names none."""
    try:
        port = ports.get(parts.scheme) if parts.port is None else parts.port
    except ValueError:
        port = 0
    if port == 0:
        usual = urlsplit(right).port
        near = re.sub(r":[^:/\]]*(?=/|$)", f":{usual}", shown.partition("://")[2], count=1)
        raise ValueError(
            f"'{shown}' is no address: a port is a number from 1 to 65535. "
            f"Right: {parts.scheme}://{near}"
        )
    place = parts.netloc.removesuffix(":")
    if parts.port is None and port:
        place = f"{place}:{port}"
    return parts._replace(netloc=place).geturl().rstrip("/")
