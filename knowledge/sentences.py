"""Where sentences begin and end, in English and Spanish prose, lists and tables."""

import re
from collections.abc import Iterator

# Words that end in a point and do not end a sentence, without their points.
_ABBREVIATIONS = frozenset(
    """
    mr mrs ms dr prof sr sra srta dra jr st mt lic ing arq ud uds vd vds d dña fr gen sgt col capt
    e.g i.e cf vs viz etc approx al ed eds vol no nos núm n.º nº art arts cap p pp pp. pág págs fig
    figs eq sec tel ext av avda c ctra dpto depto admón cía inc ltd co corp s.a s.l p.ej ej
    aprox máx mín max min ee.uu u.s u.k u.n p.m a.m p.d ph.d b.sc m.sc jan feb mar apr jun jul aug
    sep sept oct nov dec ene abr ago dic
    """.split()  # noqa: SIM905 (a list of ninety quoted words is harder to read)
)
# These may stand at the end of a sentence too; then a capital letter follows.
_MAY_END = frozenset(
    {"etc", "inc", "ltd", "co", "corp", "s.a", "s.l", "p.m", "a.m", "ee.uu", "u.s"}
)
_END = re.compile(r"[.!?…]+[\"'”’»)\]*_]*(?=\s)")
_LAST_WORD = re.compile(r"[^\s(\[\"'“‘«¿¡*_]+\Z")
# A line of its own: heading, list item, table row, quotation, fence.
_OWN_LINE = re.compile(r"[ \t]*(?:[-*+•▪◦‣·–][ \t]|\(?\d{1,3}[.)][ \t]|#{1,6}[ \t]|\||>|```|~~~)")
_ENDS_WITH_ITS_LINE = re.compile(r"[ \t]*(?:#{1,6}[ \t]|\|)")
_STARTS_NEXT = re.compile(r"\s+[\"'“‘«(\[*_]*[^\Wa-záéíóúüñç_]|\s+[¿¡]|\s+[-–—•]")


def sentences(text: str) -> list[str]:
    """The sentences of a text, each as it stands there; list items and table rows are sentences."""
    return [text[start:end] for start, end in sentence_spans(text, 0, len(text))]


def sentence_spans(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Where the sentences of `text[start:end]` stand: offsets in `text`, without outer spaces."""
    return [
        span
        for first, last in _paragraphs(text, start, end)
        for span in _split(text, first, last)
        if span[0] < span[1]
    ]


def _paragraphs(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Runs of lines that belong together: an empty line or a line of its own ends them."""
    first = at = start
    while at < end:
        line_end = text.find("\n", at, end)
        line_end = end if line_end < 0 else line_end
        is_empty = not text[at:line_end].strip()
        is_new = is_empty or _OWN_LINE.match(text, at, line_end)
        if at > first and (is_new or _ENDS_WITH_ITS_LINE.match(text, first)):
            yield first, at
            first = at
        at = line_end + 1
    if first < end:
        yield first, end


def _split(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    first = start
    is_row = text[start:end].lstrip().startswith("|")
    for found in () if is_row else _END.finditer(text, start, end):
        if _ends_here(text, first, found, end):
            yield _stripped(text, first, found.end())
            first = found.end()
    yield _stripped(text, first, end)


def _ends_here(text: str, first: int, found: re.Match[str], end: int) -> bool:
    """Whether this point, question or exclamation mark ends a sentence."""
    before = _LAST_WORD.search(text, max(first, found.start() - 24), found.start())
    word = before[0].lower() if before else ""
    starts_next = bool(_STARTS_NEXT.match(text, found.end(), end))
    if not found[0].startswith(".") or found[0].startswith(".."):
        return starts_next
    if word in _ABBREVIATIONS:
        return starts_next and word in _MAY_END
    is_initial = len(word) == 1 and word.isalpha()
    is_item_number = word.isdigit() and not text[first : found.start() - len(word)].strip()
    return starts_next and not is_initial and not is_item_number


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
