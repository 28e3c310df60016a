"""Greetings and thanks are returned by personas that do; everything else is answered from pages."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.replying import worded
from knowledge.conversations import Answer
from pipelines import personas
from pipelines.answering import Assistant
from pipelines.small_talk import LONGEST, small_talk_in
from tests.pipelines.small_knowledge import Index, asked, open_index, pages
from tests.pipelines.test_answering import LEAVE, scripted

HELLO = "Hello there! What would you like to know?"


@pytest.fixture
async def index(tmp_path: Path) -> AsyncIterator[Index]:
    """The six pages, with their vectors."""
    async with open_index(tmp_path) as index:
        await index.add(pages())
        await index.embed_all()
        yield index


async def says(
    index: Index, said: str, message: str, *, name: str = "host", **more: object
) -> Answer:
    persona = replace(personas.load(name), **more)  # type: ignore[arg-type]  # lines of a header
    async with scripted(said) as (_, model):
        return await Assistant(
            retriever=index.retriever,
            model=model,
            persona=persona,
            coverage=index.retriever.coverage,
        ).answer(asked(message))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hello!", "en"),
        ("hi Tertulia, how's it going? 🙂", "en"),
        ("Thank you so much for your help!!", "en"),
        ("Who are you?", "en"),
        ("¡Hola! ¿Qué tal?", "es"),
        ("Buenos días, equipo", "es"),
        ("Muchísimas gracias, hasta mañana", "es"),
        ("¿Y vos quién sos?", ""),
        ("Hello, how many days of leave do I have?", ""),
        ("Gracias. ¿Y la fianza?", ""),
        ("Say hello", ""),
        ("", ""),
        ("🙂", ""),
        ("hello " * LONGEST, ""),
    ],
)
def test_only_a_message_that_is_small_talk_from_end_to_end_is_some(
    text: str, language: str
) -> None:
    assert small_talk_in(text) == language


async def test_a_greeting_is_returned_without_a_search(index: Index) -> None:
    answer = await says(index, HELLO, "Hello!")
    assert (answer.text, answer.language, answer.abstained) == (HELLO, "en", False)
    assert (answer.citations, answer.receipt.chunks) == ((), ())
    assert answer.receipt.persona == "host"
    assert answer.receipt.tokens["answer"]


@pytest.mark.parametrize(
    "said",
    [
        "Everybody has 25 days of leave.",
        "Hello, ask Irene Sanz for the key.",
        "Hello, look at www.example.com please.",
        "¡Hola! Me alegra mucho que estés aquí con nosotros.",
        "Hello " * 60,
        "",
    ],
)
async def test_what_would_have_to_rest_on_a_page_is_not_said_in_return(
    index: Index, said: str
) -> None:
    answer = await says(index, said, "Hello!")
    assert (answer.text, answer.reason) == ("", "small-talk")
    assert worded(answer) == "Hello! Ask me something about what this team knows."


async def test_other_personas_and_other_messages_are_answered_from_pages(index: Index) -> None:
    answer = await says(index, HELLO, "Hello!", name="helpdesk")
    assert answer.abstained
    answer = await says(index, "Everybody has 25 days of paid leave a year.", LEAVE)
    assert answer.text.endswith("[1].")


async def test_a_persona_reads_only_its_sources(index: Index) -> None:
    said = "Everybody has 25 days of paid leave a year."
    assert (await says(index, said, LEAVE, sources=("handbook",))).citations
    assert (await says(index, said, LEAVE, sources=("wiki",))).abstained
    assert (await says(index, said, LEAVE, sources=())).abstained


async def test_an_example_is_never_said_nor_cited(index: Index) -> None:
    passage = "Everybody has 99 days of paid leave a year."
    example = personas.Example("How many days?", passage, passage, "en")
    answer = await says(index, passage, LEAVE, examples=(example,))
    assert (answer.text, answer.citations) == ("", ())
