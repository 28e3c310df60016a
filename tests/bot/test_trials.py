"""A canary answers a tenth of the channels that agree; one in shadow answers nobody."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.alarms import Alarm
from bot.app import App
from bot.jobs import Shift
from bot.live import prompt_place
from bot.settings import Settings
from bot.trials import meets
from bot.trying_out import TRIALS, WATCH, Trial
from knowledge.candidate import Candidate, State
from knowledge.candidates import Candidates, StateError
from knowledge.conversations import Answer, Feedback
from knowledge.forgetting import forget_person
from knowledge.hashing import sha256_of
from knowledge.history import History
from knowledge.learning_examples import LearningExamples
from knowledge.leases import Lease
from knowledge.shadow_answers import ShadowAnswers
from pipelines import personas
from pipelines.current import MODEL
from pipelines.learning.watching import FEWEST
from tests.bot.team import Tertulia, write
from tests.fakes.scripted_model import NAME, NOT_FOUND, TUNED, ScriptedModel, saying

QUESTION = "How many weeks of parental leave are there?"
RIGHT = "Parents take 19 weeks of parental leave."
ANA, BEN = "terminal:ana", "terminal:ben"
PLACE = prompt_place("helpdesk")
USUAL = f"openai:{NAME}"
CHANNELS = [f"slack:C{n}" for n in range(30)]
AGREED = '[learning]\nconsent = true\nterms = ["slack"]\n' + "".join(
    f'[channels."{one}"]\nlearns = true\n' for one in CHANNELS
)


@pytest.fixture
async def app(home: Path, model: ScriptedModel) -> AsyncIterator[App]:
    model.answer = RIGHT
    structure = home / "tertulia.toml"
    structure.write_text(structure.read_text("utf-8") + AGREED, encoding="utf-8")
    async with App(Settings()) as app:
        kept = LearningExamples(await app.database())
        await kept.agree(ANA, datetime.now(UTC) - timedelta(days=1))
        yield app


def full(channel: str) -> str:
    """The name by which a turn knows a channel."""
    return f"slack:T1:chan:{channel.partition(':')[2]}"


def met_by(candidate: str) -> list[str]:
    return [one for one in map(full, CHANNELS) if meets(candidate, one, CHANNELS)]


async def ask(app: App, channel: str = "", author: str = ANA) -> Answer:
    said = await (await app.talk(author, "helpdesk", None, channel)).reply(QUESTION)
    assert said.answer, said.error
    return said.answer


async def made(
    app: App, name: str, state: State, place: str = MODEL, serves: str = f"openai:{TUNED}"
) -> Candidates:
    """A candidate that has passed and is tried."""
    candidates = Candidates(await app.database())
    files = {serves: sha256_of(Path(serves))} if place != MODEL else {}
    usual = USUAL if place == MODEL else personas.load("helpdesk").version
    about = {"in_place_of": usual, "verdict": {"passes": True, "conditions": []}}
    await candidates.add(Candidate(name, place, serves, files, about, "gated"), by=ANA, reason="")
    await candidates.move(name, state, by=ANA, reason="a test")
    return candidates


async def served_before(app: App, name: str = "m0") -> Candidates:
    """Something learnt has served there, since a person said so."""
    candidates = Candidates(await app.database())
    one = Candidate(name, MODEL, USUAL, {}, {"in_place_of": USUAL}, "gated")
    await candidates.add(one, by=ANA, reason="a test")
    await candidates.crown(name, by=ANA, reason="a test")
    return candidates


async def trial(app: App) -> tuple[Trial, list[Alarm]]:
    told: list[Alarm] = []

    async def keep(alarm: Alarm) -> None:
        told.append(alarm)

    return Trial(app, keep), told


async def brought_on(app: App) -> tuple[str, list[Alarm]]:
    """What a night comes to."""
    keeper, told = await trial(app)

    async def work(lease: Lease) -> str:
        return await keeper.bring_on(Shift(lease, app.pace))

    return await (await app.leases()).alone(TRIALS, work), told


async def watched(app: App) -> tuple[str, list[Alarm]]:
    keeper, told = await trial(app)

    async def work(lease: Lease) -> str:
        return await keeper.watch(Shift(lease, app.pace))

    return await (await app.leases()).alone(WATCH, work), told


def test_a_canary_meets_a_tenth_of_the_channels_and_one_at_least() -> None:
    assert len(met_by("m1")) == 3
    assert met_by("m1") == met_by("m1")
    assert met_by("m1") != met_by("m2")
    assert [meets("m1", "slack:T1:chan:C7", ["slack:C7"])] == [True]
    share = sum(meets("m1", f"discord:1:chan:{n}", ["slack:C7"]) for n in range(2_000)) / 2_000
    assert 0.07 < share < 0.13


async def test_a_canary_answers_its_channels_and_nobody_else(app: App) -> None:
    await made(app, "m1", "canary")
    chosen = met_by("m1")
    (other, *_) = [full(one) for one in CHANNELS if full(one) not in chosen]
    both = await asyncio.gather(*(ask(app, channel) for channel in (chosen[0], other, "")))
    assert [one.receipt.model for one in both] == [f"openai:{TUNED}", USUAL, USUAL]
    assert [one.receipt.learnt for one in both] == [{MODEL: "m1"}, {}, {}]
    assert both[0].receipt.adapter == "m1"


async def test_a_canary_leaves_and_its_model_is_given_back(app: App) -> None:
    candidates = await made(app, "m1", "canary")
    channel = met_by("m1")[0]
    await ask(app, channel)
    models, tuned = await app.models(), f"openai:{TUNED}"
    async with models.holding(tuned) as first:
        pass
    await candidates.move("m1", "retired", by=ANA, reason="enough")
    assert (await ask(app, channel)).receipt.model == USUAL
    async with models.holding(tuned) as second:
        assert second is not first


async def test_a_canary_whose_file_was_changed_answers_nobody(app: App, home: Path) -> None:
    file = home / "candidates/helpdesk.md"
    write(file.parent, {file.name: "---\nextends: helpdesk\nvoice: {en: british}\n---\n"})
    candidates = await made(app, "p1", "canary", PLACE, str(file))
    channel = met_by("p1")[0]
    tuned, usual = personas.load("helpdesk", file=file).version, personas.load("helpdesk").version
    assert (await ask(app, channel)).receipt.prompt_version == tuned
    write(file.parent, {file.name: "---\nextends: helpdesk\n---\nYou agree.\n"})
    assert (await ask(app, channel)).receipt.prompt_version == usual
    assert (await candidates.one("p1")).state == "quarantined"


async def test_two_are_not_tried_in_one_place(app: App) -> None:
    await made(app, "m1", "canary")
    with pytest.raises(StateError, match="m1 is tried as model already"):
        await made(app, "m2", "shadow")


async def _shown(tertulia: Tertulia, person: str) -> list[dict[str, str]]:
    """What somebody sees of a candidate's answers in shadow."""
    command = ["learn", "shadow", "m1", "--as", person, "--json"]
    rows: list[dict[str, str]] = (await asyncio.to_thread(tertulia, *command)).value["shadow"]
    return rows


async def test_one_in_shadow_answers_what_was_asked_and_nobody_sees_it(
    app: App, model: ScriptedModel, tertulia: Tertulia
) -> None:
    candidates = await made(app, "m1", "shadow")
    model.thinks = lambda asked: saying(RIGHT if asked["model"] == NAME else NOT_FOUND)
    given = await ask(app, full(CHANNELS[0]))
    assert (given.text.startswith("Parents"), given.receipt.model) == (True, USUAL)
    await ask(app, full(CHANNELS[0]), BEN)  # has not agreed
    await ask(app, "")  # a place that has not
    said, told = await brought_on(app)
    assert (said, told) == (f"m1 has answered 1 of {FEWEST} questions in shadow", [])
    kept = ShadowAnswers(await app.database())
    (one,) = await kept.of("m1")
    assert (one.reference, one.reason is None) == (given.reference, False)
    await brought_on(app)
    assert len(await kept.of("m1")) == 1, "each question once"
    (row,) = await _shown(tertulia, ANA)
    assert (row["question"], row["given"]) == (QUESTION, given.text)
    assert await _shown(tertulia, BEN) == []
    assert (await candidates.one("m1")).state == "shadow"
    counts = await forget_person(await app.database(), ANA)
    assert counts["answers in shadow"] == 1
    assert await kept.of("m1") == []


async def test_what_was_answered_in_shadow_goes_with_its_question_and_with_the_trial(
    app: App,
) -> None:
    candidates = await made(app, "m1", "shadow")
    kept, history = ShadowAnswers(await app.database()), History(await app.database())
    for _ in range(2):
        await ask(app, full(CHANNELS[0]))
    await brought_on(app)
    first, _ = await kept.of("m1")
    await history.drop(first.question)
    await brought_on(app)
    assert len(await kept.of("m1")) == 1
    await candidates.move("m1", "retired", by=ANA, reason="enough")
    await brought_on(app)
    assert await kept.of("m1") == []


async def test_what_did_well_in_shadow_becomes_a_canary_and_then_serves(app: App) -> None:
    candidates = await served_before(app)
    await made(app, "m1", "shadow")
    for _ in range(FEWEST):
        await ask(app, full(CHANNELS[0]))
    said, told = await brought_on(app)
    assert (said, told) == ("m1 answers a tenth of the channels from now on", [])
    for _ in range(FEWEST):
        await ask(app, met_by("m1")[0])
    said, told = await brought_on(app)
    assert (said, told) == ("m1 serves now", [])
    champion = await candidates.champion(MODEL)
    assert champion
    assert champion.name == "m1"


async def test_the_first_one_waits_for_a_person_who_is_told_once(app: App) -> None:
    await made(app, "m1", "shadow")
    for _ in range(FEWEST):
        await ask(app, full(CHANNELS[0]))
    _, told = await brought_on(app)
    (alarm,) = told
    assert "tertulia learn promote m1" in alarm.message
    assert (await brought_on(app))[1] == []


async def test_a_canary_that_knows_nothing_is_taken_back(app: App, model: ScriptedModel) -> None:
    candidates = await made(app, "m1", "canary")
    model.thinks = lambda asked: saying(RIGHT if asked["model"] == NAME else NOT_FOUND)
    for _ in range(FEWEST):
        await ask(app, met_by("m1")[0])
        await ask(app, "")
    said, told = await watched(app)
    assert said == "taken back: m1"
    assert "100% of the questions with 'I do not know'" in told[0].message
    assert (await candidates.one("m1")).state == "quarantined"
    assert (await ask(app, met_by("m1")[0])).text.startswith("Parents")


async def test_a_champion_that_people_dislike_is_taken_back(app: App) -> None:
    candidates = await served_before(app)
    await made(app, "m1", "canary")
    await candidates.crown("m1", by=ANA, reason="a test")
    history = History(await app.database())
    for n in range(FEWEST):
        given = await ask(app, "")
        await history.keep_feedback(Feedback(given.reference, f"terminal:p{n % 5}", "down"))
    said, _ = await watched(app)
    assert said == "taken back: m1"
    champion = await candidates.champion(MODEL)
    assert champion
    assert champion.name == "m0"
