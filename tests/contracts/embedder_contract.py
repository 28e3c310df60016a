"""What every embedder promises."""

import asyncio

import numpy as np
import pytest

from pipelines.models import Embedder

TEXTS = ["The office closes at six.", "La oficina cierra a las seis.", "Bananas are yellow."]


class EmbedderContract:
    """Inherit it and provide a fixture `embedder`."""

    @pytest.fixture
    def embedder(self) -> Embedder:
        raise NotImplementedError

    async def test_rows_have_length_one_and_the_order_of_the_texts(
        self, embedder: Embedder
    ) -> None:
        many = [f"{text} {n}" for n in range(30) for text in TEXTS]
        together = await embedder.embed_passages(many)
        assert together.shape == (90, embedder.dimensions)
        assert together.dtype == np.float32
        assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-4)
        alone = await embedder.embed_passages([many[41]])
        assert np.allclose(alone[0], together[41], atol=1e-2)

    async def test_no_texts_are_no_rows(self, embedder: Embedder) -> None:
        assert (await embedder.embed_questions([])).shape == (0, embedder.dimensions)
        assert (await embedder.embed_passages([])).shape == (0, embedder.dimensions)

    @pytest.mark.parametrize("odd", ["", " ", "\0", "\ud800", "🦉" * 50, "word " * 700])
    async def test_any_text_has_a_vector(self, embedder: Embedder, odd: str) -> None:
        for vectors in (
            await embedder.embed_questions([odd]),
            await embedder.embed_passages([odd]),
        ):
            assert np.isfinite(vectors).all()
            assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)

    async def test_callers_at_the_same_time_get_their_own_vectors(self, embedder: Embedder) -> None:
        alone = [await embedder.embed_questions([text]) for text in TEXTS]
        together = await asyncio.gather(*(embedder.embed_questions([text]) for text in TEXTS))
        assert np.allclose(alone, together, atol=1e-2)
