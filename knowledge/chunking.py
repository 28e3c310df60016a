"""Articles become chunks: near 200 tokens, cut where the text itself has borders."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from math import ceil

from knowledge.articles import Article, Chunk
from knowledge.blocks import Block, blocks
from knowledge.language import language_of_part
from knowledge.sentences import sentence_spans

VERSION = "1"  # part of the fingerprint: a new number has every article indexed anew
GOAL_WORDS = 150  # about 200 tokens of the embedder
MAX_WORDS = 180
_WHOLE_PARAGRAPH_WORDS = 60
_WORD = re.compile(r"\S+")
_CODE_LINE = re.compile(r"[^\n]*\S[^\n]*")


@dataclass(frozen=True, slots=True)
class _Piece:
    """What is never cut: a sentence, a row, a list item.

    Attributes:
        words: its size.
        opens: whether a block begins with it; a chunk had better begin here too.
    """

    start: int
    end: int
    words: int
    opens: bool
    header: tuple[int, int] | None = None


def chunks_of(article: Article) -> list[Chunk]:
    """The chunks of an article, in order; none where it has no words."""
    found: list[Chunk] = []
    for (heading, page), section in groupby(
        _with_their_text(blocks(article.text)), key=lambda block: (block.heading, block.page)
    ):
        for text in _packed(article.text, _pieces(article.text, section)):
            found.append(_chunk(article, len(found), text, heading, page))
    return found


def _with_their_text(found: Iterator[Block]) -> Iterator[Block]:
    """All blocks but headings that have something below them: those are in its heading path."""
    waiting: Block | None = None
    for block in found:
        if waiting and block.heading[: len(waiting.heading)] != waiting.heading:
            yield waiting
        waiting = block if block.kind == "heading" else None
        if not waiting:
            yield block
    if waiting:
        yield waiting


def _chunk(
    article: Article, position: int, text: str, heading: tuple[str, ...], page: int | None
) -> Chunk:
    path = heading[1:] if heading[:1] == (article.title,) else heading
    digest = sha256(f"{article.id}\0{position}\0{text}".encode()).hexdigest()[:32]
    return Chunk(
        id=digest,
        article=article.id,
        position=position,
        title=article.title,
        text=text,
        language=language_of_part(text, article.language),
        audience=article.audience,
        heading=path,
        url=article.url,
        page=page,
        updated_at=article.updated_at,
    )


def _size(text: str) -> int:
    """Length in words; texts without spaces, and alphabets of many bytes, count by their bytes."""
    return max(len(text.split()), len(text.encode()) // 9)


def _pieces(text: str, section: Iterator[Block]) -> list[_Piece]:
    return [piece for block in section for piece in _pieces_of(text, block)]


def _pieces_of(text: str, block: Block) -> Iterator[_Piece]:
    words = _size(text[block.start : block.end])
    whole = _WHOLE_PARAGRAPH_WORDS if block.kind == "prose" else MAX_WORDS
    if words <= whole:
        yield _Piece(block.start, block.end, words, opens=True, header=block.header)
        return
    for start, end in _cut(text, block):
        size = _size(text[start:end])
        opens = start == block.start
        if size <= MAX_WORDS:
            yield _Piece(start, end, size, opens, block.header)
        else:
            yield from _cut_in_words(text, _Piece(start, end, size, opens, block.header))


def _cut(text: str, block: Block) -> list[tuple[int, int]]:
    """A long block's sentences; its lines where it is code."""
    if block.kind != "fence":
        return sentence_spans(text, block.start, block.end)
    found = [line.span() for line in _CODE_LINE.finditer(text, block.start, block.end)]
    return [*found[:-2], (found[-2][0], found[-1][1])]  # the closing fence is no chunk of its own


def _cut_in_words(text: str, piece: _Piece) -> Iterator[_Piece]:
    """A sentence that alone is too long, cut between words, and an endless word cut anywhere."""
    start, end, limit = piece.start, piece.start, MAX_WORDS * 9
    words = 0
    for word in _WORD.finditer(text, piece.start, piece.end):
        for first in range(word.start(), word.end(), limit // 4):
            last = min(first + limit // 4, word.end())
            size = _size(text[first:last])
            if words and words + size > GOAL_WORDS:
                yield _Piece(start, end, words, start == piece.start, piece.header)
                start, words = first, 0
            end, words = last, words + size
    yield _Piece(start, end, words, start == piece.start, piece.header)


def _packed(text: str, pieces: list[_Piece]) -> Iterator[str]:
    """Fill chunks evenly: three of equal size rather than two full ones and a rest."""
    left = sum(piece.words for piece in pieces)
    goal = _even(left)
    group: list[_Piece] = []
    words = 0
    for piece in pieces:
        if group and _is_full(words, piece, goal):
            yield _joined(text, group)
            goal = _even(left)
            group, words = [], _size(text[slice(*piece.header)]) if piece.header else 0
        group.append(piece)
        words += piece.words
        left -= piece.words
    if group:
        yield _joined(text, group)


def _even(words: int) -> float:
    """The size of each chunk if these words fill as few as possible; all that fits is one."""
    chunks = ceil(words / (MAX_WORDS * 0.9))
    return words / chunks if chunks > 1 else MAX_WORDS


def _is_full(words: int, following: _Piece, goal: float) -> bool:
    after = words + following.words
    if after > MAX_WORDS:
        return True
    # At the border of a block a chunk may stay a quarter below the goal.
    aim = goal * 0.75 if following.opens and not following.header else goal
    return goal < MAX_WORDS and (words >= aim or after - goal > goal - words)


def _joined(text: str, group: list[_Piece]) -> str:
    """The text of a chunk; rows that have lost their table's header get it again."""
    first = group[0]
    words = text[first.start : group[-1].end].rstrip()
    if first.header is None:
        return words
    return f"{text[slice(*first.header)]}\n{words}"
