"""Sources that tell what has changed since a cursor, and for whom: what a refresh makes of it."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from knowledge.articles import Audience
from knowledge.sources import Source, SourceUnavailableError
from pipelines.indexing import Wish, refresh
from pipelines.refresh_report import RefreshReport
from pipelines.removing import forget
from tests.contracts.carried.chat import Chat, ChatSource
from tests.contracts.carried.feed import FeedSource
from tests.contracts.carried.wiki import Wiki, WikiSource
from tests.contracts.carried.worlds import Feed, Mailbox
from tests.fakes.loopback import LoopbackServer
from tests.pipelines.indexing_world import EVERYONE, World, figures, open_world

ANA, BEN = Audience.of("terminal:ana"), Audience.of("terminal:ben")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as opened:
        yield opened


@pytest.fixture
def wiki(tmp_path: Path) -> Wiki:
    return Wiki(tmp_path / "export.jsonl")


def source_of(wiki: Wiki) -> WikiSource:
    return WikiSource(name="docs", audience=EVERYONE, file=wiki.file)


async def refreshed(world: World, source: Source, wish: Wish | None = None) -> RefreshReport:
    """A refresh whose figures fit together."""
    report = await refresh(source, store=world.store, ledger=world.ledger, wish=wish)
    assert report.found == report.indexed + report.unchanged + len(report.failed)
    return report


async def readers_of(world: World, path: str) -> set[str]:
    """Who of the three finds an article."""
    readers = {"everyone": EVERYONE, "ana": ANA, "ben": BEN}
    return {name for name, reader in readers.items() if await world.chunks(path, reader)}


async def test_only_what_has_changed_since_the_last_time_is_asked_for(
    world: World, wiki: Wiki
) -> None:
    for number in range(5):
        wiki.save(f"{number}", text=f"Text {number}.")
    source = source_of(wiki)
    assert figures(await refreshed(world, source)) == (5, 5, 0, 0, 0)
    assert figures(await refreshed(world, source)) == (5, 0, 5, 0, 0)
    wiki.save("3", text="Changed.")
    wiki.save("new", text="New.")
    wiki.save("1", gone=True)
    assert figures(await refreshed(world, source)) == (5, 2, 3, 1, 0)
    assert source.asked == ["", "5", "5"]
    assert await world.text("3") == "Changed."
    assert await world.chunks("1") == []
    assert figures(await refreshed(world, source, Wish(full=True))) == (5, 5, 0, 0, 0)
    assert figures(await refreshed(world, source, Wish(fingerprint="other"))) == (5, 5, 0, 0, 0)
    assert source.asked[3:] == ["", ""]


async def test_a_source_of_another_kind_begins_at_the_beginning(world: World, wiki: Wiki) -> None:
    class OtherSource(WikiSource):
        pass

    wiki.save("1", text="One.")
    await refreshed(world, source_of(wiki))
    other = OtherSource(name="docs", audience=EVERYONE, file=wiki.file)
    await refreshed(world, other)
    assert other.asked == [""]


async def test_a_page_that_is_for_others_now_is_no_longer_found_by_its_former_readers(
    world: World, wiki: Wiki
) -> None:
    wiki.save("pay", text="Salaries.", readers=["terminal:ana"])
    wiki.save("open", text="For all.")
    source = source_of(wiki)
    await refreshed(world, source)
    assert await readers_of(world, "pay") == {"ana"}
    assert await readers_of(world, "open") == {"everyone"}
    wiki.save("pay", readers=["terminal:ben"])
    wiki.save("open", readers=["terminal:ana", "terminal:ben"])
    assert figures(await refreshed(world, source)) == (2, 2, 0, 0, 0)
    assert await readers_of(world, "pay") == {"ben"}
    assert await readers_of(world, "open") == {"ana", "ben"}


@pytest.mark.parametrize("broken", [True, "for good"])
async def test_a_page_for_others_that_cannot_be_read_is_found_by_nobody_until_it_can(
    world: World, wiki: Wiki, broken: object
) -> None:
    source = source_of(wiki)
    wiki.save("pay", text="Salaries.", readers=["terminal:ana"])
    await refreshed(world, source)
    for _ in range(2):  # its readers are the same: it keeps its words
        wiki.save("pay", broken=broken)
        assert len((await refreshed(world, source)).failed) == 1
        assert len((await refreshed(world, source)).failed) == 1
        assert await readers_of(world, "pay") == {"ana"}
    wiki.save("pay", readers=["terminal:ben"])
    assert len((await refreshed(world, source)).failed) == 1
    assert await readers_of(world, "pay") == set()
    assert await world.ledger.articles() == {}
    wiki.save("pay", broken=False)
    await refreshed(world, source)
    assert await readers_of(world, "pay") == {"ben"}


async def test_a_page_that_is_withdrawn_is_found_by_nobody_until_it_is_shown_again(
    world: World, wiki: Wiki
) -> None:
    source = source_of(wiki)
    wiki.save("pay", text="Salaries.", readers=["terminal:ana"])
    wiki.save("open", text="For all.")
    await refreshed(world, source)
    wiki.save("pay", broken="secret")
    for _ in range(2):  # the second time nothing tells that it has changed
        assert figures(await refreshed(world, source)) == (2, 0, 1, 0, 1)
        assert await readers_of(world, "pay") == set()
        assert await world.ledger.articles() == {"docs": 1}
    shown = {"name": "pay", "text": "Salaries.", "number": 1, "readers": ["terminal:ana"]}
    with wiki.file.open("a", encoding="utf-8") as file:
        file.write(json.dumps(shown) + "\n")
    assert figures(await refreshed(world, source)) == (2, 1, 1, 0, 0)
    assert await readers_of(world, "pay") == {"ana"}


async def test_a_page_for_a_reader_who_is_nobody_is_named_also_when_it_is_looked_at_again(
    world: World, wiki: Wiki
) -> None:
    source = source_of(wiki)
    wiki.save("pay", text="Salaries.", readers=["terminal:ana"])
    await refreshed(world, source)
    wiki.save("pay", broken=True)
    await refreshed(world, source)
    assert await readers_of(world, "pay") == {"ana"}
    shown = {"name": "pay", "text": "Salaries.", "number": 2, "readers": ["Everyone"]}
    with wiki.file.open("a", encoding="utf-8") as file:
        file.write(json.dumps(shown) + "\n")
    for _ in range(2):
        report = await refreshed(world, source)
        assert figures(report) == (1, 0, 0, 0, 1)
        assert report.failed[0].reason.endswith("Did you mean 'everyone'?")
        assert await readers_of(world, "pay") == set()


async def test_a_thread_that_was_withdrawn_and_shown_again_meanwhile_stays(world: World) -> None:
    chat = Chat(["terminal:ana"])
    source = ChatSource(name="docs", audience=EVERYONE, chat=chat)
    chat.say("t", "1", "A question.")
    await refreshed(world, source)
    chat.say("t", "1", " ")
    for number in range(70):  # so many that it is named in two batches
        chat.say(f"other {number}", "1", "Another one.")
    chat.say("t", "1", " ")
    said: list[int] = []

    def show_again(_: RefreshReport) -> None:
        said.append(1)
        chat.threads["t"]["1"] = "A question, again."

    await refreshed(world, source, Wish(progress=show_again))
    assert len(said) == 2
    assert await readers_of(world, "t") == {"ana"}


async def test_what_could_not_be_read_is_read_the_next_time_for_its_own_readers(
    world: World, wiki: Wiki
) -> None:
    wiki.save("a", text="Fine.", readers=["terminal:ana"])
    wiki.save("b", text="Salaries.", readers=["terminal:ana"], broken=True)
    wiki.save("c", text="x", broken="for good")
    source = source_of(wiki)
    report = await refreshed(world, source)
    assert figures(report) == (3, 1, 0, 0, 2)
    assert [failure.article for failure in report.failed] == ["docs:b", "docs:c"]
    assert figures(await refreshed(world, source)) == (3, 0, 1, 0, 2)
    wiki.pages["b"]["broken"] = False  # it can be read again, and nothing tells of it
    lines = [
        wiki.file.read_text(),
        '{"name": "b", "text": "Salaries.", "number": 2, "readers": ["terminal:ana"]}\n',
    ]
    wiki.file.write_text("".join(lines))
    assert figures(await refreshed(world, source)) == (3, 1, 1, 0, 1)
    assert source.asked == ["", "3", "3"]
    assert await readers_of(world, "b") == {"ana"}
    wiki.save("b", readers=["terminal:ana"], broken=True)
    await refreshed(world, source)
    assert await readers_of(world, "b") == {"ana"}


async def test_what_could_not_be_read_and_is_gone_by_now_is_not_looked_for(
    world: World, wiki: Wiki
) -> None:
    wiki.save("a", text="Fine.")
    wiki.save("b", text="x", broken=True)
    source = source_of(wiki)
    await refreshed(world, source)
    wiki.save("b", gone=True)
    assert figures(await refreshed(world, source)) == (1, 0, 1, 1, 0)


async def test_a_wiki_that_lost_a_third_is_not_believed_until_told(
    world: World, wiki: Wiki
) -> None:
    for number in range(10):
        wiki.save(f"{number}", text=f"Text {number}.")
    source = source_of(wiki)
    await refreshed(world, source)
    for number in range(2):
        wiki.save(f"{number}", gone=True)
    assert figures(await refreshed(world, source)) == (8, 0, 8, 2, 0)
    for number in range(10, 14):
        wiki.save(f"{number}", text=f"Text {number}.")
    await refreshed(world, source)
    for number in range(4, 8):
        wiki.save(f"{number}", gone=True)
    wiki.save("new", text="Read all the same.")
    with pytest.raises(SourceUnavailableError, match="only 8 of its 12 articles left") as caught:
        await refreshed(world, source)
    assert "tertulia refresh docs --force" in caught.value.what_to_do
    assert await world.text("5") == "Text 5."
    assert await world.text("new") == "Read all the same."
    assert figures(await refreshed(world, source, Wish(force=True))) == (9, 0, 9, 4, 0)
    assert await world.chunks("5") == []


async def test_a_forgotten_source_begins_at_the_beginning(world: World, wiki: Wiki) -> None:
    wiki.save("a", text="Text.")
    source = source_of(wiki)
    await refreshed(world, source)
    await world.ledger.notes("docs").put({"kept": "1"})
    await forget("docs", store=world.store, ledger=world.ledger)
    assert await world.ledger.notes("docs").get(["kept"]) == {}
    assert figures(await refreshed(world, source)) == (1, 1, 0, 0, 0)
    assert source.asked == ["", ""]


async def test_a_source_that_goes_away_meanwhile_keeps_what_was_read(
    world: World, wiki: Wiki
) -> None:
    for number in range(70):
        wiki.save(f"{number:03}", text=f"Text {number}.")
    source = source_of(wiki)
    away = wiki.file.with_name("away")

    def take_away(_: RefreshReport) -> None:
        wiki.file.rename(away)

    with pytest.raises(SourceUnavailableError):
        await refreshed(world, source, Wish(progress=take_away))
    away.rename(wiki.file)
    assert await world.text("000") == "Text 0."
    assert figures(await refreshed(world, source)) == (70, 6, 64, 0, 0)
    assert source.asked == ["", "64"]


_KILLED = """
import asyncio, sys
from pathlib import Path
from pipelines.indexing import Wish, refresh
from tests.contracts.carried.wiki import WikiSource
from tests.pipelines.indexing_world import EVERYONE, open_world

async def main(home: Path) -> None:
    async with open_world(home) as world:
        source = WikiSource(name="docs", audience=EVERYONE, file=home / "export.jsonl")
        wish = Wish(progress=lambda report: print(report.found))
        await refresh(source, store=world.store, ledger=world.ledger, wish=wish)

asyncio.run(main(Path(sys.argv[1])))
"""


@pytest.mark.parametrize("batches", [0, 2])
async def test_after_a_kill_it_goes_on_where_it_was(world: World, wiki: Wiki, batches: int) -> None:
    for number in range(200):
        wiki.save(f"{number:03}", text=f"Text {number}.")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-u", "-c", _KILLED, str(world.home)),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    for _ in range(batches):
        await process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    await process.communicate()
    source = source_of(wiki)
    report = await refreshed(world, source)
    assert report.found == 200
    assert int(source.asked[0] or 0) >= 64 * batches
    assert [await world.text(f"{number:03}") for number in range(0, 200, 9)] == [
        f"Text {number}." for number in range(0, 200, 9)
    ]
    assert figures(await refreshed(world, source)) == (200, 0, 200, 0, 0)


# A chat, a mailbox, a feed


async def test_a_chat_with_edits_deletions_and_new_members(world: World) -> None:
    chat = Chat(["terminal:ana"])
    source = ChatSource(name="docs", audience=EVERYONE, chat=chat)
    for thread in ("t1", "t2", "t3"):
        chat.say(thread, "1", f"The question of {thread}.")
    await refreshed(world, source)
    for text in ("The network is called Tejo.", "The network is called Tejo-5G."):
        chat.say("t1", "2", text)
    chat.say("t3", "1", "Edited.")
    chat.delete("t2", "1")
    assert figures(await refreshed(world, source)) == (2, 2, 0, 1, 0)
    found = "\n".join(chunk.text for chunk in await world.chunks("t1", ANA))
    assert "Tejo-5G" in found
    assert await world.chunks("t2", ANA) == []
    chat.delete("t1", "2")
    await refreshed(world, source)
    assert "Tejo" not in "".join(chunk.text for chunk in await world.chunks("t1", ANA))
    assert await readers_of(world, "t3") == {"ana"}
    chat.let_in("terminal:ben")
    assert figures(await refreshed(world, source)) == (2, 2, 0, 0, 0)
    assert await readers_of(world, "t3") == {"ben"}


async def test_a_mailbox_with_a_circle_of_readers_for_each_folder(
    world: World, tmp_path: Path
) -> None:
    mailbox = Mailbox(tmp_path / "mail")
    mailbox.readers = {"board": ANA}
    mailbox.put("board/pay", "The chair earns 4,812 euros.")
    mailbox.put("news/lunch", "Lunch is at one.")
    mailbox.put_bytes("news/film", b"\x7fELF" + bytes(100))
    report = await refreshed(world, mailbox.source("docs", EVERYONE))
    assert figures(report) == (3, 2, 0, 0, 1)
    assert report.failed[0].article == "docs:news/film"
    assert await readers_of(world, "board/pay") == {"ana"}
    assert await readers_of(world, "news/lunch") == {"everyone"}
    mailbox.readers = {"board": BEN}
    mailbox.put("news/dinner", "Dinner is at nine.")
    await refreshed(world, mailbox.source("docs", EVERYONE))
    assert await readers_of(world, "board/pay") == {"ben"}
    mailbox.path("board/pay").unlink()
    assert (await refreshed(world, mailbox.source("docs", EVERYONE))).deleted == 1
    assert await readers_of(world, "board/pay") == set()


async def test_a_feed_that_is_as_it_was_is_not_sent_again(world: World) -> None:
    feed = Feed()
    feed.items = {"1": "First news.", "2": "Second news.", "3": ""}
    async with LoopbackServer(feed.respond) as server:
        source = FeedSource(name="docs", audience=EVERYONE, url=f"{server.url}/feed.xml")
        assert figures(await refreshed(world, source)) == (3, 2, 0, 0, 1)
        asked = len(server.requests)
        assert figures(await refreshed(world, source)) == (3, 0, 2, 0, 1)
        assert len(server.requests) == asked + 1
        assert "if-none-match" in server.requests[-1].headers
        feed.items = {"2": "Second news, corrected.", "4": "Fourth news."}
        assert figures(await refreshed(world, source)) == (2, 2, 0, 2, 0)
        feed.status = 503
        with pytest.raises(SourceUnavailableError, match="503"):
            await refreshed(world, source)
        assert await world.text("2") == "Second news, corrected."
