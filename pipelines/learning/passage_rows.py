"""Makes the rows from which a reranker learns: questions with passages that answer, or nearly do.

They come from approved examples. What was tuned serves everybody, so it learns from nothing that
not everybody may read, and from no personal data.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from knowledge.articles import Chunk
from knowledge.learning_examples import Example
from knowledge.stores import ChunkStore
from knowledge.text_files import write_whole
from pipelines.learning.examples import LeftOut
from pipelines.learning.pair_making import open_passages
from pipelines.learning.pairs import Pair, answered
from pipelines.learning.redaction import PLACEHOLDER, RedactionError, Redactor
from pipelines.learning.turning import Pairs, mined
from pipelines.models import Embedder, Vectors

RIVALS = 3
"""Passages that do not answer, of each question and language: a cross-encoder reads every one."""
ROWS = "passages.jsonl"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question with a passage.

    Attributes:
        label: whether the passage answers.
        example: the id of the example that the question comes from.
    """

    question: str
    passage: str
    label: bool
    example: str


@dataclass(frozen=True, slots=True)
class Made:
    """The rows of a job.

    Attributes:
        file: as the job names it.
        answering, others: how many rows there are of each kind.
        examples: the ids of those that are learnt from, for when one is forgotten.
        left_out: how many rows were left out, by the reason.
    """

    file: Path
    answering: int
    others: int
    examples: tuple[str, ...]
    left_out: Counter[str]


async def made(
    examples: Iterable[Example],
    store: ChunkStore,
    embedder: Embedder,
    redactor: Redactor,
    folder: Path,
) -> Made:
    """Write the rows of a job; passages that have no vector yet are left out.

    Args:
        examples: in any state; those that teach are chosen.
        store: whose vectors are the embedder's.
        embedder: of questions.
        redactor: takes personal data out of the passages; the questions of examples have none.
        folder: where the file will be; made where it is missing.

    Raises:
        OSError: it cannot be written.
        TertuliaError: the store or the embedder failed.
    """
    chunks, vectors = await open_passages(store)
    pairs = answered(examples, chunks)
    rows, left_out = list[Labelled](), Counter[str]()
    if pairs:
        questions = await embedder.embed_questions([pair.question for pair in pairs])
        for one in labelled(pairs, chunks, (questions, vectors)):
            try:
                rows.append(_clean(one, redactor))
            except LeftOut as error:
                left_out[str(error)] += 1
    file = write(rows, folder)
    answering = sum(row.label for row in rows)
    names = tuple(sorted({row.example for row in rows}))
    return Made(file, answering, len(rows) - answering, names, left_out)


def labelled(
    pairs: Sequence[Pair],
    chunks: Sequence[Chunk],
    vectors: tuple[Vectors, Vectors],
    *,
    rivals: int = RIVALS,
) -> list[Labelled]:
    """Each question with the passages that answer it, and with the nearest ones that surely do not.

    Args:
        pairs: of questions and the passages that answer them.
        chunks: all that a question may find.
        vectors: of the pairs' questions, and of the chunks; rows of length 1.
        rivals: passages that do not answer, of each pair at most.
    """
    texts = {chunk.text_hash: chunk.searchable_text for chunk in chunks}
    found: dict[tuple[str, str], Labelled] = {}
    for pair, nearest in zip(pairs, _nearest(pairs, chunks, vectors, rivals), strict=True):
        for passages, label in ((nearest, False), (pair.passages, True)):
            for one in passages:
                row = Labelled(pair.question, texts[one], label, pair.example)
                known = found.setdefault((pair.question.casefold(), one), row)
                # Whoever asked the same may have been answered by another passage.
                if label and not known.label:
                    found[pair.question.casefold(), one] = row
    return list(found.values())


def write(rows: Sequence[Labelled], folder: Path) -> Path:
    """Write the rows for the trainer `reranker`; where they are.

    Args:
        rows: as a file holds them, with the id of the example beside what the trainer reads.
        folder: is made where it is missing.

    Raises:
        OSError: they cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lines = "".join(json.dumps(asdict(row), ensure_ascii=False) + "\n" for row in rows)
    write_whole(folder / ROWS, lines)
    return folder / ROWS


def _nearest(
    pairs: Sequence[Pair],
    chunks: Sequence[Chunk],
    vectors: tuple[Vectors, Vectors],
    rivals: int,
) -> Iterator[list[str]]:
    """Of each pair the passages that are mined as for the search: near-copies are none."""
    place = {chunk.text_hash: n for n, chunk in enumerate(chunks)}
    names = {name: n for n, name in enumerate(sorted({chunk.language for chunk in chunks}))}
    languages = np.array([names[chunk.language] for chunk in chunks], np.int64)
    answers = tuple(tuple(place[one] for one in pair.passages) for pair in pairs)
    questions, passages = (one.astype(np.float64) for one in vectors)
    for places in mined(Pairs(questions, passages, languages, answers), rivals):
        yield [chunks[n].text_hash for n in places]


def _clean(row: Labelled, redactor: Redactor) -> Labelled:
    """A row without the personal data of its passage.

    Raises:
        LeftOut: some may be left in it, or its question asks for some.
    """
    if PLACEHOLDER.search(row.question):
        raise LeftOut("placeholders")  # nobody knows any more whom of a passage they mean
    try:
        question, passage = redactor.redacted([row.question, row.passage], [row.passage]).texts
    except RedactionError as error:
        raise LeftOut("personal-data") from error
    if question != row.question:
        raise LeftOut("personal-data")  # only this passage tells that a word of it is a name
    return Labelled(question, passage, row.label, row.example)
