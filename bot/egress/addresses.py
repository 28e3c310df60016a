"""What a chat would make a link or a mention of, found in plain text that is no markup any more."""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Literal
from unicodedata import normalize
from urllib.parse import urlsplit

# Domains of countries, then the common ones; some are endings of files too (.md, .py).
_COUNTRIES = """
ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt
bv bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg
er es et eu fi fj fk fm fo fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn
hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li
lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne
nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb
sc sd se sg sh si sj sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr
tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw
"""
_COMMON = """
academy accountant aero agency app army art asia band bar beauty beer best bet bid bike bingo biz
blog boats bond boo boutique broker build builders business buzz cab cafe cam camera camp capital
car cards care careers cash casino cat catering center cfd chat cheap church city claims cleaning
click clinic clothing cloud club co coach codes coffee com community company computer consulting
contact cool coop country coupons courses credit creditcard cricket cruises cyou dad dance date
dating day deals degree delivery democrat dental design dev diet digital direct directory discount
doctor dog domains download earth edu education email energy engineer engineering enterprises
equipment esq estate events example exchange expert exposed express fail faith family fan fans farm
fashion film finance financial fish fishing fit fitness flights florist foo food football forsale
forum foundation fun fyi gallery game games garden gay gift gifts gives glass global gmbh gold golf
gov graphics gratis green gripe group guide guitars guru hair haus health healthcare help hiphop
hockey holdings holiday homes horse hospital host hosting hot house icu immo immobilien inc
industries info ing insure int international invalid investments irish jewelry jobs kim kitchen
land lat lawyer lease legal lgbt life limited limo link live llc loan loans lol lotto love ltd luxe
luxury makeup management market marketing markets mba media meme memorial men menu miami mil mobi
mom money monster mortgage motorcycles mov museum name navy net network new news nexus ninja one
ong onion online ooo org page partners parts party pet phd photo photography photos pics pictures
pink pizza plumbing plus poker porn press pro productions prof promo properties property protection
pub quest racing realestate realty recipes rehab ren rent rentals repair report republican rest
restaurant review reviews rip rocks rodeo rsvp ruhr run sale salon sarl sbs school schule science
security select services sex sexy shoes shop shopping show singles site skin soccer social software
solar solutions space store stream studio style sucks supplies supply support surf surgery systems
tattoo tax taxi team tech technology tel tennis test theater theatre tickets tips tires today tools
top tours town toys trade trading training travel tube university uno vacations ventures vet viajes
video villas vin vip vision vodka vote voting voto voyage wang watch webcam website wedding whoswho
wiki win wine work works world wtf xxx xyz yachts yoga zip zone zuerich
рф срб укр бел қаз 中国 中國 网络 公司 한국 भारत
"""
_TLD = "(?:" + "|".join([*_COUNTRIES.split(), *_COMMON.split()]) + r"|xn--[a-z0-9-]+)"
_DOT = "[.。．｡]"
_SIGN = r"[^\s<>|\"`[\]]"
_REST = rf"(?:[/?#%\\@]|:(?=\S)){_SIGN}*"
_HOST = rf"(?:[^\W_][\w-]{{0,62}}{_DOT})+"
_PLACE = (
    rf"[a-z][a-z0-9+.-]{{0,30}}://{_SIGN}*"
    rf"|(?:https?|ftp)(?::[/\\]*|[:：]?[/\\／＼]{{2}}){_SIGN}+"
    rf"|(?:mailto|javascript|vbscript|data(?=:\w+/[\w.+-]+[;,])):{_SIGN}+"
)
_NETWORK = rf"//{_HOST}{_TLD}(?!-*[^\W_]){_SIGN}*"
_FOUND = re.compile(
    rf"<(?P<url>{_PLACE})\|(?P<label>[^<>\n]*)>"
    r"|(?P<mention><(?:@[!&]?\d+|@[A-Z][A-Z0-9]+(?:\|[^<>\n]*)?|#\d+|#[A-Z][A-Z0-9]+(?:\|[^<>\n]*)?"
    r"|!(?:channel|here|everyone|group|subteam\^|date\^)[^<>\n]*"
    r"|a?:\w+:\d+|/[^<>\n:]{1,80}:\d+|t:-?\d+(?::\w)?|(?:id|sound):[\w:]+)>)"
    rf"|(?P<place>{_PLACE}|(?<![:/\w]){_NETWORK})"
    rf"|(?P<www>(?<![^\W_])(?<![@/-])www{_DOT}{_SIGN}+)"
    rf"|(?P<mail>(?<![\w.+%-])[\w.+%-]+@{_HOST}[^\W\d_]{{2,}}(?![\w@-])(?![/?#%\\]|:\S|{_DOT}\w))"
    rf"|(?P<host>(?<![^\W_])(?<![@/.]){_HOST}{_TLD}(?!-*[^\W_])(?!{_DOT}\w))(?P<rest>{_REST})?",
    re.IGNORECASE,
)
_NAMED = re.compile(rf"{_HOST}{_TLD}(?!-*[^\W_])", re.IGNORECASE)
_WORDS = ("text", "host")
_IN_CODE = re.compile(
    rf"(?:{_PLACE}|(?<![:/\\\w\]]){_NETWORK}|(?<![\w.-])www\.{_SIGN}+)(?P<end>(?=[\s\"']|$))?",
    re.IGNORECASE,
)
_WWW = re.compile(r"^www\.", re.IGNORECASE)
_MASKED = re.compile(r"\](?=\(\s*<?\s*[a-z\\][a-z0-9+.\\-]*:)", re.IGNORECASE)
_BEHIND = ".,;:!?…)]}»”’'*_~"
"""Signs behind an address that belong to the sentence."""
# Not in the middle of an e-mail address: anna@heredia.example.
_CALLS = re.compile(
    r"@(?=everyone)|(?<![^\W_])@(?=here|channel)|@(?=(?:here|channel)(?![^\W_]))", re.IGNORECASE
)
_LIKE_A_TOKEN = re.compile(
    r"<(?=@|#[A-Z0-9]|!(?!doctype|--|\[)[a-z]|a?:\w+:\d|/\w[^<>\n]*:\d|t:\d|id:\w)", re.IGNORECASE
)

Kind = Literal["text", "mail", "link", "removed", "mention", "host"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text, and what it is.

    Attributes:
        kind: `link` is an allowed address, `removed` another one; `host` a bare name such as
            `example.org` or `setup.py`, which leads somewhere only in some chats.
    """

    kind: Kind
    text: str


def pieces(text: str, allowed: Collection[str]) -> Iterator[Piece]:
    """The text cut at every address and mention; joined, all but the brackets around them."""
    end = 0
    for found in _FOUND.finditer(text):
        if found.start() > end:
            yield Piece("text", text[end : found.start()])
        end = found.end()
        yield from _named(found, allowed)
    if end < len(text):
        yield Piece("text", text[end:])


def _named(found: re.Match[str], allowed: Collection[str]) -> Iterator[Piece]:
    if found["url"]:
        yield from _labelled(found["url"], found["label"], allowed)
    elif found["mention"]:
        yield Piece("mention", found[0])
    elif found["mail"]:
        yield Piece("mail", found[0])
    else:
        yield from _address(found[0], found["host"], allowed)


def _labelled(url: str, label: str, allowed: Collection[str]) -> Iterator[Piece]:
    """A link as Slack writes it: the label is read like any other text."""
    if label and label != url:
        yield from pieces(label, allowed)
    else:
        yield from _address(url, None, allowed)


def _address(found: str, host: str | None, allowed: Collection[str]) -> Iterator[Piece]:
    address = _ending(found, allowed)
    rest = found[len(address) :]
    if address in allowed:
        yield Piece("link", address)
    elif host and re.fullmatch(r"(?::[\d-]+)?", address[len(host) :]):
        yield Piece("host", address)
    else:
        yield Piece("removed", address)
    if rest:
        yield Piece("text", rest)


def _ending(found: str, allowed: Collection[str]) -> str:
    """The address without the sentence's signs behind it; what is allowed goes first."""
    short = found
    while short and short not in allowed and short[-1] in _BEHIND:
        short = short[:-1]
    return short if short in allowed else found.rstrip(_BEHIND) or found


def outside(text: str, kept: Collection[str], change: Callable[[str], str]) -> str:
    """The text with everything changed but these addresses, wherever they stand."""
    known = sorted((url for url in kept if url and url in text), key=len, reverse=True)
    if not known:
        return change(text)
    parts = re.split("(" + "|".join(map(re.escape, known)) + ")", text)
    return "".join(part if part in known else change(part) for part in parts)


def without_calls(text: str) -> str:
    """The text with a space where it would call everybody: `@ everyone`."""
    return _CALLS.sub("@ ", text)


def without_tokens(text: str) -> str:
    """The text with a space where a chat could still read a person, a channel or a command."""
    return _LIKE_A_TOKEN.sub("< ", text)


def without_masks(code: str) -> str:
    """Code in which no words and address stand together as a link.

    Discord looks for the end of a link inside code too, if brackets were opened before it.
    """
    return _MASKED.sub("] ", code)


def without_links(code: str, allowed: Collection[str]) -> str:
    """Code in which no foreign address is one any more: `https[:]//`, `www[.]`."""

    def replaced(found: re.Match[str]) -> str:
        if found[0] in allowed and found["end"] is not None:
            return found[0]
        broken = _WWW.sub("www[.]", found[0].replace(":", "[:]"))
        return broken.replace("//", "/ /", 1) if broken.startswith("//") else broken

    return _IN_CODE.sub(replaced, code)


def host_of(url: str) -> str:
    """The host that an address leads to, without `www.`; empty where it cannot be told."""
    try:
        return (urlsplit(url).hostname or "").lower().removeprefix("www.")
    except ValueError:
        return ""


def agrees(label: str, url: str) -> bool:
    """Whether nothing in a label looks like another address than the one that it stands for.

    A label with a whole address in it never agrees: then the address is shown instead.
    """
    folded = normalize("NFKC", label)
    if re.search(r"\S@\S", folded) or any(p.kind not in _WORDS for p in pieces(folded, ())):
        return False
    return all(_is_of(found[0].lower(), url) for found in _NAMED.finditer(folded))


def _is_of(name: str, url: str) -> bool:
    """Whether this is the host of the address, or what its path ends with: `setup.py`."""
    return name.removeprefix("www.") == host_of(url) or url.lower().endswith("/" + name)
