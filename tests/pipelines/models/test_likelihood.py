"""How likely a real model finds a text."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pipelines.models.catalogue import entry
from pipelines.models.embedded import embedded_chat_model
from pipelines.models.endpoints import Endpoint
from pipelines.models.errors import ModelAnswerError
from pipelines.models.likelihood import nats_a_token
from pipelines.models.openai_compatible import OpenAICompatibleChatModel
from tests.fakes.scripted_model import NAME, serving

TEXT = "The sun rises in the east and sets in the west."


@pytest.fixture
async def model(models_folder: Path) -> AsyncIterator[OpenAICompatibleChatModel]:
    model = embedded_chat_model(entry("smollm2-135m"), models_folder)
    await model.start()
    yield model
    await model.stop()


@pytest.mark.model
async def test_sense_is_likelier_than_nonsense_and_always_the_same(
    model: OpenAICompatibleChatModel,
) -> None:
    sense = await nats_a_token(model, TEXT)
    assert 0 < sense < await nats_a_token(model, "West sets the rises and sun east in the in the.")
    assert await nats_a_token(model, TEXT) == pytest.approx(sense, abs=1e-4)


async def test_a_server_that_cannot_tell_is_named() -> None:
    with serving() as other:

        class Fixed:
            async def open(self) -> Endpoint:
                return Endpoint(other.url)

            async def close(self) -> None:
                """Nothing is open."""

        model = OpenAICompatibleChatModel(f"openai:{NAME}", Fixed(), model=NAME)
        with pytest.raises(ModelAnswerError, match="does not tell how likely"):
            await nats_a_token(model, TEXT)
