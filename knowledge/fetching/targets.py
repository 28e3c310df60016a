"""Web addresses taken apart, strictly: what we check is what we ask."""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import quote, urlsplit

from knowledge.fetching.errors import FetchRefusedError

DEFAULT_PORTS = {"http": 80, "https": 443}
_UNCLEAR = re.compile(r"[\x00-\x20\x7f\\]")
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
_SAFE = "/%:@!$&'()*+,;=~"
_MAX_LENGTH = 8192


@dataclass(frozen=True, slots=True)
class Target:
    """A web address in its parts.

    Attributes:
        host: in ASCII and lower case; an IPv6 address without brackets.
        resource: path and query as they are sent.
    """

    scheme: str
    host: str
    port: int
    resource: str

    @property
    def place(self) -> str:
        """Host and port as a URL names them; the ports of http and https are the same place."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The whole address."""
        return f"{self.scheme}://{self.place}{self.resource}"


def target_of(url: str) -> Target:
    """The parts of an address, without its fragment.

    Raises:
        FetchRefusedError: another scheme than http and https, a name or password in it, or a form
            that programs read in different ways.
    """
    if len(url) > _MAX_LENGTH or _UNCLEAR.search(url):
        raise _refused(url, "is not written as a web address")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _refused(url, "is not written as a web address") from error
    scheme = parts.scheme.lower()
    if scheme not in DEFAULT_PORTS:
        raise _refused(url, "does not begin with http:// or https://")
    if "@" in parts.netloc:
        raise _with_a_name(f"{scheme}://...@{shown(parts.hostname or '')}")
    if port == 0:
        raise _refused(url, "has port 0")
    resource = quote(parts.path or "/", safe=_SAFE)
    if parts.query:
        resource += f"?{quote(parts.query, safe=_SAFE + '?[]|')}"
    return Target(scheme, host_of(parts.hostname or ""), port or DEFAULT_PORTS[scheme], resource)


def host_of(name: str) -> str:
    """A host in the one form in which we write it.

    Raises:
        FetchRefusedError: it is no name and no address as everybody writes them: octal, decimal
            and hexadecimal forms of addresses are refused.
    """
    bare = name.strip("[]")
    if ":" in bare:
        return _checked_6(bare)
    try:
        host = bare.encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError as error:
        raise _refused(name, "has no valid host") from error
    if len(host) > 253 or not _NAME.fullmatch(host):
        raise _refused(name, "has no valid host")
    if _NUMBER.fullmatch(host):
        return _checked_4(host)
    return host


def shown(url: str) -> str:
    """An address that others wrote, as it may stand in a message: short, in plain signs."""
    return re.sub(r"[^\x21-\x7e]", "?", url[:200]) or "(nothing)"


def _checked_6(bare: str) -> str:
    try:
        ip = IPv6Address(bare)
    except AddressValueError as error:
        raise _refused(bare, "has no valid host") from error
    if ip.scope_id is not None:
        raise _refused(bare, "names a network card")
    return str(ip)


def _checked_4(host: str) -> str:
    try:
        return str(IPv4Address(host))
    except AddressValueError as error:
        raise _refused(host, "writes an address in an unusual form") from error


def _with_a_name(url: str) -> FetchRefusedError:
    return FetchRefusedError(
        f"{url} has a name or password in it; it was not asked.",
        what_to_do="Write the address without them; a website has the options `user`, `password` "
        "and `token`.",
    )


def _refused(url: str, why: str) -> FetchRefusedError:
    return FetchRefusedError(
        f"{shown(url)} {why}; it was not asked.",
        what_to_do="Write it as https://HOST/PATH, with a host name or a plain address.",
    )
