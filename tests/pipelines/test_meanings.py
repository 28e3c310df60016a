"""A question that may mean two things is answered with a question, once."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from knowledge.articles import Audience, Chunk
from knowledge.conversations import Answer, Conversation, Message
from knowledge.history import ASKED_BACK, OURSELVES
from pipelines.meanings import settled, was_asked_back
from pipelines.retrieval import Retriever
from tests.pipelines.small_knowledge import PUBLIC, asked, assistant, chunk, reading_closely
from tests.pipelines.test_answering import scripted

HOW_LONG, CUANTO = "How long is the guarantee?", "¿Cuánto dura la garantía?"
FOR_ANA = Audience.of("terminal:ana")
E_BIKES = "E-bikes have a motor. The guarantee is three years from the day of delivery."
BIKES = "Our bikes are built here. The guarantee is two years from the day of delivery."


def shop(*, e_bikes_for: Audience = PUBLIC) -> list[Chunk]:
    return [
        chunk("Bikes", BIKES, "en"),
        chunk("E-bikes", E_BIKES, "en", audience=e_bikes_for),
        chunk("Bicicletas", "Se montan aquí. La garantía es de dos años desde la entrega.", "es"),
        chunk(
            "Bicicletas eléctricas",
            "Llevan un motor de 250 vatios. La garantía es de tres años desde la entrega.",
            "es",
        ),
        chunk("Leave", "Everybody has 25 days of paid leave a year.", "en"),
    ]


@pytest.fixture
async def retriever(tmp_path: Path) -> AsyncIterator[Retriever]:
    async with reading_closely(tmp_path, shop()) as retriever:
        yield retriever


def after_asking(reply: str, *, question: str = HOW_LONG, offers: tuple[str, ...]) -> Conversation:
    """Somebody replies to our question."""
    said = asked(question, "Which?", reply)
    first, _, last = said.messages
    ours = Message("T-1", OURSELVES, "Which?", offers=offers)
    return replace(said, messages=(first, ours, last))


async def titles(retriever: Retriever, text: str, audience: Audience = PUBLIC) -> list[str]:
    found = await retriever.retrieve(asked(text, audience=audience))
    return [one.chunk.title for one in found.meanings]


async def answered(retriever: Retriever, conversation: Conversation, says: str = "") -> Answer:
    async with scripted(says) as (_, model):
        return await assistant(retriever, model).answer(conversation)


async def test_pages_on_two_things_with_two_values_are_two_meanings(retriever: Retriever) -> None:
    assert await titles(retriever, HOW_LONG) == ["Bikes", "E-bikes"]
    assert await titles(retriever, CUANTO) == ["Bicicletas", "Bicicletas eléctricas"]


@pytest.mark.parametrize(
    "text",
    [
        "How long is the guarantee of an e-bike?",
        "How long is the guarantee on bikes?",
        "¿Cuánto dura la garantía de una eléctrica?",
        "How many days of leave do I get?",
        "How long was the guarantee in 2019?",
        "How long was the old guarantee?",
    ],
)
async def test_a_question_that_says_what_it_means_has_one(retriever: Retriever, text: str) -> None:
    assert await titles(retriever, text) == []


@pytest.mark.parametrize(
    "pages",
    [
        [chunk("Bikes", BIKES, "en"), chunk("Trailers", BIKES, "en")],
        [chunk("Bikes", BIKES, "en"), chunk("Bikes 2019", E_BIKES, "en")],
        [chunk("Bikes", BIKES, "en"), chunk("E-bikes", "Ask Ana about the guarantee.", "en")],
        [chunk("Bikes", f"{BIKES} {E_BIKES}", "en")],
    ],
)
async def test_one_value_one_page_or_two_versions_are_one_meaning(
    tmp_path: Path, pages: list[Chunk]
) -> None:
    async with reading_closely(tmp_path, pages) as retriever:
        assert await titles(retriever, HOW_LONG) == []


async def test_a_page_that_not_all_may_open_is_no_meaning(tmp_path: Path) -> None:
    async with reading_closely(tmp_path, shop(e_bikes_for=FOR_ANA)) as retriever:
        assert await titles(retriever, HOW_LONG) == []
        both = Audience.of("everyone", "terminal:ana")
        assert await titles(retriever, HOW_LONG, both) == ["Bikes", "E-bikes"]


async def test_the_model_is_not_asked_where_we_ask_back(retriever: Retriever) -> None:
    async with scripted("Two years.") as (server, model):
        answer = await assistant(retriever, model).answer(asked(HOW_LONG))
        prompts = [r.json()["messages"] for r in server.requests if r.path.endswith("completions")]
    assert (answer.abstained, answer.reason, answer.text) == (True, ASKED_BACK, "")
    assert [one.chunk.title for one in answer.citations] == ["Bikes", "E-bikes"]
    assert answer.citations[0].quote.startswith("The guarantee is two years")
    assert not any(HOW_LONG in str(messages) for messages in prompts)


async def test_all_of_a_kind_are_listed_and_not_asked_back_about(retriever: Retriever) -> None:
    answer = await answered(retriever, asked("Which are all the guarantees? List each guarantee."))
    assert answer.reason != ASKED_BACK


async def test_the_reply_is_answered_together_with_the_question(retriever: Retriever) -> None:
    says = "The guarantee is three years from the day of delivery."
    reply = after_asking("the second", offers=("Bikes", "E-bikes"))
    answer = await answered(retriever, reply, says)
    assert answer.text.startswith("The guarantee is three years")
    assert [one.chunk.title for one in answer.citations] == ["E-bikes"]


async def test_nobody_is_asked_back_twice(retriever: Retriever) -> None:
    for reply in (HOW_LONG, "I do not know", "the guarantee"):
        conversation = after_asking(reply, offers=("Bikes", "E-bikes"))
        assert was_asked_back(conversation)
        found = await retriever.retrieve(settled(conversation))
        assert found.meanings == ()


@pytest.mark.parametrize(
    ("reply", "meant"),
    [
        ("the second", "E-bikes"),
        ("2", "E-bikes"),
        ("The first one, please.", "Bikes"),
        ("e-bikes", "E-bikes"),
        ("bikes", "Bikes"),
        ("the latter", "E-bikes"),
        ("the electric ones", "the electric ones"),
    ],
)
def test_a_reply_says_which_is_meant(reply: str, meant: str) -> None:
    told = settled(after_asking(reply, offers=("Bikes", "E-bikes")))
    assert told.question.text == f"{HOW_LONG} ({meant})"
    assert [one.author for one in told.messages] == [OURSELVES, "terminal:ana"]


@pytest.mark.parametrize(
    ("reply", "meant"),
    [
        ("la segunda", "Bicicletas eléctricas"),
        ("las eléctricas", "Bicicletas eléctricas"),
        ("La primera, por favor", "Bicicletas"),
        ("la última", "Bicicletas eléctricas"),
        ("bicicletas", "Bicicletas"),
    ],
)
def test_a_reply_in_spanish_does_so_too(reply: str, meant: str) -> None:
    offers = ("Bicicletas", "Bicicletas eléctricas")
    told = settled(after_asking(reply, question=CUANTO, offers=offers))
    assert told.question.text == f"{CUANTO} ({meant})"


@pytest.mark.parametrize(
    "reply",
    [
        *("How many days of leave do I get?", "¿Quién es Ana?", "How do I get a key"),
        *("Remind me at 5 to call Ben", "Draw an owl with a hat", "thanks", "no", "never mind"),
        *("both", "bikes and e-bikes", "not the e-bikes", "ambas", "la primera no"),
    ],
)
def test_another_question_instead_stands_for_itself(reply: str) -> None:
    conversation = after_asking(reply, offers=("Bikes", "E-bikes"))
    assert settled(conversation) is conversation


def test_what_followed_no_question_of_ours_stays_as_it_was() -> None:
    conversation = asked(HOW_LONG, "the second")
    assert settled(conversation) is conversation
    alone = after_asking("the second", offers=("Bikes", "E-bikes"))
    forgotten = replace(alone, messages=alone.messages[1:])
    assert settled(forgotten) is forgotten
