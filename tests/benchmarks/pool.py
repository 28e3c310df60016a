"""Many chunks of other things, in which the answers of the public sets must be found."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from knowledge.articles import Chunk
from knowledge.examples.generate import generate
from knowledge.language import language_of_part
from tests.benchmarks.datasets import CHUNK_WORDS, READER

WORDS_A_PAGE = 270
"""Of the invented company, on average."""


def invented(count: int, *, seed: int = 11) -> list[Chunk]:
    """This many chunks of 150 words of an invented bilingual company, half in each language."""
    found = {
        language: _cut(language, words)
        for language, words in _words(count * CHUNK_WORDS // WORDS_A_PAGE * 2, seed).items()
    }
    pairs = zip(found["en"], found["es"], strict=False)
    return [chunk for pair in pairs for chunk in pair][:count]


def _words(pages: int, seed: int) -> dict[str, list[str]]:
    """All words of the company by language."""
    found: dict[str, list[str]] = {"en": [], "es": []}
    with tempfile.TemporaryDirectory() as folder:
        company = generate(Path(folder) / "pages", pages=pages, seed=seed)
        for path in sorted(company.folder.rglob("*.*")):
            text = path.read_text(encoding="utf-8")
            found[language_of_part(text, "en")] += text.split()
    return found


def _cut(language: str, words: list[str]) -> Iterator[Chunk]:
    for n, start in enumerate(range(0, len(words), CHUNK_WORDS)):
        yield Chunk(
            id=f"invented:{language}/{n}#0",
            article=f"invented:{language}/{n}",
            position=0,
            title="",
            text=" ".join(words[start : start + CHUNK_WORDS]),
            language=language,
            audience=READER,
        )
