"""What every chat model promises."""

import asyncio
import json
from typing import Any

import pytest
from haystack import Pipeline
from haystack.dataclasses import ChatMessage, StreamingChunk

from pipelines.models import ChatModel

FIXED = ChatMessage.from_system("You answer questions about a team's handbook. " * 20)
QUESTION = ChatMessage.from_user("Which colour does the sky have?")


class ChatModelContract:
    """Inherit it and provide a fixture `chat_model` that is not started; it is stopped here."""

    @pytest.fixture
    def chat_model(self) -> ChatModel:
        raise NotImplementedError

    async def test_it_answers_in_a_pipeline_and_counts_tokens(self, chat_model: ChatModel) -> None:
        pipeline = Pipeline()
        pipeline.add_component("model", chat_model.generator())
        options = {"max_tokens": 8, "temperature": 0}
        result = await pipeline.run_async(
            {"model": {"messages": [QUESTION], "generation_kwargs": options}}
        )
        reply = result["model"]["replies"][0]
        assert reply.text
        assert reply.meta["usage"]["completion_tokens"] <= 8
        assert reply.meta["usage"]["prompt_tokens"] > 5
        await chat_model.stop()

    async def test_what_is_streamed_is_the_answer(self, chat_model: ChatModel) -> None:
        pieces: list[str] = []

        async def note(chunk: StreamingChunk) -> None:
            pieces.append(chunk.content)

        result = await chat_model.generator().run_async([QUESTION], note, {"max_tokens": 8})
        assert "".join(pieces) == result["replies"][0].text
        assert len([piece for piece in pieces if piece]) > 1
        await chat_model.stop()

    async def test_an_answer_follows_a_json_schema(self, chat_model: ChatModel) -> None:
        schema = {
            "type": "object",
            "properties": {"colour": {"enum": ["blue", "green"]}},
            "required": ["colour"],
        }
        wanted = {"type": "json_schema", "json_schema": {"name": "reply", "schema": schema}}
        reply = await answer(chat_model, max_tokens=30, response_format=wanted)
        assert json.loads(reply.text or "")["colour"] in {"blue", "green"}
        await chat_model.stop()

    async def test_what_was_read_ahead_is_not_read_again(self, chat_model: ChatModel) -> None:
        await chat_model.start()
        assert chat_model.prompt_tokens_per_s is None
        await chat_model.read_ahead([FIXED])
        assert (chat_model.prompt_tokens_per_s or 0) > 0
        result = await chat_model.generator().run_async([FIXED, QUESTION], None, {"max_tokens": 1})
        usage = result["replies"][0].meta["usage"]
        assert usage["prompt_tokens_details"]["cached_tokens"] > 0.8 * usage["prompt_tokens"]
        await chat_model.stop()

    async def test_longer_texts_have_more_tokens(self, chat_model: ChatModel) -> None:
        few, many = [await chat_model.count_tokens("a word or two " * n) for n in (1, 50)]
        assert 2 <= few < many
        assert await chat_model.count_tokens("") == 0
        await chat_model.stop()

    async def test_it_is_known_again_by_its_name_and_place(self, chat_model: ChatModel) -> None:
        first = await chat_model.identity()
        assert first.startswith(chat_model.name)
        assert await chat_model.identity() == first
        await chat_model.stop()

    async def test_starting_and_stopping_twice_does_nothing(self, chat_model: ChatModel) -> None:
        await asyncio.gather(chat_model.start(), chat_model.start())
        await chat_model.stop()
        await chat_model.stop()

    async def test_it_answers_again_after_a_stop(self, chat_model: ChatModel) -> None:
        await chat_model.start()
        await chat_model.stop()
        assert (await answer(chat_model, max_tokens=4)).text
        await chat_model.stop()


async def answer(model: ChatModel, **options: Any) -> ChatMessage:  # noqa: ANN401 (the server's own options)
    """One answer to a small question."""
    result = await model.generator().run_async([QUESTION], None, {"temperature": 0, **options})
    reply: ChatMessage = result["replies"][0]
    return reply
