"""In a shared place the asker is told that there is more in private, and nobody learns what."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from knowledge.articles import Audience
from knowledge.conversations import Conversation, Message
from pipelines.in_private import knows_more
from pipelines.sketching import sketch_waiting
from tests.pipelines.small_knowledge import Index, chunk, open_index, pages

BOSS = Audience.of("everyone", "t:boss")
EVERYBODY = Audience.of("everyone")
WAGES = "What does the head of the garage earn?"


@pytest.fixture
async def index(tmp_path: Path) -> AsyncIterator[Index]:
    """The six pages, one more about wages for the boss, one about the wifi for nobody."""
    async with open_index(tmp_path) as index:
        text = "The head of the garage earns 40,812 euros a year. The cook earns 30,900 euros."
        mine = chunk("Wages", text, "en", audience=Audience.of("t:boss"))
        other = chunk(
            "Wifi of the board",
            "The password of the wifi is Elm.",
            "en",
            audience=Audience.of("t:no"),
        )
        await index.add([*pages(), mine, other])
        await index.embed_all()
        await sketch_waiting(index.store, index.words)
        yield index


def in_a_channel(question: str, asker: Audience) -> Conversation:
    return Conversation("c", (Message("1", "t:boss", question),), EVERYBODY, asker)


CASES = [
    (WAGES, BOSS, True),
    ("¿Cuánto gana el jefe del garaje?", BOSS, True),
    (WAGES, Audience(), False),
    (WAGES, EVERYBODY, False),
    ("How many days of paid leave do I have?", BOSS, False),
    ("What is the password of the wifi?", BOSS, False),
    ("¿Cuánto es la fianza de las bicicletas de carga?", BOSS, False),
]


async def test_the_asker_is_told_only_where_the_asker_alone_would_hear_more(index: Index) -> None:
    for question, asker, more in CASES:
        conversation = in_a_channel(question, asker)
        for answered in (True, False):
            told = await knows_more(index.retriever, conversation, answered=answered)
            assert told is more, (question, answered)


async def test_a_stranger_is_not_looked_for_in_private(index: Index) -> None:
    conversation = in_a_channel("What does Zebulon Quist earn?", BOSS)
    assert not await knows_more(index.retriever, conversation, answered=False)


async def test_where_nobody_else_may_open_anything_the_best_must_still_be_clearly_best(
    tmp_path: Path,
) -> None:
    async with open_index(tmp_path) as index:
        mine = [
            chunk(title, text, "en", audience=Audience.of("t:boss"))
            for title, text in (("Wages", "The cook earns 30,900 euros."), ("Wifi", "It is Elm."))
        ]
        conversation = in_a_channel("What does the cook earn?", BOSS)
        assert not await knows_more(index.retriever, conversation, answered=False)
        await index.add(mine)
        await index.embed_all()
        assert await knows_more(index.retriever, conversation, answered=True)
