"""Calls of tools, thoughts and endings: what Haystack's own generator loses, ours keeps."""

from typing import Annotated, Any

from haystack.components.agents import Agent
from haystack.dataclasses import ChatMessage, ImageContent, StreamingChunk, TextContent, ToolCall
from haystack.tools.from_function import create_tool_from_function

from pipelines.models.ollama.chat import OllamaChatModel
from pipelines.models.ollama.requests import as_ollama
from pipelines.models.ollama.server import OllamaServer
from tests.fakes.loopback import LoopbackServer, Reply
from tests.fakes.scripted_ollama import asked, end, line, lines, serving

QUESTION = [ChatMessage.from_user("Hello?")]


def call(name: str, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 (a tool's own arguments)
    return {"function": {"name": name, "arguments": arguments or None}}


async def streamed(reply: Reply) -> tuple[ChatMessage, list[StreamingChunk]]:
    """The answer, and the chunks that were seen of it."""
    chunks: list[StreamingChunk] = []
    async with LoopbackServer(serving(reply)) as server:
        model = OllamaChatModel("ollama:owl", OllamaServer(server.url), model="owl")
        result = await model.generator().run_async(QUESTION, chunks.append)
        await model.stop()
    return result["replies"][0], chunks


async def test_a_call_without_arguments_is_a_call() -> None:
    message, _ = await streamed(lines(line(tool_calls=[call("now")]), end()))
    assert message.tool_calls == [ToolCall("now", {})]
    assert message.meta["finish_reason"] == "tool_calls"


async def test_two_calls_in_one_line_stay_two() -> None:
    calls = [{**call("rain", place="Lugo"), "id": "call_1"}, call("rain", place="Vigo")]
    message, chunks = await streamed(lines(line(tool_calls=calls), end()))
    expected = [ToolCall("rain", {"place": "Lugo"}, "call_1"), ToolCall("rain", {"place": "Vigo"})]
    assert message.tool_calls == expected
    deltas = [delta for chunk in chunks for delta in chunk.tool_calls or ()]
    assert [delta.index for delta in deltas] == [0, 1]


async def test_calls_in_two_lines_stay_two() -> None:
    one, other = call("rain", place="Lugo"), call("rain", place="Vigo")
    message, _ = await streamed(lines(line(tool_calls=[one]), line(tool_calls=[other]), end()))
    assert [c.arguments["place"] for c in message.tool_calls] == ["Lugo", "Vigo"]


async def test_a_line_with_a_thought_and_a_text_is_both() -> None:
    message, chunks = await streamed(
        lines(line("", thinking="Hm"), line("Hello", thinking="."), line(" you"), end())
    )
    assert message.text == "Hello you"
    assert message.reasoning
    assert message.reasoning.reasoning_text == "Hm."
    assert [chunk.start for chunk in chunks] == [True, False, True, False, False]


async def test_an_answer_cut_at_its_longest_says_so() -> None:
    message, chunks = await streamed(lines(line("Hello"), end("length")))
    assert message.meta["finish_reason"] == "length"
    assert chunks[-1].finish_reason == "length"


async def test_an_answer_without_a_word_is_an_empty_one() -> None:
    message, _ = await streamed(lines({"model": "owl"}, end()))
    assert message.text is None
    assert message.meta["finish_reason"] == "stop"


async def test_an_agent_calls_a_tool_and_tells_the_model_its_name_and_result() -> None:
    def rain(place: Annotated[str, "Where"]) -> str:
        """Tell whether it rains."""
        return f"Rain in {place}"

    replies = lines(line(tool_calls=[call("rain", place="Lugo")]), end()), lines(line("Yes"), end())
    async with LoopbackServer(serving(*replies)) as server:
        model = OllamaChatModel("ollama:owl", OllamaServer(server.url), model="owl")
        agent = Agent(chat_generator=model.generator(), tools=[create_tool_from_function(rain)])
        result = await agent.run_async(QUESTION)
        await model.stop()
    assert result["last_message"].text == "Yes"
    first, second = asked(server.requests)
    assert first["tools"][0]["function"]["name"] == "rain"
    assert second["messages"][-1] == {
        "role": "tool",
        "tool_name": "rain",
        "content": "Rain in Lugo",
    }
    assert second["messages"][-2]["tool_calls"][0]["function"]["arguments"] == {"place": "Lugo"}


def test_a_failed_tool_and_one_that_answers_in_parts_are_told_as_text() -> None:
    origin = ToolCall("rain", {})
    failed = ChatMessage.from_tool("no sky", origin=origin, error=True)
    assert as_ollama(failed)["content"] == "Error: no sky"
    parts = ChatMessage.from_tool([TextContent("Rain"), TextContent("Wind")], origin=origin)
    assert as_ollama(parts)["content"] == "Rain\nWind"


def test_pictures_go_along() -> None:
    picture = ImageContent("aGk=", mime_type="image/png")
    said = as_ollama(ChatMessage.from_user(content_parts=["What is it?", picture]))
    assert said == {"role": "user", "content": "What is it?", "images": ["aGk="]}
