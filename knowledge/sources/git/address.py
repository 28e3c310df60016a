"""Where a repository lies: which addresses are allowed, and where people read its files."""

import re
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, quote, unquote, urlsplit

from knowledge.sources import OptionError, local

_HOST = re.compile(r"[a-z0-9][a-z0-9.-]*|[0-9a-f:]+", re.IGNORECASE)
_SSH = re.compile(r"(?:\w[\w.-]*@)?(?P<host>[A-Za-z0-9][\w.-]*):(?!/?/)(?P<path>[^-].*)")
_PAGES = {
    "github": "{root}/blob/{ref}/{path}",
    "gitlab": "{root}/-/blob/{ref}/{path}",
    "bitbucket": "{root}/src/{ref}/{path}",
}
"""Where a host shows a file, by a part of its name."""


@dataclass(frozen=True, slots=True)
class Address:
    """A repository's address.

    Attributes:
        remote: as git is given it; no secret is in it.
        header: the HTTP header with name and password; empty where there are none.
        pages: the link to a file, with `{ref}` and `{path}`; empty where there is none.
        local: the folder of a repository on this machine.
    """

    remote: str
    header: str = ""
    pages: str = ""
    local: Path | None = None

    def link(self, ref: str, path: str) -> str:
        """Where a person opens a file; empty where there is no such place."""
        if self.pages:
            return self.pages.replace("{ref}", quote(ref)).replace("{path}", quote(path))
        file = self.local / path if self.local else None
        return file.as_uri() if file and file.is_file() else ""


def address_of(url: str, path: str, link: str) -> Address:
    """The address that these options name.

    Raises:
        OptionError: none, two, or one that is not allowed.
    """
    if bool(url) == bool(path):
        raise OptionError(
            "It needs the address of a repository: --url or --path, one of them.",
            what_to_do="Right: --url https://github.com/team/handbook.git or --path ../handbook",
        )
    if link and not re.match(r"https?://[^/]+/.*\{path\}", link):
        raise OptionError(
            "Option 'link' must be an address with {path} in it.",
            what_to_do="Right: link=https://git.example.org/team/handbook/src/{ref}/{path}",
        )
    if path or url.startswith("file://"):
        here = local(path or unquote(urlsplit(url).path)).absolute()
        return Address(str(here), pages=link, local=here)
    if "://" not in url:
        return _of_ssh(url, link)
    return _of_url(url, link)


def _of_ssh(url: str, link: str) -> Address:
    """An address such as `git@github.com:team/handbook.git`."""
    found = _SSH.fullmatch(url)
    if not found or "::" in url:
        raise _refused(url)
    return Address(url, pages=link or _pages(found["host"], found["path"]))


def _of_url(url: str, link: str) -> Address:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise _refused(url) from error
    if parts.scheme not in {"https", "http", "ssh"} or not _HOST.fullmatch(host):
        raise _refused(url)
    pages = link or _pages(host, parts.path)
    if parts.scheme == "ssh":
        if parts.password is not None or (parts.username or "").startswith("-"):
            raise _refused(url)
        return Address(url, pages=pages)
    if parts.scheme == "http" and parts.username is not None and not _is_this_machine(host):
        raise OptionError(
            f"A password would travel openly to {host}.", what_to_do="Use https:// instead."
        )
    place = f"[{host}]" if ":" in host else host
    netloc = f"{place}:{port}" if port else place
    return Address(parts._replace(netloc=netloc).geturl(), header=_header(parts), pages=pages)


def _header(parts: SplitResult) -> str:
    """Name and password as HTTP sends them; a token alone stands in the place of the name."""
    if parts.username is None:
        return ""
    user, password = unquote(parts.username), unquote(parts.password or "")
    if not password:
        user, password = "x-access-token", user
    return f"Authorization: Basic {b64encode(f'{user}:{password}'.encode()).decode()}"


def _pages(host: str, path: str) -> str:
    kind = next((kind for kind in _PAGES if kind in host.lower()), "")
    root = f"https://{host}/{path.strip('/').removesuffix('.git')}"
    return _PAGES[kind].replace("{root}", root) if kind else ""


def _is_this_machine(host: str) -> bool:
    return host in {"localhost", "127.0.0.1", "::1"}


def _refused(url: str) -> OptionError:
    shown = re.sub(r"//[^/@]*@", "//...@", url)
    return OptionError(
        f"This is no address of a repository that I would open: {shown}",
        what_to_do="Use https://, ssh:// or git@host:path, without a password for ssh; "
        "for a repository on this machine: --path.",
    )
