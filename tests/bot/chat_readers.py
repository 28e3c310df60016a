"""How Discord and Slack read a message: small models, written from their documentation alone.

They know nothing of the code that they judge. Where a chat's behaviour is not documented they see
more than it would: a ping inside code counts as a ping.
"""

import html
import re
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Seen:
    """What people could click or would be called by.

    Attributes:
        links: each address with the words that it stands behind.
    """

    links: tuple[tuple[str, str], ...]
    pings: tuple[str, ...]
    images: tuple[str, ...]

    def foreign(self, allowed: set[str]) -> list[str]:
        """Addresses that are not byte for byte one of these."""
        return [url for url, _ in self.links if url not in allowed]

    def misleading(self) -> list[tuple[str, str]]:
        """Links whose words are another address."""
        return [(url, words) for url, words in self.links if _names_other(words, url)]


def _names_other(words: str, url: str) -> bool:
    if words == url:
        return False
    named = re.findall(r"(?i)https?://([^\s/]+)|\b((?:[\w-]+\.)+(?:test|com|org|net))\b", words)
    return any(one.lower() != urlsplit(url).hostname for pair in named for one in pair if one)


_INVISIBLE = re.compile(
    "(?<![\u2190-\uffff\U00010000-\U0010ffff])\u200d|[\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)


def invisible(text: str) -> list[str]:
    """Signs that nobody sees."""
    return _INVISIBLE.findall(text)


_DISCORD = re.compile(
    r"(?P<escape>\\[^0-9A-Za-z\s])"
    r"|(?P<block>```(?:[a-z0-9_+\-.#]+?\n)?\n*[^\n][\s\S]*?\n*```)"
    r"|(?P<code>(?P<ticks>`+)(?:[\s\S]*?[^`])(?P=ticks)(?!`))"
    r"|(?P<image><a?:\w+:\d+>)"
    r"|\[(?P<words>(?:\[[^\]]*\]|[^\[\]]|\](?=[^\[]*\])){0,400})"
    r"\]\(\s*<?(?P<masked>[a-z][\w+.-]*:(?:[^\s\\]|\\.)*?)>?(?:\s+['\"][\s\S]*?['\"])?\s*\)"
    r"|<(?P<angle>[^\s<>:]+:/?[^\s<>]+)>"
    r"|(?P<bare>(?:https?|discord|steam)://[^\s<]*[^\s<.,:;\"'\])])"
    r"|(?P<mail>mailto:[^\s<]+)",
    re.IGNORECASE,
)
_DISCORD_PINGS = re.compile(
    r"@everyone|@here(?!\w)|<@[!&]?\d+>|<#\d+>|</\w[^>\n]*:\d+>|<id:\w+>|<t:\d+(?::\w)?>"
)


def read_discord(text: str) -> Seen:
    """A message of a bot in a channel."""
    links, images = [], []
    for found in _DISCORD.finditer(text):
        url = found["masked"] or found["angle"] or found["bare"] or found["mail"]
        if found["image"]:
            images.append(found[0])
        elif url and not (found["angle"] and "//" not in url and "mailto" not in url.lower()):
            links.append((url, found["words"] or url))
    return Seen(tuple(links), tuple(_DISCORD_PINGS.findall(text)), tuple(images))


_TOKEN = re.compile(r"<([^<>\n]+)>")
_SLACK_PINGS = re.compile(
    r"<(?:@[A-Z0-9]+|#[A-Z0-9]+|![a-z]+(?!\w))[^<>]*>|@(?:everyone|here|channel)\b"
)
_URL = r"(?:[a-z][a-z0-9+.-]*://|mailto:|javascript:|data:\w+/[\w.+-]+[;,])[^\s<>|`]*"
_NAME = re.compile(
    r"(?<![\w@./-])(?:www\.\S+|(?://)?(?:[\w-]+\.)+(?:test|com|org)(?![\w-])[^\s<>|`]*)",
    re.IGNORECASE,
)
_LEADS = re.compile(r":|//|www\.")
_MARKDOWN_LINK = re.compile(
    r"(?:(?<!\\)|(?<=(?<!\\)\\\\))(!?)\[((?:\\.|[^\[\]\\])*)\]\(\s*<?([^\s<>)]*)>?(?:\s+[\"'(][^)]*)?\s*\)"
)
_CODE = re.compile(
    r"\\.|(?P<code>```[\s\S]*?```|(?P<ticks>`+)(?!`)[\s\S]*?(?<!`)(?P=ticks)(?!`))|`+"
)


def _without_tokens(text: str) -> str:
    is_read = re.compile(rf"[@#!]|{_URL}", re.IGNORECASE)
    return _TOKEN.sub(lambda token: " " if is_read.match(token[1]) else token[0], text)


def _without_code(text: str) -> str:
    return _CODE.sub(lambda found: " " if found["code"] else found[0], text)


def _urls(text: str) -> list[str]:
    """Addresses with a scheme, which are links even inside code."""
    return [url.strip("`'\"") for url in re.findall(f"(?i){_URL}", text)]


def _names(text: str) -> list[str]:
    """Names of hosts, which are links outside of code."""
    return [found[0] for found in _NAME.finditer(text)]


def read_slack_markdown(text: str) -> Seen:
    """`markdown_text`, or a block `markdown`: Slack's own tokens count in it too."""
    pings = tuple(_SLACK_PINGS.findall(text))
    links = [_pair(token) for token in _TOKEN.findall(text) if re.match(_URL, token, re.IGNORECASE)]
    rest = _without_tokens(text)
    links += [(url, url) for code in _CODE.finditer(rest) for url in _urls(code["code"] or "")]
    rest = _without_code(rest)
    named = _MARKDOWN_LINK.findall(rest)
    links += [(u, words) for is_image, words, u in named if not is_image and _LEADS.search(u)]
    images = tuple(words for is_image, words, _ in named if is_image)
    rest = _MARKDOWN_LINK.sub(" ", rest)
    rest = re.sub(r"\\([^\sA-Za-z0-9])", r"\1", rest)
    links += [(url, url) for url in (*_urls(rest), *_names(rest))]
    return Seen(tuple(links), pings, images)


def read_slack_mrkdwn(text: str) -> Seen:
    """`text` of a message, or a section of type `mrkdwn`."""
    pings = tuple(_SLACK_PINGS.findall(text))
    tokens = [t for t in _TOKEN.findall(text) if t[0] not in "@#!"]  # any of them is a link
    links = [_pair(html.unescape(token)) for token in tokens]
    rest = _without_tokens(text)
    rest = html.unescape(rest)
    rest = rest.replace("\\", " ")  # which escapes nothing there
    links += [(url, url) for url in (*_urls(rest), *_names(_without_code(rest)))]
    return Seen(tuple(links), pings, ())


def _pair(token: str) -> tuple[str, str]:
    url, _, words = token.partition("|")
    return url, words or url


READERS = {
    "discord": read_discord,
    "slack": read_slack_markdown,
    "slack-mrkdwn": read_slack_mrkdwn,
}


def assert_harmless(platform: str, text: str, *links: str) -> None:
    """Whoever reads this in the chat meets nothing but these addresses, and is not called.

    A terminal makes nothing of what it shows: there only signs that nobody sees could do harm.
    """
    assert not invisible(text)
    if platform not in READERS:
        return
    seen = READERS[platform](text)
    assert not seen.foreign(set(links)), text
    assert not seen.misleading(), text
    assert not seen.pings, text
    assert not seen.images, text
