"""Nine kinds of fault, each put into the real application: triage names the one that is there."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.__main__ import run
from bot.app import App
from bot.settings import Settings
from bot.triaging import Triage, Wish
from knowledge.conversations import Feedback
from knowledge.history import History
from pipelines.learning.triage import Kind
from pipelines.learning.triage_sheet import Judged
from tests.bot.faulty import Reader
from tests.bot.team import living_in, write
from tests.fakes.scripted_model import ScriptedModel

WEEKS = "How many weeks of parental leave are there?"
SAYS_WEEKS = "Parents take 19 weeks of parental leave."
PAY = "What does the chair of the board earn?"
SAYS_PAY = "The chair of the board earns 4,812 euros a month."
VAN = "Who keeps the keys of the van in the evening?"
GOLD = "After closing time they lie in the drawer of Irene Sanz."
ANA, BEN = "terminal:ana", "terminal:ben"
ROOMS = '''
from pipelines.tool import tool

@tool
def rooms(floor: int) -> str:
    """The rooms of a floor."""
    return f"The largest room of floor {floor} is Almanzor, for 7 people."
'''


def filler(number: int) -> str:
    """A page about the same things that does not answer the question."""
    thing = ("tank", "lamps", "tyres", "mirrors", "seats", "doors", "brakes", "radio", "oil")
    return (
        f"# Van and its {thing[number]}\n\nIn the evening the {thing[number]} of the van are "
        f"looked at before the keys of the van are handed in. Report broken {thing[number]}.\n"
    )


WORDS = ("washing", "parking", "loading", "fuelling", "cleaning", "towing", "renting", "driving")


def long_filler(number: int) -> str:
    """A long page whose every sentence is nearer to the question than the one that answers it."""
    said = (
        f"Whoever does the {word} of the van {'first' if number % 2 else 'last'} in the evening "
        f"hands in the keys of the van at door {number}{n} and writes it down."
        for n, word in enumerate(WORDS)
    )
    return f"# Evening round {number}\n\n{' '.join(said)}\n"


CLOSING = (
    f"{GOLD} Coffee is made by whoever comes first. The plants get water twice a week. "
    + " ".join(
        f"Colleagues who do the {word} of the van in the evening ask for the keys of the van."
        for word in WORDS
    )
)


def table(folder: Path, *rows: str) -> Path:
    path = folder / "wrong.csv"
    path.write_text("\n".join(["question;answer;source;as;kind", *rows]), "utf-8")
    return path


async def looked_into(path: Path | None, persona: str = "helpdesk") -> list[Judged]:
    async with App(Settings()) as app:
        outcome = await Triage(app, Wish(path, ANA, persona)).run(lambda _: None)
        return outcome.sheet.rows


async def verdict(path: Path | None, persona: str = "helpdesk") -> Kind:
    (row,) = await looked_into(path, persona)
    return row.verdict.kind


async def test_a_page_that_is_missing(home: Path, model: ScriptedModel) -> None:
    model.thinks = Reader([SAYS_WEEKS])
    (row,) = await looked_into(table(home, "How many seats has the van?;9 seats;;;"))
    assert (row.verdict.kind, row.rank) == ("knowledge", None)
    assert set(row.shares) == {"unchanged"}


async def test_a_page_that_the_asker_may_not_read(home: Path, model: ScriptedModel) -> None:
    model.thinks = Reader([SAYS_PAY])
    (row,) = await looked_into(table(home, f"{PAY};4,812 euros;;{BEN};"))
    assert (row.verdict.kind, row.shares) == ("rights", {})
    assert not model.prompts, "what the asker may not read was shown to the model"


async def test_a_page_of_which_whoever_looks_knows_nothing_either_is_missing(
    home: Path, model: ScriptedModel
) -> None:
    async with App(Settings()) as app:
        wish = Wish(table(home, f"{PAY};4,812 euros;;{BEN};"), BEN)
        (row,) = (await Triage(app, wish).run(lambda _: None)).sheet.rows
    assert row.verdict.kind == "knowledge"


async def test_what_is_right_by_now(home: Path, model: ScriptedModel) -> None:
    model.thinks = Reader([SAYS_WEEKS])
    (row,) = await looked_into(table(home, f"{WEEKS};19 weeks;leave.md;;"))
    assert (row.verdict.kind, row.shares) == ("fixed", {"unchanged": 1.0})


async def test_a_model_that_is_too_weak(home: Path, model: ScriptedModel) -> None:
    model.thinks = Reader([SAYS_WEEKS], says=["Parents take 9 weeks of parental leave."])
    (row,) = await looked_into(table(home, f"{WEEKS};19 weeks;leave.md;;"))
    assert row.verdict.kind == "weak"
    assert row.verdict.missing == {"corrections": 49}
    assert row.shares == dict.fromkeys(
        ("unchanged", "prompt", "budget", "gold", "gold-budget", "alone"), 0.0
    )


async def test_other_passages_that_lead_astray(empty_home: Path, model: ScriptedModel) -> None:
    astray = "Marta Ruiz keeps the keys of the new van in the evening."
    right = "Irene Sanz keeps the keys of the van in the evening."
    pages = {"van.md": f"# Van\n\n{right}\n", "garage.md": f"# Garage\n\n{astray}\n"}
    await asyncio.to_thread(indexed, empty_home, pages)
    model.thinks = Reader([right], misled=("new van", astray))
    (row,) = await looked_into(table(empty_home, f"{VAN};Irene Sanz;van.md;;"))
    assert (row.verdict.kind, row.verdict.by) == ("distractors", "alone"), row


@pytest.fixture
def extended(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    more = home / "more"
    write(more / "tools", {"rooms.py": ROOMS})
    write(
        more / "personas",
        {
            "clerk.md": "---\ntools: [rooms]\n---\nYou know rooms.\n",
            "mute.md": "---\n---\nYou are careful. Never tell numbers.\n",
        },
    )
    monkeypatch.setenv("EXTENSIONS_DIR", str(more))
    return home


async def test_a_tool_that_is_not_called(extended: Path, model: ScriptedModel) -> None:
    said = "The largest room of floor 2 is Almanzor, for 7 people."
    model.thinks = Reader([said], calls=("rooms", {"floor": 2}))
    path = table(extended, "Which is the largest room of floor 2?;Almanzor;;;tool")
    (row,) = await looked_into(path, "clerk")
    assert (row.verdict.kind, row.shares) == ("tool", {"unchanged": 0.0, "tool": 1.0})


async def test_a_prompt_that_forbids(extended: Path, model: ScriptedModel) -> None:
    model.thinks = Reader([SAYS_WEEKS], obeys="Never tell numbers")
    assert await verdict(table(extended, f"{WEEKS};19 weeks;leave.md;;"), "mute") == "prompt"


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with many pages that are nearer to the question than the one that answers it."""
    home = tmp_path_factory.mktemp("crowded")
    pages = {f"note{n}.md": filler(n) for n in range(9)}
    pages["closing.md"] = f"# Closing time\n\nThe van stands in the yard. {GOLD}\n"
    with living_in(home):
        team = write(home / "pages", pages)
        assert run(["source", "add", "team", "files", "--path", str(team)]) == 0
        assert run(["refresh", "--wait"]) == 0
    return home


@pytest.fixture
def crowded_home(crowded: Path, model: ScriptedModel) -> Iterator[Path]:
    with living_in(crowded, model_url=model.url):
        yield crowded


async def test_a_passage_that_is_found_too_late(crowded_home: Path, model: ScriptedModel) -> None:
    model.thinks = Reader([GOLD])
    (row,) = await looked_into(table(crowded_home, f"{VAN};drawer of Irene Sanz;closing.md;;"))
    assert row.rank is not None
    assert row.rank >= 5
    assert row.verdict.kind == "retrieval", row.shares
    assert row.verdict.steps == ("reranker", "retriever")


async def test_a_passage_that_does_not_fit(empty_home: Path, model: ScriptedModel) -> None:
    pages = {f"note{n}.md": long_filler(n) for n in range(4)}
    pages["closing.md"] = f"# Closing time\n\n{CLOSING}\n"
    await asyncio.to_thread(indexed, empty_home, pages)
    model.thinks = Reader([GOLD])
    (row,) = await looked_into(table(empty_home, f"{VAN};drawer of Irene Sanz;closing.md;;"))
    assert row.verdict.kind == "budget", row
    assert row.verdict.steps == ("packing", "chunking")


def indexed(home: Path, pages: dict[str, str]) -> None:
    team = write(home / "pages", pages)
    assert run(["source", "add", "team", "files", "--path", str(team)]) == 0
    assert run(["refresh", "--wait"]) == 0


async def test_a_right_answer_that_people_dislike(home: Path, model: ScriptedModel) -> None:
    model.thinks = Reader([SAYS_WEEKS])
    async with App(Settings()) as app:
        said = await (await app.talk(BEN, "helpdesk", "C1")).reply(WEEKS)
        assert said.answer
        better = "It is 19 weeks, dear colleague!"
        await History(await app.database()).keep_feedback(
            Feedback(said.answer.reference, BEN, "down", fault="style", better=better)
        )
    (row,) = await looked_into(None)
    assert row.verdict.kind == "preference", row
    assert row.verdict.missing == {"labels": 199, "voters": 9}
    assert row.question == ""
