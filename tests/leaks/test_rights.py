"""Who reads a reply decides what it may rest on: at the search, when it is posted, and later."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.places import Person, Place
from bot.replying import Reply
from bot.talking import Talk
from bot.wording import say
from knowledge.articles import Audience
from knowledge.errors import OperatorError
from pipelines.progress import Progress
from tests.leaks.reference import Reader
from tests.leaks.sources import TEAM, Page, Shelf
from tests.leaks.stores import InAFolder
from tests.leaks.tertulia import Tertulia, receipts

ANA = Person(f"{TEAM}:user:ana")
BEN = Person(f"{TEAM}:user:ben")
TOWN, BOARD = Place(f"{TEAM}:chan:town"), Place(f"{TEAM}:chan:board")
QUESTION = "What is the rule of leave?"


def page(canary: str, *readers: Reader) -> Page:
    return Page("leave", canary, frozenset(readers))


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Tertulia]:
    async with Tertulia(tmp_path, InAFolder(tmp_path / "store").searched) as here:
        yield here


async def hold(here: Tertulia, **pages: Page) -> Shelf:
    """Let these be all that is known."""
    own = {f"{name}.md": page for name, page in pages.items()}
    shelf = Shelf("shelf", frozenset(), has_own_audiences=True, pages=own)
    await here.refresh(shelf, here.store)
    return shelf


async def replied(talk: Talk, text: str = QUESTION) -> Reply:
    said = await talk.reply(text)
    assert said.answer, said.error
    return said


def shown(said: Reply) -> str:
    """All that is seen of a reply afterwards."""
    return f"{said.whole} {receipts(said.answer) if said.answer else ''}"


async def test_a_channel_hears_what_all_of_it_may_open_and_nobody_hears_more(
    here: Tertulia,
) -> None:
    await hold(
        here,
        team=page("canaryteam", ("everyone", "")),
        town=page("canarytown", ("channel", "town")),
        ana=page("canaryana", ("user", "ana")),
    )
    in_town = shown(await replied(here.talk(ANA, TOWN, "town-1")))
    assert "shelf:team.md" in in_town
    assert "shelf:town.md" in in_town
    assert "shelf:ana.md" not in in_town
    assert "canaryana" not in in_town
    in_board = shown(await replied(here.talk(ANA, BOARD, "board-1")))
    assert "shelf:team.md" in in_board
    assert "town" not in in_board
    before_guests = Place(BOARD.channel, has_outsiders=True)
    assert "shelf" not in shown(await replied(here.talk(ANA, before_guests, "board-2")))
    alone = shown(await replied(here.talk(ANA, None, "ana")))
    assert "shelf:ana.md" in alone
    assert "town" not in alone, "ana is not in town"


async def test_who_could_hear_more_in_private_is_told_so_and_nobody_else(here: Tertulia) -> None:
    await hold(here, ana=page("canaryana", ("user", "ana")), other=page("canaryx", ("user", "x")))
    more = say("more-in-private", "en")
    said = await replied(here.talk(ANA, TOWN, "town-1"))
    assert said.aside == more
    assert "canary" not in shown(said)
    assert more not in (await replied(here.talk(BEN, TOWN, "town-1"))).whole
    assert more not in (await replied(here.talk(ANA, None, "ana"))).whole
    before_guests = Place(TOWN.channel, has_outsiders=True)
    assert more not in (await replied(here.talk(ANA, before_guests, "town-2"))).whole


async def test_in_a_room_where_others_have_talked_it_is_said_too(here: Tertulia) -> None:
    await hold(here, ana=page("canaryana", ("user", "ana")))
    await replied(here.talk(BEN, None, "room"))
    said = await replied(here.talk(ANA, None, "room"))
    assert said.whole.endswith(say("more-in-private", "en"))
    assert "canary" not in shown(said)


async def test_each_part_of_a_page_is_for_the_readers_of_the_page(here: Tertulia) -> None:
    long = next(
        one for one in (page(f"canary{n}", ("user", "ana")) for n in range(9)) if one.is_long
    )
    shelf = await hold(here, ana=long)
    parts = await here.store.chunks_of("shelf:ana.md", reader=ANA.rights)
    assert len(parts) > 1
    assert {part.audience for part in parts} == {Audience.of(ANA.name)}
    shelf.pages["ana.md"].readers = frozenset([("user", "ben")])
    await here.refresh(shelf, here.store)
    assert not await here.store.chunks_of("shelf:ana.md", reader=ANA.rights)
    assert len(await here.store.chunks_of("shelf:ana.md", reader=BEN.rights)) == len(parts)


async def test_a_right_that_is_withdrawn_while_the_answer_is_written_counts(
    here: Tertulia,
) -> None:
    await hold(
        here, ana=page("canaryana", ("user", "ana")), team=page("canaryteam", ("everyone", ""))
    )

    async def withdraw(progress: Progress) -> None:
        if progress.stage == "text":
            await here.store.relabel_articles({"shelf:ana.md": Audience.of("x:other")})

    said = await here.talk(ANA, None, "ana").reply(QUESTION, withdraw)
    assert said.answer
    assert said.answer.reason == "rights-changed"
    assert said.text.startswith(say("rights-changed", "en"))
    assert "canaryana" not in shown(said)
    assert "shelf:ana.md" not in shown(said)
    assert "canaryteam" in said.text, "what may still be opened is named as the nearest page"


async def test_an_answer_is_forgotten_when_its_source_is_closed_changed_or_removed(
    here: Tertulia,
) -> None:
    for number, change in enumerate(("closed", "changed", "removed", "kept")):
        shelf = await hold(here, ana=page("canaryana", ("user", "ana")))
        talk = here.talk(ANA, None, f"talk {number}")
        await replied(talk)
        if change == "closed":
            shelf.pages["ana.md"] = page("canaryana", ("user", "ben"))
        if change == "changed":
            shelf.pages["ana.md"] = page("canarynew", ("user", "ana"))
        if change == "removed":
            shelf.pages = {"b.md": page("canaryb", ("user", "ana"))}
        await here.refresh(shelf, here.store)
        seen = await here.ask(talk, "And why is it so?")
        assert ("canaryana" in seen.text) is (change == "kept"), change


async def test_sources_and_receipt_of_the_last_answer_are_shown_to_who_may_open_them_still(
    here: Tertulia,
) -> None:
    one, two = page("canaryone", ("user", "ana")), page("canarytwo", ("user", "ana"))
    two.topic = "budget"
    await hold(here, one=one, two=two)
    talk = here.talk(ANA, None, "ana")
    assert (await here.recall(talk)).text == ""
    said = await replied(talk)
    assert said.answer
    assert {use.article for use in said.answer.receipt.chunks} == {"shelf:one.md", "shelf:two.md"}
    cited = {citation.chunk.article for citation in said.answer.citations}
    await here.store.relabel_articles({"shelf:two.md": Audience.of("x:other")})
    if "shelf:two.md" not in cited:
        assert "shelf:one.md" in (await here.recall(talk)).text
    assert "shelf:two.md" not in (await here.recall(talk)).text
    await here.store.relabel_articles({"shelf:one.md": Audience.of("x:other")})
    assert await talk.recall() is None


async def test_the_log_says_nothing_of_what_was_asked_read_or_answered(here: Tertulia) -> None:
    await hold(here, ana=page("canaryana", ("user", "ana")))
    said = await replied(here.talk(ANA, None, "ana"), "What is the rule of leave of Zoe?")
    await replied(here.talk(ANA, None, "ana"))
    await here.talk(ANA, None, "ana").rate("+", "canary of a comment")
    assert [event["event"] for event in here.logged] == ["answered", "answered"]
    assert said.answer
    for secret in ("canary", "shelf", "leave", "Zoe", "user:ana"):
        assert secret not in repr(here.logged)


async def test_an_error_tells_the_chat_nothing_but_its_kind(here: Tertulia) -> None:
    await hold(here, ana=page("canaryana", ("user", "ana")))

    async def fail(_progress: Progress) -> None:
        raise OperatorError("canaryana cannot be read", what_to_do="Look at shelf:ana.md.")

    said = await here.talk(BEN, TOWN, "town").reply(QUESTION, fail)
    assert said.error
    assert "canary" not in said.text
    assert "shelf" not in said.text


@pytest.mark.parametrize("question", [QUESTION, "Who knows about the budget?", "¿Y por qué?"])
async def test_an_answer_is_the_same_whether_or_not_there_is_something_forbidden(
    here: Tertulia, question: str
) -> None:
    team = {"a": page("canarya", ("everyone", "")), "b": page("canaryb", ("everyone", ""))}
    secret = {f"s{n}": page(f"canarys{n}", ("user", "x")) for n in range(4)}
    answers: list[object] = []
    for pages in (team, team | secret, team):
        await hold(here, **pages)
        said = await replied(here.talk(ANA, TOWN, f"town-{len(answers)}"), question)
        assert said.answer
        chunks = [(use.article, use.score) for use in said.answer.receipt.chunks]
        knowledge = {**said.answer.receipt.knowledge, "retrieve_s": 0}
        answers.append((said.text, chunks, knowledge, said.answer.nearest))
    assert answers[0] == answers[1] == answers[2]
