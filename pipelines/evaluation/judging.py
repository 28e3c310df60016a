"""Whether an answer says what is expected, cites what is expected, and cites rightly."""

import re
from collections.abc import Iterable, Sequence

from knowledge.articles import Audience
from knowledge.conversations import Answer, Citation
from knowledge.language import language_of_part, language_of_question
from knowledge.sentences import sentences
from knowledge.words import fold, terms
from pipelines.particulars import (
    exact_parts,
    folded,
    is_negated,
    is_one_name,
    names,
    without_exact_parts,
)

_NUMBERS = re.compile(r"\s*\[(\d+(?:, ?\d+)*)\]")
ALL_OF = 2
"""Up to so many words of content a fact must be said with all of them."""
FEWEST_WORDS = 5
"""With fewer the language of an answer cannot be told: a name is one in every language."""
TOLD_APART = ("en", "es")
"""What looks like a third language is, in a short answer, mostly names."""
MOST_OF = 2 / 3
"""Of a longer one, this share: a colleague's sentence is seldom repeated word by word."""


def says(text: str, wordings: Iterable[str]) -> bool:
    """Whether a text states a fact in one of its wordings.

    Either the same words stand there one behind the other; or one sentence has all its numbers,
    dates and codes, in the form of either language, and most of its other words, and denies
    nothing that the fact says.
    """
    told = sentences(text)
    return any(_stands(w, text) or any(_is_told(w, one) for one in told) for w in wordings)


def _stands(wording: str, text: str) -> bool:
    words = r"\W+".join(re.escape(word) for word in re.findall(r"\w+", fold(wording)))
    return bool(words and re.search(rf"(?<!\w){words}(?!\w)", fold(text)))


def _is_told(wording: str, text: str) -> bool:
    if exact_parts(wording) - exact_parts(text) or is_negated(wording) != is_negated(text):
        return False
    language = language_of_part(wording, "") or language_of_question(text, "en")
    wanted = set(terms(without_exact_parts(wording), language))
    if not wanted:
        return bool(exact_parts(wording))
    found = len(wanted.intersection(terms(text, language)))
    return found == len(wanted) if len(wanted) <= ALL_OF else found >= MOST_OF * len(wanted)


def is_source(wanted: str, article: str, url: str = "") -> bool:
    """Whether an article is the one that is wanted: by its id, its path, its name or its address.

    `handbook:people/leave.md`, `people/leave.md` and `leave.md` name the same article.
    """
    plain = wanted.strip().rstrip("/")
    if url and plain == url.rstrip("/"):
        return True
    path = article.partition(":")[2]
    return plain in (article, path) or (bool(plain) and f"/{path}".endswith(f"/{plain}"))


def in_right_language(text: str, question: str, language: str) -> bool:
    """Whether an answer is in the language that was asked for, else in that of the question.

    One whose language cannot be told, such as a bare name, is in the right one.
    """
    expected = language or language_of_question(question, "en")
    said = plain(text)
    if len(said.split()) < FEWEST_WORDS:
        return True
    found = language_of_question(said, expected)
    return found == expected or found not in TOLD_APART


def plain(text: str) -> str:
    """An answer without the numbers of its citations."""
    return _NUMBERS.sub("", text)


def held(answer: Answer, question: str, reader: Audience) -> list[bool]:
    """For each sentence of an answer, whether it has citations and all of them hold.

    One holds where its reader may open the chunk, the quote stands there letter by letter, and the
    chunk (or the question) has every number, date, code and name of the sentence. This judge is
    stricter than the code that chose the citation about who may read, and takes nothing from it.
    """
    by_number = {citation.n: citation for citation in answer.citations}
    found = []
    for sentence in sentences(answer.text):
        numbers = [int(n) for some in _NUMBERS.findall(sentence) for n in some.split(",")]
        cited = [by_number.get(n) for n in numbers]
        said = plain(sentence)
        found.append(
            bool(cited) and all(c is not None and _holds(c, said, question, reader) for c in cited)
        )
    return found


def _holds(citation: Citation, sentence: str, question: str, reader: Audience) -> bool:
    chunk = citation.chunk
    if not chunk.audience.admits(reader) or citation.quote not in chunk.text:
        return False
    texts = (chunk.searchable_text, question)
    parts = frozenset[str]().union(*(exact_parts(text) for text in texts))
    words = {word for text in texts for word in re.findall(r"\w+", folded(text))}
    is_named = all(_is_known(name, words) for name in names(sentence))
    return is_named and not exact_parts(sentence) - parts


def _is_known(name: str, words: set[str]) -> bool:
    pieces = re.findall(r"\w+", name)
    return all(any(is_one_name(piece, word) for word in words) for piece in pieces)


def ranks(wanted: Sequence[str], pages: Sequence[tuple[str, str]]) -> list[int]:
    """Where the wanted sources stand among pages (ids and addresses), counted from 0, each once."""
    found = []
    for one in wanted:
        places = (n for n, page in enumerate(pages) if n not in found and is_source(one, *page))
        place = next(places, None)
        if place is not None:
            found.append(place)
    return found
