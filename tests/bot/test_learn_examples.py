"""From an answer that somebody rated to a row in a file: with consent, and without names."""

import asyncio
import json
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.alarms import to_nobody
from bot.app import App
from bot.learning_job import NAME, REGATE, RUN, SEARCHING, TRIAGE, keep_learning, told
from bot.learning_run import Wish, learn
from bot.schedule import Schedule
from bot.settings import Settings
from bot.trying_out import TRIALS, WATCH
from knowledge.history import History
from knowledge.rated_answers import RatedAnswers
from knowledge.runs import Run, Runs
from knowledge.schema import METADATA
from tests.bot.learning_team import AGREED, PEOPLE, agree, say, write_down
from tests.bot.team import Tertulia
from tests.fakes.scripted_model import ScriptedModel

QUESTION = "How many weeks of parental leave are there?"
ANSWER = "Parents take 19 weeks of parental leave."
BETTER = "19 weeks, paid in full. Marta Ruiz (marta.ruiz@coop.example) knows more."
ANA, BEN = "terminal:ana", "terminal:ben"


@pytest.fixture
def team(home: Path, model: ScriptedModel) -> Path:
    """A team in which everybody agrees."""
    model.answer = ANSWER
    write_down(home)
    agree()
    return home


def ask(tertulia: Tertulia, author: str = ANA, question: str = QUESTION) -> str:
    """Ask; the reference of the answer."""
    answered = tertulia("ask", question, "--as", author, "--json").value
    assert not answered["abstained"]
    return str(answered["reference"])


def test_an_answer_that_was_corrected_becomes_a_row_of_a_file(
    team: Path, tertulia: Tertulia
) -> None:
    reference = ask(tertulia)
    say(reference, BEN, "down", fault="style", better=BETTER)
    found = tertulia("learn", "examples", "find", "--json").value
    name = f"E{reference[1:]}"
    assert (found["made"], found["left_out"]) == ([name], {})
    shown = tertulia("learn", "examples", "show", name, "--json").value
    assert shown["messages"] == [
        {"role": "user", "content": QUESTION},
        {
            "role": "assistant",
            "content": "19 weeks, paid in full. [PERSON_1] ([EMAIL_1]) knows more.",
        },
    ]
    assert (shown["kind"], shown["state"], shown["audience"]) == ("style", "waiting", ["everyone"])
    assert shown["consent"]["channel"] == "terminal:chat"
    assert shown["provenance"]["passages"][0]["article"] == "team:leave.md"
    assert tertulia("learn", "examples", "approve", name, "--as", "terminal:carla").code == 0
    made = tertulia("learn", "examples", "export", "--json").value
    assert (made["train"], made["eval"]) == (1, 0)
    (row,) = (Path(made["folder"]) / "train.jsonl").read_text().splitlines()
    assert json.loads(row) == {"messages": shown["messages"]}
    manifest = json.loads((Path(made["folder"]) / "manifest.json").read_text())
    assert manifest["rows"][0]["provenance"]["answer"] == reference


def test_who_is_forgotten_is_in_no_table_and_in_no_file(team: Path, tertulia: Tertulia) -> None:
    theirs, others = ask(tertulia), ask(tertulia, BEN, "Who gets 27 days of paid leave a year?")
    say(theirs, BEN, "down", better="19 weeks.", fault="style")
    say(others, BEN, "up")
    tertulia("learn", "examples", "find")
    names = sorted(f"E{one[1:]}" for one in (theirs, others))
    assert tertulia("learn", "examples", "approve", *names, "--as", "terminal:carla").code == 0
    made = tertulia("learn", "examples", "export", "--replay", "0", "--json").value
    folder = Path(made["folder"])
    asyncio.run(note_artefact(made["id"]))
    gone = tertulia("forget", ANA, "--json").value
    assert gone["examples"] == [f"E{theirs[1:]}"]
    assert gone["sets"] == {"removed": [str(folder)], "not_found": []}
    assert gone["to_train_anew"] == ["model-1"]
    assert gone["removed"]["answers"] == 1
    assert list(folder.iterdir()) == []
    rows = tertulia("learn", "examples", "--json").value["examples"]
    assert [one["id"] for one in rows] == [f"E{others[1:]}"]
    assert ANA not in asyncio.run(everything_kept())
    again = tertulia("learn", "examples", "find", "--json").value
    assert f"E{theirs[1:]}" not in again["made"]
    assert tertulia("forget", ANA, "--json").value["examples"] == []


async def note_artefact(set_id: str) -> None:
    async with App(Settings()) as app:
        await (await app.learning.kept()).made_of(set_id, "model-1")


async def everything_kept() -> str:
    """All rows of all tables, as text; but for who may read the sources."""
    async with App(Settings()) as app, (await app.database()).connect() as connection:
        ours = [one for one in METADATA.sorted_tables if one.name != "source_terms"]
        tables = [await connection.execute(select(table)) for table in ours]
        return "\n".join(str(row) for rows in tables for row in rows.all())


@pytest.mark.parametrize("missing", ["admin", "channel", "asker", "rater"])
def test_without_the_consent_of_all_nothing_is_made(
    missing: str, home: Path, model: ScriptedModel, tertulia: Tertulia
) -> None:
    model.answer = ANSWER
    write_down(home, without(missing))
    agree(*(one for one in PEOPLE if one != {"asker": ANA, "rater": BEN}.get(missing)))
    say(ask(tertulia), BEN, "up")
    found = tertulia("learn", "examples", "find", "--json").value
    why = {"asker": "no-person", "rater": "no-opinion"}.get(missing, f"no-{missing}")
    assert (found["made"], found["left_out"]) == ([], {why: 1})
    assert tertulia("learn", "examples", "--json").value == {"examples": []}


def without(missing: str) -> str:
    """The file of a team in which somebody does not agree."""
    wrong = {"admin": "consent = true", "channel": "learns = true"}.get(missing, "-")
    return AGREED.replace(wrong, wrong.replace("true", "false"))


def test_what_was_said_before_somebody_agreed_is_not_learnt(team: Path, tertulia: Tertulia) -> None:
    reference = ask(tertulia)
    say(reference, BEN, "up")
    tertulia("learn", "consent", "off", "--as", ANA)
    tertulia("learn", "consent", "on", "--as", ANA)
    found = tertulia("learn", "examples", "find", "--json").value
    assert found["left_out"] == {"no-person": 1}


def test_who_takes_consent_back_is_in_no_set_any_more(team: Path, tertulia: Tertulia) -> None:
    reference = ask(tertulia)
    say(reference, BEN, "up")
    tertulia("learn", "examples", "find")
    name = f"E{reference[1:]}"
    tertulia("learn", "examples", "approve", name, "--as", "terminal:carla")
    back = tertulia("learn", "consent", "off", "--as", BEN, "--json").value
    assert back == {"person": BEN, "agrees": False, "forgotten": [name]}
    made = tertulia("learn", "examples", "export", "--json").value
    assert made["train"] == made["eval"] == 0


def test_a_row_is_for_those_who_may_read_its_passages(
    team: Path, tertulia: Tertulia, model: ScriptedModel
) -> None:
    model.answer = "The chair of the board earns 4,812 euros a month."
    reference = ask(tertulia, question="What does the chair of the board earn?")
    say(reference, ANA, "up")
    tertulia("learn", "examples", "find")
    name = f"E{reference[1:]}"
    mine = tertulia("learn", "examples", "show", name, "--as", ANA, "--json").value
    assert mine["audience"] == [ANA]
    other = tertulia("learn", "examples", "show", name, "--as", BEN, "--json")
    assert other.error["kind"] == "no_such_example"
    assert tertulia("learn", "examples", "--as", BEN, "--json").value == {"examples": []}
    assert tertulia("learn", "examples", "approve", name, "--as", BEN).code == 1
    assert tertulia("learn", "examples", "approve", name, "--as", ANA).code == 0
    made = tertulia("learn", "examples", "export", "--json").value
    assert (made["train"], made["left_out"]) == (0, {})
    made = tertulia("learn", "examples", "export", "--audience", ANA, "--json").value
    assert made["train"] == 1


def test_a_row_whose_passage_was_closed_since_is_shown_to_nobody_it_is_closed_to(
    team: Path, tertulia: Tertulia
) -> None:
    reference = ask(tertulia)
    say(reference, BEN, "up")
    tertulia("learn", "examples", "find")
    assert len(tertulia("learn", "examples", "--as", BEN, "--json").value["examples"]) == 1
    structure = team / "tertulia.toml"
    text = structure.read_text()
    structure.write_text(text.replace('audience = ["everyone"]', f'audience = ["{ANA}"]'))
    assert tertulia("learn", "examples", "--as", BEN, "--json").value == {"examples": []}
    assert tertulia("learn", "examples", "export", "--json").value["train"] == 0


def test_a_disliked_answer_is_learnt_only_once_somebody_says_what_is_right(
    team: Path, tertulia: Tertulia
) -> None:
    reference = ask(tertulia)
    say(reference, BEN, "down", fault="wrong")
    tertulia("learn", "examples", "find")
    name = f"E{reference[1:]}"
    refused = tertulia("learn", "examples", "approve", name, "--json")
    assert refused.error["kind"] == "nothing_to_learn"
    answer = ["--answer", "19 weeks, says Jorge Luna.", "--json"]
    (row,) = tertulia("learn", "examples", "approve", name, *answer).value["examples"]
    assert row["messages"][-1]["content"] == "19 weeks, says [PERSON_1]."
    assert row["given"].startswith("Parents take 19 weeks")
    made = tertulia("learn", "examples", "export", "--format", "preference", "--json").value
    (line,) = (Path(made["folder"]) / "train.jsonl").read_text().splitlines()
    assert set(json.loads(line)) == {"prompt", "chosen", "rejected"}


def test_a_question_that_was_deleted_is_forgotten_by_the_next_look(
    team: Path, tertulia: Tertulia
) -> None:
    reference = ask(tertulia)
    say(reference, BEN, "up")
    tertulia("learn", "examples", "find")
    asyncio.run(drop_question(reference))
    found = tertulia("learn", "examples", "find", "--json").value
    assert found["forgotten"] == [f"E{reference[1:]}"]


def test_what_waits_goes_where_somebody_does_not_agree_any_more(
    team: Path, tertulia: Tertulia
) -> None:
    say(ask(tertulia), BEN, "up")
    assert tertulia("learn", "examples", "find", "--json").value["made"]
    file = team / "tertulia.toml"
    text = file.read_text()
    file.write_text(text.replace("learns = true", "learns = false"))
    assert tertulia("learn", "examples", "find", "--json").value["left_out"] == {"no-channel": 1}
    assert tertulia("learn", "examples", "--json").value == {"examples": []}
    file.write_text(text)
    assert tertulia("learn", "examples", "find", "--json").value["made"], "and comes back"


def test_a_refusal_is_for_those_who_may_read_the_pages_that_it_names(
    team: Path, tertulia: Tertulia, model: ScriptedModel
) -> None:
    assert team
    model.answer = "NOT FOUND"
    question = "What does the chair of the board earn a month?"
    told = tertulia("ask", question, "--as", ANA, "--json").value
    assert told["abstained"]
    say(told["reference"], ANA, "up")
    (name,) = tertulia("learn", "examples", "find", "--json").value["made"]
    assert tertulia("learn", "examples", "--as", BEN, "--json").value == {"examples": []}
    (row,) = tertulia("learn", "examples", "--as", ANA, "--json").value["examples"]
    assert (row["id"], row["kind"], row["audience"]) == (name, "refusal", [ANA])


def test_a_curator_who_is_forgotten_has_decided_all_the_same(
    team: Path, tertulia: Tertulia
) -> None:
    assert team
    reference = ask(tertulia)
    say(reference, BEN, "up")
    tertulia("learn", "examples", "find")
    tertulia("learn", "examples", "approve", f"E{reference[1:]}", "--as", "terminal:carla")
    tertulia("forget", "terminal:carla")
    (row,) = tertulia("learn", "examples", "--json").value["examples"]
    assert (row["state"], row["curator"]) == ("approved", "somebody")


async def drop_question(reference: str) -> None:
    """As a platform does where a question is deleted."""
    async with App(Settings()) as app:
        database = await app.database()
        (rated,) = [
            o for o in await RatedAnswers(database).all() if o.recorded.reference == reference
        ]
        await History(database).drop(rated.question.id)


def test_rows_that_people_bring_wait_like_all_others(team: Path, tertulia: Tertulia) -> None:
    file = team / "rows.jsonl"
    file.write_text('{"instruction": "Who is it?", "input": "", "output": "Marta Ruiz."}\n')
    arguments = ("import", str(file), "--format", "alpaca", "--terms", "written by us", "--json")
    (name,) = tertulia("learn", "examples", *arguments).value["taken_in"]
    shown = tertulia("learn", "examples", "show", name, "--json").value
    assert shown["messages"][-1]["content"] == "[PERSON_1]."
    assert (shown["state"], shown["consent"]["terms"]) == ("waiting", "written by us")
    assert tertulia("learn", "examples", *arguments).value["taken_in"] == [name]
    tertulia("learn", "examples", "approve", name)
    assert tertulia("learn", "examples", *arguments).value["taken_in"] == []


def test_a_file_with_a_wrong_row_is_taken_in_by_nobody(team: Path, tertulia: Tertulia) -> None:
    file = team / "rows.jsonl"
    file.write_text('{"prompt": "a", "completion": "b", "label": true}\n{"prompt": "a"}\n')
    arguments = ("import", str(file), "--format", "kto", "--terms", "ours", "--json")
    wrong = tertulia("learn", "examples", *arguments)
    assert wrong.code == 2
    assert wrong.error["message"] == f"{file}, line 2 has no 'label'."
    assert tertulia("learn", "examples", "--json").value == {"examples": []}


async def done(runs: Runs, job: str = NAME) -> Run:
    """The job, once it has run."""
    for _ in range(600):
        run = await runs.of(job)
        if run and run.outcome == "done":
            return run
        await asyncio.sleep(0.05)
    raise AssertionError(run)


async def test_who_serves_makes_rows_every_night_where_somebody_agreed(home: Path) -> None:
    async with App(Settings()) as app:
        runs = await app.runs()
        schedule = Schedule(runs, await app.leases(), pace=app.pace)
        await keep_learning(schedule, app, to_nobody)
        assert [one.job for one in await runs.all()] == []
        write_down(home)
        await keep_learning(schedule, app, to_nobody)
        serving = asyncio.create_task(schedule.run())
        await schedule.ask(NAME)
        run = await done(runs)
        await schedule.ask(SEARCHING)
        searched = await done(runs, SEARCHING)
        await schedule.ask(TRIAGE)
        triaged = await done(runs, TRIAGE)
        serving.cancel()
        assert run.said == "0 made, 0 left out, 0 forgotten"
        assert searched.said == "0 rows were approved since the last one; 50 are wanted"
        assert triaged.said.startswith("Nobody has said yet of an answer what would have been")
        assert run.due_at
        jobs = [NAME, REGATE, RUN, SEARCHING, TRIAGE, TRIALS, WATCH]
        assert sorted(one.job for one in await runs.all()) == jobs
        (home / "tertulia.toml").write_text("")
        await keep_learning(schedule, app, to_nobody)
        assert [one.job for one in await runs.all()] == []


async def test_a_run_that_makes_nothing_says_why(home: Path, model: ScriptedModel) -> None:
    write_down(home)
    async with App(Settings()) as app:
        outcome = await learn(app, Wish("schedule"), lambda _: None)
    assert told(outcome) == "no candidate, because: There is no row to learn from."


def test_people_read_what_programs_read(team: Path, tertulia: Tertulia) -> None:
    assert "There are none" in tertulia("learn", "examples").err
    reference = ask(tertulia)
    name = f"E{reference[1:]}"
    say(reference, BEN, "up")
    say(ask(tertulia, "terminal:zoe"), BEN, "up")
    assert tertulia("learn", "consent", "--as", "terminal:zoe").out == (
        "terminal:zoe does not agree.\n"
    )
    found = tertulia("learn", "examples", "find").out
    assert "new or changed: 1\nleft out: 1, whoever asked had not agreed" in found
    listed = tertulia("learn", "examples", "--state", "waiting").out
    assert listed.split() == [name, "waiting", "answer", *QUESTION.split()]
    shown = tertulia("learn", "examples", "show", name).out
    assert f"{name}: waiting, teaches: answer, for everyone" in shown
    assert "passage: team:leave.md" in shown
    assert "agreed: terminal:chat, 2 people" in shown
    assert tertulia("learn", "examples", "reject", name).out == f"rejected: {name}\n"
    assert tertulia("learn", "examples", "approve", name).out == f"approved: {name}\n"
    made = tertulia("learn", "examples", "export", str(team / "set")).out
    assert made == f"{team / 'set'}: 1 train, 0 replay, 0 eval\n"
    (team / "set").rename(team / "moved")
    gone = tertulia("forget", ANA)
    assert "examples to learn from forgotten: 1" in gone.out
    assert f"The set that was in {team / 'set'} is not there any more" in gone.err


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        (("examples", "--state", "new"), "'new' is no state"),
        (("examples", "export", "--format", "csv"), "'csv' is no format"),
        (("examples", "import", "x", "--format", "csv", "--terms", "ours"), "'csv' is no format"),
        (("examples", "import", "x", "--terms", " "), "--terms is empty"),
        (("examples", "approve", "E-1", "E-2", "--answer", "x"), "--answer is for one row"),
        (("consent", "yes"), "'yes' is neither on nor off"),
        (("examples", "--as", "ana"), "--as 'ana' is not of the form"),
    ],
)
def test_what_cannot_be_meant_is_told(
    line: tuple[str, ...], wrong: str, empty_home: Path, tertulia: Tertulia
) -> None:
    outcome = tertulia("learn", *line, "--json")
    assert outcome.code == 2
    assert wrong in outcome.error["message"]


def test_nobody_is_forgotten_who_is_nobody(empty_home: Path, tertulia: Tertulia) -> None:
    assert tertulia("forget", "ana", "--json").code == 2


def test_a_set_that_cannot_be_written_is_told(team: Path, tertulia: Tertulia) -> None:
    (team / "file").write_text("")
    outcome = tertulia("learn", "examples", "export", str(team / "file"), "--json")
    assert outcome.error["kind"] == "set_unwritable"
