"""`tertulia learn triage`: what is said of it, what is kept, and what is told of bad input."""

import asyncio
import json
from pathlib import Path

import pytest
from PIL import Image

from bot.app import App
from bot.settings import Settings
from bot.triage_text import advice
from bot.triaging import GONE, TURNS, Triage, Wish, facts_of
from bot.wording import LANGUAGES
from knowledge.conversations import Feedback
from knowledge.history import History
from knowledge.rated_answers import RatedAnswers
from pipelines.evaluation.judging import says
from pipelines.learning.triage import MANY_OF_A_PROMPT, Verdict, summed_up
from tests.bot.faulty import Reader
from tests.bot.team import Tertulia
from tests.fakes.scripted_model import ScriptedModel

ANA, BEN = "terminal:ana", "terminal:ben"
WEEKS = "How many weeks of parental leave are there?"
SAYS_WEEKS = "Parents take 19 weeks of parental leave."
QUESTIONS = f"""question;answer;source
{WEEKS};19 weeks;leave.md
How many seats has the van?;9 seats;
"""


@pytest.fixture
def questions(home: Path, model: ScriptedModel) -> str:
    model.thinks = Reader([SAYS_WEEKS])
    path = home / "questions.csv"
    path.write_text(QUESTIONS, "utf-8")
    return str(path)


async def disliked(app: App, better: str, by: str = BEN) -> str:
    """An answer that was right, and that somebody put right all the same; its name."""
    said = await (await app.talk(BEN, "helpdesk", "C1")).reply(WEEKS)
    assert said.answer, said.error
    reference = said.answer.reference
    history = History(await app.database())
    await history.keep_feedback(Feedback(reference, by, "down", better=better))
    return reference


def test_a_triage_has_the_documented_shape(questions: str, home: Path, tertulia: Tertulia) -> None:
    outcome = tertulia("learn", "triage", questions, "--json")
    assert (outcome.code, outcome.err) == (0, "")
    value = outcome.value
    assert value["kinds"] == {"fixed": 1, "knowledge": 1}
    assert (value["failing"], value["best"], value["ways"]) == (1, [], {})
    assert value["is_complete"]
    first, second = value["cases"]
    assert (first["question"], first["verdict"]["kind"], first["rank"]) == (WEEKS, "fixed", 0)
    assert (second["verdict"]["kind"], second["steps"]) == ("knowledge", ["ingest"])
    with Image.open(value["chart"]) as image:
        assert image.format == "PNG"
    assert Path(value["folder"]) == home / "learning/triage/questions"


def test_people_read_what_would_help_in_both_languages(questions: str, tertulia: Tertulia) -> None:
    english = tertulia("learn", "triage", questions).out
    assert "2 questions of questions were looked into." in english
    assert "None of the four ways" in english
    assert "Add the missing knowledge: for 1 of them" in english
    assert "Training would not help there" in english
    spanish = tertulia("learn", "triage", questions, "--language", "es").out
    assert "Ninguna de las cuatro vías" in spanish
    assert "enseñaría al modelo a inventar" in spanish
    assert tertulia("learn", "triage", questions, "--language", "fr").code == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_way_that_helps_most_is_said_in_plain_words(language: str) -> None:
    some = [Verdict("retrieval"), Verdict("prompt"), Verdict("fixed")]
    (both,) = advice(summed_up(some), language)
    assert {"en": "another prompt", "es": "otro prompt"}[language] in both
    assert {"en": "a better search", "es": "una búsqueda mejor"}[language] in both
    (none,) = advice(summed_up([Verdict("fixed")]), language)
    assert {"en": "Nothing has to be changed", "es": "No hay que cambiar nada"}[language] in none
    *_, distil = advice(summed_up([Verdict("prompt")] * MANY_OF_A_PROMPT), language)
    assert {"en": "context distillation", "es": "destilación"}[language] in distil


def test_who_stops_it_goes_on_where_it_ended(
    questions: str, home: Path, model: ScriptedModel, tertulia: Tertulia
) -> None:
    first = tertulia("learn", "triage", questions, "--json").value
    folder = Path(first["folder"])
    about = json.loads((folder / "triage.json").read_text("utf-8"))
    kept = (folder / "cases.jsonl").read_text("utf-8").splitlines(keepends=True)

    def stopped_after(lines: list[str]) -> None:
        (folder / "triage.json").write_text(json.dumps({**about, "done": False}), "utf-8")
        (folder / "cases.jsonl").write_text("".join(lines), "utf-8")
        model.prompts.clear()

    stopped_after(kept)
    again = tertulia("learn", "triage", questions, "--json").value
    assert again["cases"] == first["cases"]
    assert not any(WEEKS in str(one[-1]["content"]) for one in model.prompts)
    stopped_after([kept[0], kept[1][:20]])  # a line that was cut short by a kill
    assert tertulia("learn", "triage", questions, "--json").value["kinds"] == first["kinds"]
    model.prompts.clear()
    tertulia("learn", "triage", questions)
    assert any(WEEKS in str(one[-1]["content"]) for one in model.prompts), "it had come to its end"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        ("question;answer\n", "There is no question in"),
        ("frage;antwort\na;b\n", "has no column 'question'"),
        ("question\nWho orders coffee?\n", "Of no question in"),
        ("question;answer\nWho orders coffee?;...\n", "Of no question in"),
    ],
)
def test_a_table_that_is_no_use_is_told(
    home: Path, tertulia: Tertulia, content: str, said: str
) -> None:
    path = home / "questions.csv"
    path.write_text(content, "utf-8")
    outcome = tertulia("learn", "triage", str(path), "--json")
    assert outcome.code == 2
    assert said in outcome.error["message"]
    assert said in tertulia("learn", "triage", str(path)).err.replace("\n", " ")


def test_a_table_that_is_not_there_is_told(home: Path, tertulia: Tertulia) -> None:
    assert "cannot be read" in tertulia("learn", "triage", "none.csv").err


def test_without_a_table_and_without_corrections_there_is_nothing_to_do(
    home: Path, tertulia: Tertulia
) -> None:
    outcome = tertulia("learn", "triage", "--json")
    assert outcome.code == 2
    assert "Nobody has said yet" in outcome.error["message"]


def test_what_cannot_be_judged_is_left_out_with_its_reason(
    questions: str, home: Path, tertulia: Tertulia
) -> None:
    path = home / "some.csv"
    path.write_text(f"{QUESTIONS}Who waters the plants?;;\nWho is it?;...;\n", "utf-8")
    value = tertulia("learn", "triage", str(path), "--json").value
    assert len(value["cases"]) == 2
    assert "nobody has said what would be right" in value["left_out"]["Who waters the plants?"]
    assert "has no word and no number" in value["left_out"]["Who is it?"]
    out = tertulia("learn", "triage", str(path)).out
    assert "Left out: Who waters the plants?: nobody has said" in out


async def test_a_question_that_is_gone_is_left_out(home: Path, model: ScriptedModel) -> None:
    model.thinks = Reader([SAYS_WEEKS])
    async with App(Settings()) as app:
        kept = await disliked(app, "It is 19 weeks.")
        gone = await disliked(app, "It is 19 weeks.")
        answers = RatedAnswers(await app.database())
        assert [one.recorded.reference for one in await answers.all()] == [kept, gone]
        triage = Triage(app, Wish(None, BEN))
        one = await answers.one(gone)
        assert one
        assert one.correction
        assert (one.question.text, one.recorded.asker) == (WEEKS, BEN)
        assert one.correction.better == "It is 19 weeks."
        assert [said for _, said in await answers.before(one)] == [False, True]
        history = History(await app.database())
        await history.keep_feedback(Feedback(gone, BEN, "up"))
        outcome = await triage.run(lambda _: None)
    assert [(row.id, row.question) for row in outcome.sheet.rows] == [(kept, WEEKS)]
    assert outcome.sheet.left_out == {gone: GONE}
    assert outcome.sheet.about["set"] == TURNS


async def test_a_question_of_others_is_named_and_not_shown(
    home: Path, model: ScriptedModel
) -> None:
    model.thinks = Reader([SAYS_WEEKS])
    async with App(Settings()) as app:
        reference = await disliked(app, "It is 19 weeks.")
        outcome = await Triage(app, Wish(None, ANA)).run(lambda _: None)
        text = json.dumps(outcome.as_json())
    assert reference in text
    assert WEEKS not in text


def test_what_is_right_for_others_is_no_example_in_a_prompt(
    home: Path, model: ScriptedModel, tertulia: Tertulia
) -> None:
    path = home / "some.csv"
    pay = "What does the chair of the board earn?;4,812 euros a month;pay.md;terminal:ana"
    coffee = "Who orders the coffee?;Jorge Luna orders it;cocina.md;everyone"
    weeks = f"{WEEKS};19 weeks;leave.md;terminal:ben"
    path.write_text("\n".join(["question;answer;source;as", pay, coffee, weeks]), "utf-8")
    tertulia("learn", "triage", str(path), "--as", BEN)
    asked = [one for one in model.prompts if WEEKS in str(one[-1]["content"])]
    assert any("Jorge Luna orders it" in json.dumps(one) for one in asked)
    assert not any("4,812" in json.dumps(one) for one in asked)


async def test_two_at_once_do_not_ask_the_same(questions: str) -> None:
    async with App(Settings()) as app:

        async def nothing(_: object) -> None:
            with pytest.raises(Exception, match="triage"):
                await Triage(app, Wish(Path(questions), ANA)).run(lambda _: None)

        await (await app.leases()).alone("triage", nothing)


async def test_what_was_found_before_somebody_stopped_it_is_kept(questions: str) -> None:
    async with App(Settings()) as app:
        triage = Triage(app, Wish(Path(questions), ANA))
        lines: list[str] = []

        def stop_once(line: str) -> None:
            lines.append(line)
            if len(lines) == 1:
                running.cancel()

        running = asyncio.ensure_future(triage.run(stop_once))
        stopped = await running
        assert stopped.is_interrupted
        assert [row.verdict.kind for row in stopped.sheet.rows] == ["fixed"]
        assert lines == ["1 of 2 looked into ..."]
        outcome = await triage.run(lines.append)
    assert [row.verdict.kind for row in outcome.sheet.rows] == ["fixed", "knowledge"]


@pytest.mark.parametrize(
    ("better", "answer", "is_right"),
    [
        ("It is 19 weeks, dear colleague! As I told Ana.", SAYS_WEEKS, True),
        ("It is 19 weeks, dear colleague!", "Parents take 9 weeks of parental leave.", False),
        ("From 9:00 to 17:00, as ever.", "We are open from 9:00 to 17:00.", True),
        ("Jorge Luna orders it [1].", "Jorge Luna orders it every week.", True),
        ("Jorge Luna orders it.", "Marta Ruiz orders it.", False),
    ],
)
def test_of_a_correction_the_numbers_count_and_not_the_words_around_them(
    better: str, answer: str, is_right: bool
) -> None:
    assert all(says(answer, fact) for fact in facts_of(better)) is is_right
