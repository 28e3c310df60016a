from pathlib import Path

import numpy as np

from knowledge.stores import Probe
from pipelines.sketching import learn_waiting, question_sketch, sketch_waiting, sketches
from tests.pipelines.small_knowledge import PUBLIC, Index, chunk, open_index, pages


async def found_by_sketch(index: Index, question: str, language: str) -> list[str]:
    sketch = await question_sketch(question, language, index.words)
    version = index.words.version
    probe = Probe(text=question, language=language, sketch=sketch, sketch_version=version)
    legs = await index.store.search(probe, reader=PUBLIC, limit=3)
    hits = [hit for leg in legs if leg.name == "sketches" for hit in leg.hits]
    return [hit.chunk.title for hit in sorted(hits, key=lambda hit: -hit.score)]


async def test_chunks_are_found_by_sketch_in_both_languages(tmp_path: Path) -> None:
    async with open_index(tmp_path) as index:
        await index.add(pages())
        seen: list[int] = []
        report = await sketch_waiting(index.store, index.words, progress=seen.append)
        assert report.sketched == 6
        assert report.words_waiting == 0
        assert seen == [6]
        state = await index.store.state()
        assert (state.sketched, state.sketch_version) == (6, index.words.version)
        assert (await found_by_sketch(index, "fire extinguisher", "en"))[0] == "Seguridad"
        assert (await found_by_sketch(index, "contraseña de la red", "es"))[0] == "Wifi"


async def test_new_chunks_are_sketched_without_counting_anew(tmp_path: Path) -> None:
    async with open_index(tmp_path) as index:
        await index.add(pages())
        await sketch_waiting(index.store, index.words)
        version = index.words.version
        await index.add([chunk("Garden", "The garden opens on Saturdays.", "en")])
        report = await sketch_waiting(index.store, index.words)
        assert (report.sketched, report.words_learned) == (1, 0)
        assert index.words.version == version
        assert (await sketch_waiting(index.store, index.words)).sketched == 0


async def test_knowledge_that_has_doubled_is_counted_and_sketched_anew(tmp_path: Path) -> None:
    async with open_index(tmp_path) as index:
        await index.add(pages()[:3])
        await sketch_waiting(index.store, index.words)
        first = index.words.version
        await index.add(pages())
        report = await sketch_waiting(index.store, index.words)
        assert report.sketched == 6
        assert index.words.version != first
        assert (await index.store.state()).sketch_version == index.words.version
        assert index.words.corpus.size == 6


async def test_words_left_for_later_are_learned_later(tmp_path: Path) -> None:
    async with open_index(tmp_path) as index:
        await index.add(pages())
        report = await sketch_waiting(index.store, index.words, first_words=10)
        assert report.words_learned == 10
        assert report.words_waiting > 10
        first = index.words.version
        assert await learn_waiting(index.store, index.words, should_stop=lambda: True) == 0
        assert index.words.version == first
        assert await learn_waiting(index.store, index.words) == report.words_waiting
        assert index.words.version != first
        assert (await index.store.state()).sketch_version == index.words.version
        assert await learn_waiting(index.store, index.words) == 0


async def test_no_time_for_words_still_ends_with_a_version(tmp_path: Path) -> None:
    async with open_index(tmp_path) as index:
        await index.add(pages())
        report = await sketch_waiting(index.store, index.words, first_words_s=-1.0)
        assert (report.words_learned, report.sketched) == (0, 6)
        assert await question_sketch("what is it?", "en", index.words) is None
        assert await question_sketch("kitchen", "en", index.words) is not None


async def test_an_empty_store_has_nothing_to_sketch(tmp_path: Path) -> None:
    async with open_index(tmp_path) as index:
        report = await sketch_waiting(index.store, index.words)
        assert report.sketched == 0
        assert index.words.version == ""


async def test_a_sketch_has_length_one_unless_nothing_is_known(tmp_path: Path) -> None:
    async with open_index(tmp_path) as index:
        await index.add(pages())
        await sketch_waiting(index.store, index.words)
        rows = sketches([("the kitchen", "en"), ("", "en"), ("kitchen kitchen", "en")], index.words)
        assert np.linalg.norm(rows, axis=1).round(4).tolist() == [1, 0, 1]
        assert np.allclose(rows[0], rows[2])
