"""Fetches from the web what others wrote down as an address, without being led astray by it.

An address in a page, a sitemap or a redirect is written by whoever wrote the page. It must never
make us ask the machines around us: our own search server, our models, the metadata of a cloud.
So every address is taken apart strictly (`targets.py`), its host is resolved once, all that it
resolves to is checked (`addresses.py`), and the connection goes to just what was checked
(`pinning.py`). Redirects are never followed here: whoever follows one asks anew, and is checked
anew.
"""

from knowledge.fetching.errors import (
    FetchFailedError,
    FetchRefusedError,
    NotReachedError,
    ReplyTooLargeError,
)
from knowledge.fetching.fetcher import USER_AGENT, Credentials, Fetcher, FetchLimits, Reply
from knowledge.fetching.pinning import Resolver, system_resolver
from knowledge.fetching.targets import Target, shown, target_of

__all__ = [
    "USER_AGENT",
    "Credentials",
    "FetchFailedError",
    "FetchLimits",
    "FetchRefusedError",
    "Fetcher",
    "NotReachedError",
    "Reply",
    "ReplyTooLargeError",
    "Resolver",
    "Target",
    "shown",
    "system_resolver",
    "target_of",
]
