"""The knowledge searched once more by a tool: with the rights of the readers, cited as pages."""

import json
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from bot.app import App
from bot.settings import Settings
from bot.talking import Talk
from knowledge.articles import Audience
from knowledge.history import OURSELVES
from pipelines.tool import Caller, CannotError, Pages
from tests.bot.team import Tertulia, write
from tests.fakes.scripted_model import ScriptedModel, writing

CLERK = "---\ntools: [search_knowledge]\n---\nYou know where things stand.\n"
QUESTION = "Compare what Almanzor and Peñalara say about it."
CHAIR = "The chair of the board earns 4,812 euros a month."


@pytest.fixture
async def app(home: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[App]:
    """A home with a clerk who searches again."""
    write(home / "more" / "personas", {"clerk.md": CLERK})
    monkeypatch.setenv("EXTENSIONS_DIR", str(home / "more"))
    async with App(Settings()) as app:
        yield app


def say(model: ScriptedModel, answer: str, **arguments: str) -> None:
    """Let the model search for this, then for nothing more, then answer."""
    call = {"tool": "search_knowledge", "arguments": arguments}
    model.reply_to["\nResults:"] = writing(json.dumps({"calls": []}))
    model.reply_to["Tools:\n"] = writing(json.dumps({"calls": [call]}))
    model.answer = answer


async def ask(app: App, who: str = "terminal:ana", conversation: str = "C1") -> tuple[Talk, str]:
    """What is said to the question."""
    talk = await app.talk(who, "clerk", conversation)
    return talk, (await talk.reply(QUESTION)).text


async def test_what_it_finds_is_cited_as_the_page_that_it_is(
    app: App, model: ScriptedModel
) -> None:
    say(model, "Parents take 19 weeks of parental leave.", query="parental leave")
    talk, said = await ask(app)
    assert said == "Parents take 19 weeks of parental leave [1]."
    assert talk.last
    (cited,) = talk.last.citations
    assert (cited.chunk.article, cited.chunk.title) == ("team:leave.md", "Leave")
    assert cited.chunk.url.startswith("file://")
    (used,) = talk.last.receipt.tools
    assert (used.call, used.outcome) == ('search_knowledge(query="parental leave")', "done")


async def test_it_finds_in_the_other_language(app: App, model: ScriptedModel) -> None:
    say(model, "La dieta por comida es de 22 euros.", query="dieta por comida en viajes")
    talk = await app.talk("terminal:ana", "clerk", "C1")
    said = await talk.reply("¿Qué dicen Almanzor y Peñalara de esto?")
    assert said.text == "La dieta por comida es de 22 euros [1]."


async def test_nobody_is_told_what_not_everybody_who_reads_may_open(
    app: App, model: ScriptedModel
) -> None:
    say(model, CHAIR, query="pay of the chair of the board")
    assert "4,812" in (await ask(app))[1]
    for who, conversation in (("terminal:ben", "C2"), ("terminal:ben", "C1")):
        model.prompts.clear()
        assert "4,812" not in (await ask(app, who, conversation))[1]
        assert "4,812" not in str([one for one in model.prompts if "Tools:" not in str(one)])
    assert "4,812" not in (await ask(app, conversation="C2"))[1], "Ben reads along there"


async def test_an_answer_that_rests_on_it_is_forgotten_when_its_source_is_closed(
    app: App, home: Path, model: ScriptedModel, tertulia: Tertulia
) -> None:
    say(model, CHAIR, query="pay of the chair of the board")
    talk, _ = await ask(app)
    ana = Audience.of("terminal:ana", "everyone")

    async def remembered() -> list[str]:
        said = await talk.history.earlier("C1", ana, 9, open_now=app.readable)
        return [one.text for one in said if one.author == OURSELVES]

    assert len(await remembered()) == 1
    structure = home / "tertulia.toml"
    structure.write_text(structure.read_text().replace('"terminal:ana"', '"terminal:zoe"'))
    async with App(Settings()) as other:
        await other.retriever()
    assert await remembered() == []
    assert await talk.recall() is None


async def found(app: App, query: str, source: str = "", *sources: str) -> set[str]:
    """The articles that the tool finds for Ana, where only these sources are read."""
    tool = (await app.cast.broker()).offered(["search_knowledge"])[0]
    ana = Caller("terminal:ana", Audience.of("terminal:ana", "everyone"), sources=sources)
    pages = await tool.function(query=query, source=source, caller=ana)
    assert isinstance(pages, Pages)
    assert str(pages)
    return {chunk.article for chunk in pages.chunks}


async def test_one_source_can_be_searched_and_no_other_than_those_of_the_channel(app: App) -> None:
    assert await found(app, "the board", "board") == {"board:pay.md"}
    assert await found(app, "the board", " Board ") == {"board:pay.md"}
    assert "board:pay.md" not in await found(app, "the board", "team")
    assert "board:pay.md" not in await found(app, "the board", "", "team")
    with pytest.raises(CannotError, match="no such source here"):
        await found(app, "the board", "board", "team")


@pytest.mark.parametrize(
    ("query", "source", "words"),
    [
        (" ", "", "nothing to search for"),
        ("pay", "nowhere", "Nothing was found"),
        ("pay", "x' OR 1=1 --", "Nothing was found"),
    ],
)
async def test_what_cannot_be_found_is_told_to_the_model(
    app: App, query: str, source: str, words: str
) -> None:
    with pytest.raises(CannotError, match=words):
        await found(app, query, source)


@pytest.mark.parametrize(
    "query", ['"leave" OR NEAR(', "leave" * 3000, "\0leave", "🦉 leave", "*:*", "-"]
)
async def test_odd_queries_break_nothing(app: App, query: str) -> None:
    with suppress(CannotError):
        assert await found(app, query)
