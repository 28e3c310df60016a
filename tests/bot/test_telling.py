"""Alarms, and what learning came to, are told in the owners' channel: once, by who serves it."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.alarms import Alarm, sound
from bot.app import App
from bot.learning_candidate import Made
from bot.learning_job import RUN
from bot.learning_run import Outcome, Wish, learn
from bot.learning_told import MOST_RULES, text, told_to_owners
from bot.settings import Settings
from bot.telling import OwnersChannel
from knowledge.candidate import Candidate, State
from knowledge.database import transaction
from knowledge.errors import OperatorError
from knowledge.forgetting import forget_person
from knowledge.reminders import REMINDERS, Reminder, Reminders
from knowledge.runs import Runs
from knowledge.turn import TURNS
from pipelines.learning.gate import judged
from pipelines.learning.triage import Summary
from tests.bot.learning_team import AGREED
from tests.bot.team import Tertulia
from tests.bot.test_inbox import SquareOfFiles, square
from tests.bot.test_reminding import World, world
from tests.bot.test_serve import served, until
from tests.databases import opened
from tests.fakes.shelves import squares
from tests.pipelines.learning.test_gate import GOOD
from tests.pipelines.learning.test_registry import FEW, WORSE

__all__ = ["square", "world"]
CHANNEL = "square:1:chan:bench"
TOLD_IN = f'[learning]\ntold_in = "{CHANNEL}"\n'
BROKEN = f'{TOLD_IN}[sources.broken]\nkind = "files"\n'
FAILED = Alarm("refresh:team", "It *failed* three times: <@U1>.")


@pytest.fixture(autouse=True)
def known() -> Iterator[None]:
    """The square may be named in the file."""
    with squares():
        yield


def write(toml: str) -> None:
    """Have the file say this; the tests live in their home."""
    Path("tertulia.toml").write_text(toml)


async def test_an_alarm_is_told_in_the_language_of_the_channel(world: World) -> None:
    write(f'{TOLD_IN}[channels."{CHANNEL}"]\nlanguage = "es"\n')
    await world.begins()
    async with world.running():
        await sound(FAILED, OwnersChannel(world.app).alarm)
        await world.told(1)
    (post,) = world.posts()
    assert post == r"**Alarma** de refresh:team: It \*failed\* three times: \<@U1>."


async def test_where_no_channel_is_named_nothing_is_told(world: World) -> None:
    await world.begins()
    await OwnersChannel(world.app).alarm(FAILED)
    assert await world.reminders.due("square") == []


async def test_what_is_noticed_twice_is_told_once_and_later_again(world: World) -> None:
    write(TOLD_IN)
    await world.begins()
    one, other = OwnersChannel(world.app), OwnersChannel(world.app)
    async with world.running():
        for owners in (one, other):
            await owners.alarm(FAILED)
        await world.told(1)
        world.clock.shift(timedelta(minutes=11))
        await one.alarm(FAILED)
        await world.told(2)


async def test_what_nobody_could_post_then_says_when_it_was(world: World) -> None:
    write(TOLD_IN)
    await world.begins()
    await OwnersChannel(world.app).alarm(FAILED)
    world.clock.shift(timedelta(hours=3))
    async with world.running():
        await world.told(1)
    assert "This was on 2026-05-04 " in world.posts()[0]


@pytest.mark.parametrize("wrong", [BROKEN, "[learning", f"{TOLD_IN}curators = 3\n"])
async def test_that_the_file_is_written_wrong_is_told_too(world: World, wrong: str) -> None:
    write(TOLD_IN)
    await world.begins()
    owners = OwnersChannel(world.app)
    write(wrong)
    async with world.running():
        await owners.alarm(Alarm("tertulia.toml", "It is written wrong."))
        await world.told(1)


async def test_the_channel_is_the_one_that_the_file_names_by_now(world: World) -> None:
    write("")
    await world.begins()
    owners = OwnersChannel(world.app)
    for wanted, count in ((TOLD_IN, 1), ('[learning]\ntold_in = "slack:C9"\n', 2), ("", 2)):
        write(wanted)
        await owners.alarm(Alarm("a", f"It failed: {count} {wanted}"))
        assert len(await world.reminders.due("square")) == count


async def test_what_is_in_the_way_of_telling_holds_nothing_up(world: World) -> None:
    write(TOLD_IN)
    await world.begins()
    owners = OwnersChannel(world.app)
    for number in range(60):
        await owners.alarm(Alarm("a", f"It failed: {number}"))
    assert len(await world.reminders.due("square")) == 50


async def test_what_an_alarm_said_of_somebody_goes_with_them(world: World) -> None:
    write(TOLD_IN)
    await world.begins()
    async with world.running():
        await OwnersChannel(world.app).alarm(Alarm("learn:examples", "terminal:zoe rated much."))
        await world.told(1)
    engine = await world.app.database()

    async def kept() -> str:
        async with transaction(engine) as connection:
            rows = [await connection.execute(select(one)) for one in (REMINDERS, TURNS)]
            return str([row for found in rows for row in found.all()])

    assert "zoe" in await kept()
    await forget_person(engine, "terminal:zoe")
    assert "zoe" not in await kept()
    assert await world.inbox.resume() == 0


async def waiting(home: Path) -> list[Reminder]:
    """What is written down and not told yet."""
    async with opened(f"sqlite:///{home / 'tertulia.db'}") as engine:
        return await Reminders(engine).due("square")


def test_an_alarm_of_who_runs_the_schedule_alone_is_posted_by_who_serves_the_chat(
    square: SquareOfFiles, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(TOLD_IN)
    monkeypatch.setenv("PLATFORMS", "terminal")
    with served() as one:
        write(BROKEN)
        until(lambda: bool(asyncio.run(waiting(home))))
        one.tell()
        assert one.ended() == 0, one.said
    assert not square.posts()
    write(TOLD_IN)
    monkeypatch.setenv("PLATFORMS", "square")
    with served() as one:
        until(lambda: bool(square.posts()))
        one.tell()
        assert one.ended() == 0, one.said
    (post,) = square.posts()
    assert "does not say who may read it" in post["text"]


def test_doctor_says_that_nobody_with_these_settings_tells_it(
    home: Path, tertulia: Tertulia
) -> None:
    write('[learning]\ntold_in = "slack:T1:chan:C9"\n')
    checks = tertulia("doctor", "--json").value["checks"]
    (found,) = [one for one in checks if "told_in" in one["message"]]
    assert (found["state"], found["name"]) == ("note", "channels")
    assert "PLATFORMS does not name slack" in found["message"]


async def ask_for_a_run(home: Path) -> None:
    """Have learning run at once."""
    async with opened(f"sqlite:///{home / 'tertulia.db'}") as engine:
        await Runs(engine).ask(RUN, datetime.now(UTC))


def test_what_the_weekly_run_came_to_is_posted_with_its_numbers(
    square: SquareOfFiles, home: Path, tertulia: Tertulia
) -> None:
    write(AGREED.replace("consent = true", f'consent = true\ntold_in = "{CHANNEL}"'))
    with served() as one:
        asyncio.run(ask_for_a_run(home))
        until(lambda: bool(square.posts()))
        one.tell()
        assert one.ended() == 0, one.said
    (post,) = square.posts()
    assert "Rows to learn from: 0; rows that only measure: 0; left out: 0." in post["text"]
    assert "No candidate, because: There is no row to learn from." in post["text"]
    jobs = tertulia("schedule", "--json").value["jobs"]
    (said,) = [job["last"]["said"] for job in jobs if job["name"] == RUN]
    assert said == "no candidate, because: There is no row to learn from."


async def test_a_run_that_fails_for_good_is_told_and_fails(home: Path) -> None:
    write(TOLD_IN)

    async def fail() -> Outcome:
        raise OperatorError("There is no model.", what_to_do="Fetch one.")

    async with App(Settings()) as app:
        with pytest.raises(OperatorError, match="no model"):
            await told_to_owners(app, fail())
        (one,) = await Reminders(await app.database()).due("square")
    assert one.what.endswith("nothing, since the run failed. There is no model. Fetch one.")


async def test_where_nobody_is_told_a_run_is_as_it_was(home: Path) -> None:
    write(AGREED)
    async with App(Settings()) as app:
        outcome = await told_to_owners(app, learn(app, Wish("schedule"), lambda _: None))
        assert await Reminders(await app.database()).due("square") == []
    assert outcome.reasons == ["There is no row to learn from."]


def made(name: str, state: State = "trained") -> Made:
    """A candidate, judged, and what became of it."""
    verdict = judged(WORSE if state == "trained" else GOOD)
    return Made(Candidate(name, "model", f"embedded:{name}"), verdict, Path("report.md"), state)


def test_refused_candidates_are_told_with_what_was_measured_and_wanted() -> None:
    outcome = Outcome(
        rows={"learnt_from": 40, "measuring": 9, "left_out": {"waiting": 3, "no-person": 2}},
        triage=Summary({"knowledge": 2}, {}),
        made=[made("m_1"), made("m2", "shadow"), made("m3", "champion")],
        reasons=["No tuning: 12 *rows* are missing."],
    )
    said = text(outcome, "en")
    assert "Rows to learn from: 40; rows that only measure: 9; left out: 5." in said
    assert "- 2: no passage that the asker may read holds the answer: add the page" in said
    assert r"**m\_1** was refused. Rules that do not hold: 1 of " in said
    assert r"- target-gain: \-16.7 points" in said
    assert "Wanted: at least +2.0 points better than the champion, the interval above 0." in said
    assert "**m2** has passed the gate (rules that hold: 25 of 25) and is now: shadow." in said
    assert "**m3** serves from now on. Rules that hold: 25 of 25." in said
    assert r"Nothing else, because: No tuning: 12 \*rows\* are missing." in said
    other = text(outcome, "es")
    assert r"**m\_1** fue rechazado. Reglas que no se cumplen: 1 de " in other
    assert "Se pedía: at least +2.0 points" in other


def test_of_many_rules_the_first_ones_are_told_and_how_many_more() -> None:
    none = judged(FEW, needed=[f"slice {number}" for number in range(30)])
    one = Made(Candidate("m1", "model", "embedded:m1"), none, Path("report.md"))
    said = text(Outcome(made=[one]), "en")
    assert said.count("\n- ") == MOST_RULES + 1
    assert f"and more of them: {len(none.failed) - MOST_RULES}." in said
    assert "Questions that are missing: " in said
