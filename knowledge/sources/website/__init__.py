"""A website, intranet or wiki: its sitemaps, its pages link by link, the files it links to."""

import re
from base64 import b64encode
from pathlib import Path
from typing import Annotated, Any

from pydantic import NonNegativeInt, PositiveInt
from pydantic.dataclasses import dataclass

from knowledge.articles import Audience
from knowledge.fetching import Credentials, FetchRefusedError, Target
from knowledge.sources import OptionError, Positive
from knowledge.sources.website.frontier import Caps
from knowledge.sources.website.site import host_named, site_of
from knowledge.sources.website.source import Manners, Plan, WebsiteSource

EXAMPLE = "website --url https://wiki.example.org/"


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """What can be said about a website."""

    url: Annotated[str, "the start page"]
    also: Annotated[str | list[str], "further hosts that belong to the site"] = ""
    only: Annotated[str | list[str], "paths to read, such as /handbook or /*/help/*"] = ""
    skip: Annotated[str | list[str], "paths to leave alone, such as /archive"] = ""
    max_depth: Annotated[NonNegativeInt, "links from the start page or a sitemap"] = 10
    max_pages: Annotated[PositiveInt, "addresses to ask for"] = 5000
    max_page_mb: Annotated[Positive, "larger pages and files are named and not read"] = 20
    requests_per_second: Annotated[Positive, "to each host, or fewer if it says so"] = 5
    concurrency: Annotated[PositiveInt, "pages asked for at the same time"] = 2
    timeout_s: Annotated[Positive, "seconds to wait for an answer"] = 30
    allow_private: Annotated[str | list[str], "own hosts that have private addresses"] = ""
    user: Annotated[str, "name for a site with a login"] = ""
    password: Annotated[str, "its password, as ${NAME} from the environment"] = ""
    token: Annotated[str, "a bearer token instead, as ${NAME} from the environment"] = ""


def build(
    *,
    name: str,
    audience: Audience,
    folder: Path,
    **options: Any,  # noqa: ANN401 (those of `Options`)
) -> WebsiteSource:
    """The source of this website; nothing is asked yet.

    Raises:
        OptionError: an option is no address, or contradicts another one.
    """
    wanted = Options(**options)
    try:
        site = site_of(
            wanted.url, also=_words(wanted.also), only=_words(wanted.only), skip=_words(wanted.skip)
        )
        private = tuple(host_named(host).host for host in _words(wanted.allow_private))
    except FetchRefusedError as error:
        raise OptionError(f"Source '{name}': {error}", what_to_do=error.what_to_do) from error
    manners = Manners(
        requests_per_second=wanted.requests_per_second,
        timeout_s=wanted.timeout_s,
        max_bytes=int(wanted.max_page_mb * 2**20),
        allow_private=private,
        credentials=_credentials(
            name, site.start, user=wanted.user, password=wanted.password, token=wanted.token
        ),
    )
    return WebsiteSource(
        name=name,
        audience=audience,
        plan=Plan(site, Caps(wanted.max_depth, wanted.max_pages, wanted.concurrency), manners),
        folder=folder,
    )


def _words(given: str | list[str]) -> list[str]:
    """Names from a list, or from one line with commas or spaces between them."""
    return (
        [word for word in re.split(r"[,\s]+", given) if word] if isinstance(given, str) else given
    )


def _credentials(
    name: str, start: Target, *, user: str, password: str, token: str
) -> Credentials | None:
    if bool(user) != bool(password) or (token and user):
        raise OptionError(
            f"Source '{name}': a site wants `user` with `password`, or `token` alone.",
            what_to_do="Give one of the two; the secret as ${NAME} from the environment.",
        )
    if not (user or token):
        return None
    secret = token and f"Bearer {token}"
    basic = f"Basic {b64encode(f'{user}:{password}'.encode()).decode('ascii')}"
    return Credentials(start.place, start.scheme == "https", secret or basic)
