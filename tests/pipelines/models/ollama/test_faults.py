"""Ollama servers that misbehave: every fault is an error that says who must act."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from haystack.dataclasses import ChatMessage, StreamingChunk

from knowledge.errors import TertuliaError
from pipelines.models.breaker import CircuitBreaker
from pipelines.models.errors import (
    ContextTooLongError,
    ModelAnswerError,
    ModelLoadError,
    ModelMissingError,
    ModelRefusedError,
    ModelUnavailableError,
)
from pipelines.models.ollama.chat import SPARE_LINES, OllamaChatModel
from pipelines.models.ollama.server import LONGEST_LINE, OllamaServer
from tests.fakes.loopback import LoopbackServer, Reply, Request
from tests.fakes.scripted_ollama import OWL, SOUND, asked, end, line, lines, serving

QUESTION = [ChatMessage.from_user("Hello?")]


def model_at(url: str, *, timeout_s: float = 5.0, pause_s: float = 60.0) -> OllamaChatModel:
    breaker = CircuitBreaker("there", pause_s=pause_s, patience_s=0.05)
    server = OllamaServer(url, timeout_s=timeout_s, pauses_s=(0.0, 0.01), breaker=breaker)
    return OllamaChatModel("ollama:owl", server, model="owl")


async def answered(*chats: Reply, timeout_s: float = 5.0, **more: Any) -> ChatMessage:  # noqa: ANN401 (passed on)
    async with LoopbackServer(serving(*chats, **more)) as server:
        model = model_at(server.url, timeout_s=timeout_s)
        try:
            result = await model.generator().run_async("Hello?", None, {"max_tokens": 20})
        finally:
            await model.stop()
        message: ChatMessage = result["replies"][0]
        return message


def error(status: int, said: str) -> Reply:
    return Reply.of({"error": said}, status=status)


async def test_a_sound_answer_arrives_whole() -> None:
    message = await answered(SOUND)
    assert message.text == "Hello you"
    assert message.meta["usage"]["prompt_tokens"] == 400
    assert message.meta["timings_s"]["prompt_eval"] == 2.0


CRASHED = {"error": "an error was encountered while running the model: unexpected EOF"}
FAULTS: dict[str, tuple[Reply, type[TertuliaError], str]] = {
    "an internal error": (error(500, "oh"), ModelUnavailableError, "failed"),
    "a full queue": (
        error(503, "server busy, please try again. maximum pending requests exceeded"),
        ModelUnavailableError,
        "is busy",
    ),
    "too many questions": (error(429, "slow down"), ModelUnavailableError, "is busy"),
    "too little memory": (
        error(500, "model requires more system memory (9.9 GiB) than is available (1.2 GiB)"),
        ModelLoadError,
        "9.9 GiB",
    ),
    "memory that runs out later": (
        lines(line("Hello"), {"error": "cudaMalloc failed: out of memory"}),
        ModelLoadError,
        "too little memory",
    ),
    "a model that was taken away": (
        error(404, "model 'owl' not found"),
        ModelMissingError,
        "no model owl",
    ),
    "another server": (Reply(b"<h1>Hi</h1>", status=404), ModelRefusedError, "no Ollama"),
    "a proxy that wants a password": (
        Reply(b"<html>", status=401),
        ModelRefusedError,
        "does not let us in",
    ),
    "a long page of a proxy": (
        Reply(b"<p>" * 10_000 + b"\n" + b"<p>" * 10, status=502),
        ModelUnavailableError,
        "failed",
    ),
    "another page": (Reply(b"", status=301), ModelRefusedError, "no reason given"),
    "a prompt too long": (
        error(400, "the input length exceeds the context length"),
        ContextTooLongError,
        "longer",
    ),
    "a model that cannot": (
        error(400, '"owl" does not support singing'),
        ModelRefusedError,
        "does not support singing",
    ),
    "an option it does not know": (error(400, "bad option"), ModelRefusedError, "bad option"),
    "a web page": (Reply(b"<html>hi</html>"), ModelAnswerError, "no answer"),
    "a line that is no JSON": (lines("{garbage"), ModelAnswerError, "no answer"),
    "a line that is a list": (lines([1]), ModelAnswerError, "no answer"),
    "JSON without a bottom": (lines("[" * 100_000), ModelAnswerError, "no answer"),
    "a line without an end": (Reply(b"x" * (LONGEST_LINE + 70_000)), ModelAnswerError, "no answer"),
    "bytes that are no text": (Reply(b'{"message": "\xff"}'), ModelAnswerError, "no answer"),
    "a message that is text": (lines({"message": "hi"}), ModelAnswerError, "no answer"),
    "text that is a number": (lines(line(3)), ModelAnswerError, "no answer"),
    "calls that are a number": (lines(line(tool_calls=3)), ModelAnswerError, "no answer"),
    "a call that is a number": (lines(line(tool_calls=[3])), ModelAnswerError, "no answer"),
    "a call without a name": (
        lines(line(tool_calls=[{"function": {"arguments": {}}}])),
        ModelAnswerError,
        "no answer",
    ),
    "a body that is not as packed as it says": (
        Reply(b"no gzip", headers={"Content-Encoding": "gzip"}),
        ModelAnswerError,
        "no answer",
    ),
    "nothing at all": (lines(), ModelUnavailableError, "broke off"),
    "an answer without its end": (lines(line("Hello")), ModelUnavailableError, "broke off"),
    "a runner that was killed": (lines(line("a"), CRASHED), ModelUnavailableError, "broke off"),
    "a connection cut in the middle": (
        replace(SOUND, cut_at=80),
        ModelUnavailableError,
        "could not be reached, or it broke off",
    ),
    "silence from the beginning": (Reply(b"x", hang_at=0), ModelUnavailableError, "in time"),
    "silence in the middle": (lines(line("a"), hang=True), ModelUnavailableError, "in time"),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_every_fault_is_an_error_of_ours_with_advice(fault: str) -> None:
    reply, expected, words = FAULTS[fault]
    with pytest.raises(expected, match=words) as caught:
        await answered(reply, timeout_s=0.3 if "silence" in fault else 5.0)
    assert caught.value.what_to_do


async def test_an_answer_without_an_end_is_left() -> None:
    endless = lines(*[line("la ")] * (4096 + SPARE_LINES + 9), hang=True)
    with pytest.raises(ModelAnswerError):
        await answered(endless)


async def test_a_server_that_is_down_is_reported() -> None:
    async with LoopbackServer(serving(SOUND)) as server:
        url = server.url
    with pytest.raises(ModelUnavailableError, match="could not be reached"):
        await model_at(url).start()


async def test_a_server_that_is_busy_for_a_moment_is_asked_again() -> None:
    assert (await answered(error(503, "busy"), lines(CRASHED), SOUND)).text == "Hello you"


async def test_it_is_asked_three_times_at_most_and_what_has_begun_only_once() -> None:
    for fault, times in ((error(500, "oh"), 3), (lines(line("Hello"), CRASHED), 1)):
        async with LoopbackServer(serving(fault)) as server:
            model = model_at(server.url)
            with pytest.raises(ModelUnavailableError):
                await model.generator().run_async(QUESTION)
            await model.stop()
        assert len(asked(server.requests)) == times


async def test_after_failures_in_a_row_it_is_left_alone_and_found_again() -> None:
    async with LoopbackServer(serving(error(503, "busy"))) as server:
        model = model_at(server.url, pause_s=60)
        await model.start()
        for _ in range(3):
            with pytest.raises(ModelUnavailableError, match="is busy"):
                await model.generator().run_async(QUESTION)
        seen = len(server.requests)
        with pytest.raises(ModelUnavailableError, match="left alone"):
            await model.generator().run_async(QUESTION)
        assert len(server.requests) == seen
        await model.stop()
        model = model_at(server.url, pause_s=0)
        for _ in range(4):
            with pytest.raises(ModelUnavailableError, match="is busy"):
                await model.generator().run_async(QUESTION)
        server.respond = serving(SOUND)
        assert (await model.generator().run_async(QUESTION))["replies"][0].text == "Hello you"
        await model.stop()


async def test_questions_that_wait_long_and_in_vain_are_failures_too() -> None:
    async with LoopbackServer(serving(Reply(b"x", hang_at=0))) as server:
        model = model_at(server.url)
        await model.start()
        for _ in range(3):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await model.generator().run_async(QUESTION)
        with pytest.raises(ModelUnavailableError, match="left alone"):
            await model.generator().run_async(QUESTION)
        await model.stop()


async def test_a_cancelled_answer_hangs_up() -> None:
    async with LoopbackServer(serving(lines(line("Hello"), hang=True))) as server:
        model = model_at(server.url)
        begun = asyncio.Event()

        async def note(_chunk: StreamingChunk) -> None:
            begun.set()

        task = asyncio.create_task(model.generator().run_async(QUESTION, note))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await server.hung_up.wait()
        await model.stop()


async def test_an_error_of_the_listener_stays_what_it_is_and_hangs_up() -> None:
    def broken(_chunk: StreamingChunk) -> None:
        raise KeyError("ours")

    async with LoopbackServer(serving(lines(line("Hello"), hang=True))) as server:
        model = model_at(server.url)
        with pytest.raises(KeyError, match="ours"):
            await model.generator().run_async(QUESTION, broken)
        await server.hung_up.wait()
        await model.stop()


async def test_a_prompt_that_cannot_fit_is_not_even_sent() -> None:
    async with LoopbackServer(serving(SOUND)) as server:
        model = model_at(server.url)
        with pytest.raises(ContextTooLongError):
            await model.generator().run_async("word " * 4000)
        with pytest.raises(ContextTooLongError):
            await model.generator().run_async(QUESTION, None, {"max_tokens": 4096})
        await model.stop()
    assert asked(server.requests) == []


async def test_every_request_names_our_context_and_forbids_to_cut() -> None:
    async with LoopbackServer(serving(SOUND)) as server:
        model = model_at(server.url)
        await model.read_ahead(QUESTION)
        await model.generator().run_async(QUESTION, None, {"num_ctx": 5, "top_p": 0.5})
        await model.stop()
    for body in asked(server.requests):
        assert (body["truncate"], body["shift"], body["keep_alive"]) == (False, False, "30m")
        assert body["options"]["num_ctx"] == 4096
    assert body["options"]["top_p"] == 0.5
    assert asked(server.requests, "generate")[0]["options"] == {"num_ctx": 4096}
    assert asked(server.requests)[0]["options"]["num_predict"] == 1


async def test_a_server_without_probabilities_is_taken_at_its_word() -> None:
    async with LoopbackServer(serving(Reply.of({**line("Yes"), **end()} | line("Yes")))) as server:
        model = model_at(server.url)
        assert await model.weigh(QUESTION, ("yes", "no")) == {"yes": 1.0, "no": 0.0}
        await model.stop()


@pytest.mark.parametrize("probabilities", [3, [3], [{"top_logprobs": 3}], [{"top_logprobs": [{}]}]])
async def test_probabilities_that_are_none_are_an_error_of_ours(probabilities: object) -> None:
    reply = Reply.of({**end(), "logprobs": probabilities})
    async with LoopbackServer(serving(reply)) as server:
        model = model_at(server.url)
        with pytest.raises(ModelAnswerError):
            await model.weigh(QUESTION, ("yes", "no"))
        await model.stop()


async def test_an_empty_answer_to_a_small_question_is_an_error_of_ours() -> None:
    async with LoopbackServer(serving(Reply(b""))) as server:
        model = model_at(server.url)
        with pytest.raises(ModelAnswerError):
            await model.weigh(QUESTION, ("yes", "no"))
        await model.stop()


async def test_what_is_read_while_nobody_asks_makes_room_for_a_question() -> None:
    is_reading = asyncio.Event()
    weighed = Reply.of({**end(), "message": {"content": "yes"}})
    stuck = Reply(b"x", hang_at=0)
    answers = serving(Reply.of(end()), weighed, stuck, SOUND)

    def respond(request: Request) -> Reply:
        reply = answers(request)
        if reply is stuck:
            is_reading.set()
        return reply

    async with LoopbackServer(respond) as server:
        model = model_at(server.url)
        await model.read_ahead(QUESTION)
        await model.weigh(QUESTION, ("yes", "no"))
        await is_reading.wait()
        result = await model.generator().run_async(QUESTION)
        await server.hung_up.wait()
        await model.idle()
        await model.stop()
    assert result["replies"][0].text == "Hello you"


async def test_only_what_is_new_counts_for_the_reading_speed() -> None:
    beginning = ChatMessage.from_system("x" * 3000)
    async with LoopbackServer(serving(Reply.of(end()), SOUND)) as server:
        model = model_at(server.url)
        await model.idle()
        await model.read_ahead([beginning])
        assert model.prompt_tokens_per_s == 200
        new = ChatMessage.from_user("y" * 1000)
        await model.generator().run_async([beginning, new])
        assert 45 < (model.prompt_tokens_per_s or 0) < 55
        await model.stop()


async def test_wrong_counts_are_no_counts() -> None:
    message = await answered(lines(line("a"), end(prompt_eval_count="many", eval_count=None)))
    assert message.meta["usage"]["total_tokens"] == 0


@pytest.mark.parametrize(
    ("show", "context"),
    [
        ({}, 4096),
        ({"model_info": {"x.context_length": 131072}}, 8192),
        ({"model_info": {"x.context_length": 2048}, "capabilities": 3}, 2048),
        ({"parameters": 'stop "x"\nnum_ctx     16384', **OWL}, 16384),
        ({"parameters": "num_ctx 0", "model_info": []}, 4096),
    ],
)
async def test_the_context_is_that_of_the_modelfile_or_of_the_model_within_a_limit(
    show: dict[str, object], context: int
) -> None:
    async with LoopbackServer(serving(SOUND, show=show)) as server:
        model = model_at(server.url)
        await model.start()
        assert model.context_tokens == context
        await model.stop()


@pytest.mark.parametrize(
    ("tags", "hint"),
    [
        ({"models": [{"name": "owl2:latest"}, {"name": "fox:7b"}]}, "did you mean 'owl2'"),
        ({"models": [{"name": "fox:7b"}]}, "ollama pull owl"),
        ({"models": None}, "ollama pull owl"),
    ],
)
async def test_a_wrong_name_is_answered_with_the_nearest_right_one(
    tags: dict[str, object], hint: str
) -> None:
    missing = error(404, "model 'owl' not found")
    async with LoopbackServer(serving(show=missing, tags=Reply.of(tags))) as server:
        with pytest.raises(ModelMissingError) as caught:
            await model_at(server.url).start()
    assert hint in caught.value.what_to_do


async def test_too_little_memory_shows_at_the_start() -> None:
    full = error(500, "llama runner: unable to allocate CPU buffer")
    async with LoopbackServer(serving(load=full)) as server:
        with pytest.raises(ModelLoadError, match="too little memory"):
            await model_at(server.url).start()


async def test_thinking_is_switched_on_and_off_where_the_model_can() -> None:
    thinks = {**OWL, "capabilities": ["completion", "thinking"]}
    off, on = ({"chat_template_kwargs": {"enable_thinking": yes}} for yes in (False, True))
    for show, extra, expected in (
        (OWL, {}, None),
        (OWL, off, None),
        (thinks, {}, False),
        (thinks, off, False),
        (thinks, on, True),
    ):
        async with LoopbackServer(serving(SOUND, show=show)) as server:
            model = model_at(server.url)
            await model.generator().run_async(QUESTION, None, {"extra_body": extra})
            await model.stop()
        assert asked(server.requests)[0].get("think") is expected


async def test_a_schema_is_translated_and_so_is_any_json() -> None:
    schema = {"type": "object"}
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    async with LoopbackServer(serving(SOUND)) as server:
        model = model_at(server.url)
        for shape in (wanted, {"type": "json_object"}, None):
            await model.generator().run_async(QUESTION, None, {"response_format": shape})
        await model.stop()
    assert [body.get("format") for body in asked(server.requests)] == [schema, "json", None]


async def test_half_characters_and_zeros_do_not_break_a_request() -> None:
    async with LoopbackServer(serving(SOUND)) as server:
        model = model_at(server.url)
        await model.generator().run_async("a\0b\ud800")
        await model.stop()
    assert json.dumps(asked(server.requests)[0]["messages"][0]["content"]) == '"a b?"'


@pytest.mark.parametrize("name", ["owl", "owl:latest"])
async def test_another_model_under_the_same_name_is_another_one(name: str) -> None:
    seen = []
    for digest in ("a1", "b2"):
        tags = {"models": [{"name": "owl:latest", "digest": digest}, {"name": "elk"}, "?"]}
        async with LoopbackServer(serving(SOUND, tags=Reply.of(tags))) as server:
            model = OllamaChatModel(f"ollama:{name}", OllamaServer(server.url), model=name)
            seen.append((await model.identity()).replace(server.url, "place"))
            await model.stop()
    assert [one.split(" ", 1)[1] for one in seen] == ["place a1", "place b2"]


async def test_neither_password_nor_user_is_shown() -> None:
    async with LoopbackServer(serving(error(500, "oh"))) as server:
        url = server.url.replace("://", "://ana:secret@")
        model = model_at(url)
        with pytest.raises(ModelUnavailableError) as caught:
            await model.generator().run_async(QUESTION)
        await model.stop()
    assert "secret" not in str(caught.value)
    assert server.requests[0].headers["authorization"].startswith("Basic ")


async def test_a_generator_has_no_sync_twin_and_starts_its_model() -> None:
    async with LoopbackServer(serving(SOUND)) as server:
        model = model_at(server.url)
        generator = model.generator()
        for call in (generator.warm_up, lambda: generator.run(QUESTION)):
            with pytest.raises(TypeError, match="run_async"):
                call()
        await generator.warm_up_async()
        assert asked(server.requests, "show") == [{"model": "owl"}]
        await generator.close_async()
        await model.stop()
