"""Model servers that misbehave: every fault is an error that says who must act."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from haystack.dataclasses import ChatMessage, StreamingChunk

from knowledge.errors import TertuliaError
from pipelines.models.endpoints import Endpoint
from pipelines.models.errors import (
    ContextTooLongError,
    ModelAnswerError,
    ModelMissingError,
    ModelRefusedError,
    ModelUnavailableError,
)
from pipelines.models.openai_compatible import OpenAICompatibleChatModel, RemoteServer
from tests.fakes.loopback import LoopbackServer, Reply, Request

QUESTION = [ChatMessage.from_user("Hello?")]
LIST = Reply.of({"object": "list", "data": [{"id": "owl", "object": "model"}]})
USAGE = {
    "prompt_tokens": 400,
    "completion_tokens": 2,
    "total_tokens": 402,
    "prompt_tokens_details": {"cached_tokens": 100},
}


def chunk(text: str | None, finish: str | None = None, **more: object) -> dict[str, object]:
    """One event of a streamed answer."""
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
    return {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "owl"} | {
        "choices": [choice],
        **more,
    }


SOUND = Reply.stream(
    chunk("Hello"), chunk(" you"), chunk(None, "stop"), {**chunk(None), "choices": []}, "[DONE]"
)


def serving(**replies: Reply) -> Callable[[Request], Reply]:
    """Replies by the last part of the path; a model list and 404 for everything else."""
    known = {"models": LIST, **replies}
    return lambda request: known.get(request.path.rpartition("/")[2], Reply(status=404))


def model_at(server: LoopbackServer, **options: Any) -> OpenAICompatibleChatModel:  # noqa: ANN401 (passed on)
    endpoint = Endpoint(f"{server.url}/v1", "key")
    return OpenAICompatibleChatModel(
        "openai:owl", RemoteServer(endpoint), model="owl", **{"timeout_s": 5.0, **options}
    )


async def answered(reply: Reply, **options: Any) -> ChatMessage:  # noqa: ANN401 (passed on)
    async with LoopbackServer(serving(completions=reply)) as server:
        model = model_at(server, **options)
        try:
            result = await model.generator().run_async(QUESTION)
        finally:
            await model.stop()
        message: ChatMessage = result["replies"][0]
        return message


async def test_a_sound_answer_arrives_whole() -> None:
    assert (await answered(SOUND)).text == "Hello you"


BODIES: dict[str, tuple[Reply, type[TertuliaError]]] = {
    "an internal error": (Reply.of({"error": {"message": "x"}}, status=500), ModelUnavailableError),
    "a server that is busy": (Reply(b"busy", status=503), ModelUnavailableError),
    "too many questions": (Reply.of({}, status=429), ModelUnavailableError),
    "no such model": (Reply.of({"error": {"message": "?"}}, status=404), ModelMissingError),
    "a wrong key": (Reply.of({"error": {"message": "?"}}, status=401), ModelRefusedError),
    "a request it does not understand": (
        Reply.of({"error": {"message": "no such field"}}, status=400),
        ModelRefusedError,
    ),
    "a prompt too long for llama.cpp": (
        Reply.of({"error": {"type": "exceed_context_size_error", "message": "no"}}, status=400),
        ContextTooLongError,
    ),
    "a prompt too long for vLLM": (
        Reply.of({"message": "This model's maximum context length is 10 tokens"}, status=400),
        ContextTooLongError,
    ),
    "a web page": (Reply(b"<html>hi</html>", content_type="text/html"), ModelAnswerError),
    "events that are no JSON": (Reply.stream("{garbage"), ModelAnswerError),
    "an event that is a list": (Reply.stream([1, 2]), ModelAnswerError),
    "an event that is a number": (Reply.stream(7), ModelAnswerError),
    "an event without choices": (Reply.stream({"id": "1"}), ModelAnswerError),
    "two choices": (Reply.stream({"choices": [{"delta": {}}, {"delta": {}}]}), ModelAnswerError),
    "a choice that is null": (Reply.stream({"choices": [None]}), ModelAnswerError),
    "text that is a number": (Reply.stream(chunk(3)), ModelAnswerError),  # type: ignore[arg-type]  # the fault
    "nothing at all": (Reply(content_type="text/event-stream"), ModelAnswerError),
    "an answer without its end": (Reply.stream(chunk("Hello"), "[DONE]"), ModelUnavailableError),
    "a connection cut in the middle": (
        Reply.stream(chunk("Hello"), chunk("you", "stop"), cut_at=200),
        ModelUnavailableError,
    ),
    "an error in the middle": (
        Reply.stream(chunk("Hello"), {"error": {"message": "out of memory"}}),
        ModelUnavailableError,
    ),
    "silence in the middle": (
        Reply(Reply.stream(chunk("a")).body, content_type="text/event-stream", hang_at=10),
        ModelUnavailableError,
    ),
}


@pytest.mark.parametrize("fault", BODIES)
async def test_every_fault_is_an_error_of_ours_with_advice(fault: str) -> None:
    reply, expected = BODIES[fault]
    with pytest.raises(expected) as caught:
        await answered(reply, timeout_s=0.3)
    assert caught.value.what_to_do
    assert caught.value.__cause__ is not None or isinstance(caught.value, TertuliaError)


async def test_a_server_that_never_answers_is_reported() -> None:
    with pytest.raises(ModelUnavailableError, match="in time"):
        await answered(Reply(b"x", hang_at=0), timeout_s=0.2)


async def test_a_server_that_is_down_is_reported() -> None:
    async with LoopbackServer(serving()) as server:
        model = model_at(server)
    with pytest.raises(ModelUnavailableError, match="could not be reached"):
        await model.start()


async def test_a_server_that_is_busy_for_a_moment_is_asked_again() -> None:
    replies = iter([Reply(status=503, headers={"Retry-After-Ms": "1"}), SOUND])
    async with LoopbackServer(lambda r: next(replies) if "chat" in r.path else LIST) as server:
        model = model_at(server)
        result = await model.generator().run_async(QUESTION)
        await model.stop()
    assert result["replies"][0].text == "Hello you"


async def test_what_has_begun_is_not_asked_for_again() -> None:
    cut = Reply.stream(chunk("Hello"), cut_at=50)
    async with LoopbackServer(serving(completions=cut)) as server:
        model = model_at(server)
        with pytest.raises(ModelUnavailableError):
            await model.generator().run_async(QUESTION)
        await model.stop()
    assert len([r for r in server.requests if "completions" in r.path]) == 1


async def test_an_error_of_the_listener_stays_what_it_is_and_hangs_up() -> None:
    events = Reply.stream(chunk("Hello"), chunk("you"))
    reply = Reply(events.body, content_type="text/event-stream", hang_at=len(events.body) - 5)

    async def broken(_chunk: StreamingChunk) -> None:
        raise KeyError("ours")

    async with LoopbackServer(serving(completions=reply)) as server:
        model = model_at(server)
        with pytest.raises(KeyError, match="ours"):
            await model.generator().run_async(QUESTION, broken)
        await server.hung_up.wait()
        await model.stop()


async def test_a_cancelled_answer_hangs_up() -> None:
    reply = Reply(SOUND.body, content_type="text/event-stream", hang_at=len(SOUND.body) // 2)
    async with LoopbackServer(serving(completions=reply)) as server:
        model = model_at(server)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await model.generator().run_async(QUESTION)
        await server.hung_up.wait()
        await model.stop()


async def test_a_wrong_name_is_answered_with_the_nearest_right_one() -> None:
    listed = Reply.of({"data": [{"id": "owl-7b"}, {"id": "fox-3b"}]})
    async with LoopbackServer(serving(models=listed)) as server:
        with pytest.raises(ModelMissingError, match="Did you mean 'owl-7b'"):
            await model_at(server).start()


async def test_a_server_without_a_list_of_models_may_have_it() -> None:
    async with LoopbackServer(serving(models=Reply(status=404))) as server:
        model = model_at(server)
        await model.start()
        assert model.context_tokens == 4096
        await model.stop()


async def test_a_wrong_key_shows_at_the_start() -> None:
    async with LoopbackServer(serving(models=Reply.of({}, status=403))) as server:
        with pytest.raises(ModelRefusedError, match="key"):
            await model_at(server).start()


async def test_the_server_says_how_much_it_can_read() -> None:
    vllm = Reply.of({"data": [{"id": "owl", "max_model_len": 9000}]})
    llama = Reply.of({"default_generation_settings": {"n_ctx": 7000}})
    for replies, expected in (({"models": vllm}, 9000), ({"props": llama}, 7000)):
        async with LoopbackServer(serving(**replies)) as server:
            model = model_at(server)
            await model.start()
            assert model.context_tokens == expected
            await model.stop()


async def test_without_a_tokenizer_tokens_are_estimated_and_it_is_not_asked_again() -> None:
    async with LoopbackServer(serving()) as server:
        model = model_at(server)
        assert await model.count_tokens("x" * 35) == 10
        assert await model.count_tokens("") == 0
        await model.stop()
    assert len([r for r in server.requests if "tokenize" in r.path]) == 1


async def test_reading_speed_is_measured_without_help_of_the_server() -> None:
    usage = {**chunk(None), "choices": [], "usage": USAGE}
    reply = Reply.stream(chunk("Hello", "stop"), usage, "[DONE]")
    async with LoopbackServer(serving(completions=reply)) as server:
        model = model_at(server)
        await model.read_ahead(QUESTION)
        assert (model.prompt_tokens_per_s or 0) > 0
        await model.stop()
    assert server.requests[-1].json()["max_tokens"] == 1


async def test_a_refused_reading_ahead_is_an_error_of_ours() -> None:
    async with LoopbackServer(serving(completions=Reply.of({}, status=400))) as server:
        model = model_at(server)
        with pytest.raises(ModelRefusedError):
            await model.read_ahead(QUESTION)
        await model.stop()


async def test_the_key_is_sent_and_neither_shown_nor_part_of_an_address() -> None:
    async with LoopbackServer(serving(completions=SOUND)) as server:
        model = model_at(server)
        await model.start()
        await model.stop()
    assert server.requests[0].headers["authorization"] == "Bearer key"
    endpoint = Endpoint("http://ana:secret@127.0.0.1:1/v1?x=1", "another")
    assert endpoint.place == "http://127.0.0.1:1/v1"
    assert "another" not in repr(endpoint)


async def test_a_generator_has_no_sync_twin() -> None:
    async with LoopbackServer(serving()) as server:
        generator = model_at(server).generator()
        with pytest.raises(TypeError, match="run_async"):
            generator.run(QUESTION)
        await generator.close_async()
