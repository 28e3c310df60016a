"""Whether the judge of answers is right: a wrong one would make every figure worthless."""

from dataclasses import replace

import pytest

from knowledge.articles import EVERYONE, Audience, Chunk
from knowledge.conversations import Answer, ChunkUse, Citation, Receipt
from pipelines.evaluation.cases import Case
from pipelines.evaluation.judging import held, in_right_language, is_source, ranks, says
from pipelines.evaluation.results import Pages, Result, of_answer, of_failure, of_search
from pipelines.personas.voice import Voice

READER = Audience.of(EVERYONE)
LEAVE = "Everybody has 25 days of paid leave a year. Ask Marta Ruiz for it."


def chunk(text: str = LEAVE, *, audience: Audience = READER) -> Chunk:
    return Chunk(
        "1", "handbook:people/leave.md", 0, "Leave", text, "en", audience, url="https://h/leave"
    )


def answer(text: str, quote: str = LEAVE[:43], *, page: Chunk | None = None) -> Answer:
    """An answer that cites one chunk."""
    cited = page or chunk()
    uses = tuple(
        ChunkUse(article, n, 0.5, n == 0)
        for n, article in enumerate((cited.article, "handbook:wifi.md", cited.article))
    )
    receipt = Receipt("helpdesk", "1", "m", chunks=uses, tokens={"prompt": 80, "answer": 9})
    return Answer("T-1", text, "en", (Citation(1, cited, quote, 1.0),), receipt)


REFUSED = replace(answer(""), citations=(), abstained=True, reason="i-do-not-know")
SAID = "Everybody has 25 days of paid leave a year [1]."


@pytest.mark.parametrize(
    ("text", "wordings"),
    [
        ("You have 25 days.", ("25 days",)),
        ("Son 25 días hábiles.", ("25 days", "25 DIAS")),
        ("Ask Marta  Ruiz.", ("marta ruiz",)),
        ("It costs €12,500 a year.", ("12.500",)),
        ("It costs 12.500 € a year.", ("€12,500",)),
        ("The lease ends on March 4, 2027.", ("4 de marzo de 2027", "4 March 2027")),
        ("The deposit for a drill is 40 euros.", ("a drill has a deposit of 40 euros",)),
        ("Dogs are welcome. Cats must not come in.", ("All dogs are welcome here",)),
        ("It is E-1432.", ("E-1432",)),
    ],
)
def test_a_fact_is_stated_in_any_of_its_wordings(text: str, wordings: tuple[str, ...]) -> None:
    assert says(text, wordings)


@pytest.mark.parametrize(
    ("text", "wordings"),
    [
        ("You have 250 days.", ("25 days",)),
        ("You have days.", ("25 days",)),
        ("Ask Marta Luna.", ("Marta Ruiz",)),
        ("It is E-1433.", ("E-1432",)),
        ("Dogs are not allowed in the kitchen.", ("Dogs are allowed in the kitchen",)),
        ("Bring 40 euros.", ("a drill has a deposit of 40 euros",)),
        ("", ("25 days",)),
        ("Anything.", ("...",)),
    ],
)
def test_what_is_not_said_is_not_counted(text: str, wordings: tuple[str, ...]) -> None:
    assert not says(text, wordings)


@pytest.mark.parametrize(
    "wanted",
    [
        "handbook:people/leave.md",
        "people/leave.md",
        "leave.md",
        "https://h/leave",
        "https://h/leave/",
    ],
)
def test_a_source_is_named_by_id_path_name_or_address(wanted: str) -> None:
    assert is_source(wanted, "handbook:people/leave.md", "https://h/leave")


@pytest.mark.parametrize("wanted", ["eave.md", "people", "other:people/leave.md", "", "https://h"])
def test_other_names_are_other_sources(wanted: str) -> None:
    assert not is_source(wanted, "handbook:people/leave.md", "https://h/leave")


def test_each_source_has_the_rank_of_its_own_page() -> None:
    pages = [("h:a.md", ""), ("h:b/x.md", ""), ("h:c/x.md", "")]
    assert ranks(["x.md", "x.md", "none.md"], pages) == [1, 2]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (answer(SAID), [True]),
        (answer("Everybody has 26 days of paid leave a year [1]."), [False]),
        (answer("Ask Pedro Ruiz for the leave [1]."), [False]),
        (answer("Everybody has 25 days [2]."), [False]),
        (answer("Everybody has 25 days. Ask for it [1]."), [False, True]),
        (answer(SAID, "Everybody has 26 days"), [False]),
        (answer(SAID, page=chunk(audience=Audience.of("terminal:ana"))), [False]),
    ],
)
def test_a_citation_holds_where_its_chunk_says_it_and_its_reader_may_open_it(
    given: Answer, expected: list[bool]
) -> None:
    assert held(given, "How many days?", READER) == expected


def test_what_was_asked_need_not_stand_in_the_chunk() -> None:
    said = answer("In 2031 Zoe has 25 days of leave [1].")
    assert held(said, "How many days has Zoe in 2031?", READER) == [True]


@pytest.mark.parametrize(
    ("text", "question", "language", "is_right"),
    [
        (SAID, "How many days?", "", True),
        (SAID, "¿Cuántos días de vacaciones tengo?", "", False),
        (SAID, "¿Cuántos días de vacaciones tengo?", "en", True),
        (
            "Cada persona tiene 25 días de vacaciones y los pide en marzo [1].",
            "How many?",
            "",
            False,
        ),
        ("Tejo-5G [1].", "¿Cuál es la red?", "", True),
    ],
)
def test_the_language_is_that_of_the_question_unless_another_is_wanted(
    text: str, question: str, language: str, is_right: bool
) -> None:
    assert in_right_language(text, question, language) is is_right


CASE = Case(question="How many days?", facts=(("25 days",),), sources=("leave.md",))


def test_a_right_answer_gets_every_score() -> None:
    result = of_answer(CASE, answer(SAID), reader=READER, seconds=2.5)
    assert result.scores == {
        "hit_at_1": 1.0,
        "ndcg_at_10": 1.0,
        "citations_hold": 1.0,
        "language": 1.0,
        "seconds": 2.5,
        "failed": 0.0,
        "tokens_prompt": 80.0,
        "tokens_answer": 9.0,
        "false_refusals": 0.0,
        "facts": 1.0,
        "sources": 1.0,
        "right": 1.0,
    }
    assert result.found == ("handbook:people/leave.md", "handbook:wifi.md")
    assert result.cited == ("handbook:people/leave.md",)
    assert Result.from_json(result.as_json() | {"of_later": 1}) == result


def test_a_fact_that_is_missing_is_named() -> None:
    case = replace(CASE, facts=(("25 days",), ("two weeks", "14 days")))
    result = of_answer(case, answer(SAID), reader=READER, seconds=1)
    assert (result.scores["facts"], result.scores["right"]) == (0.5, 0.0)
    assert result.missing == ("two weeks",)


def test_an_answer_withheld_is_no_right_answer_and_a_refusal_where_one_is_due() -> None:
    result = of_answer(CASE, REFUSED, reader=READER, seconds=1)
    assert (result.scores["right"], result.scores["false_refusals"]) == (0.0, 1.0)
    assert "language" not in result.scores
    due = Case(question="Who?", is_refused=True)
    assert of_answer(due, REFUSED, reader=READER, seconds=1).scores["right"] == 1.0
    assert of_answer(due, answer(SAID), reader=READER, seconds=1).scores["refusals"] == 0.0


def test_a_question_without_expectations_gets_scores_of_manners_only() -> None:
    scores = of_answer(Case(question="Who?"), answer(SAID), reader=READER, seconds=1).scores
    assert "right" not in scores
    assert scores["citations_hold"] == 1.0


@pytest.mark.parametrize(
    ("case", "scores"),
    [
        (CASE, {"failed": 1.0, "right": 0.0, "facts": 0.0, "sources": 0.0}),
        (Case(question="Who?", is_refused=True), {"failed": 1.0, "right": 0.0, "refusals": 0.0}),
        (Case(question="Who?"), {"failed": 1.0}),
    ],
)
def test_a_failure_is_right_in_nothing(case: Case, scores: dict[str, float]) -> None:
    result = of_failure(case, "deadline", 9.5)
    assert (result.scores, result.error) == (scores | {"seconds": 9.5}, "deadline")


def test_a_search_is_measured_by_the_place_of_its_pages() -> None:
    pages = Pages({"h:a.md": "", "h:leave.md": ""})
    result = of_search(CASE, pages, 0.1)
    assert result.scores["hit_at_1"] == 0.0
    assert round(result.scores["ndcg_at_10"], 3) == 0.631
    assert of_search(Case(question="Who?"), pages, 0.1).scores == {"seconds": 0.1}
    deep = Pages({f"h:{n}.md": "" for n in range(10)} | {"h:leave.md": ""})
    assert of_search(CASE, deep, 0.1).scores["ndcg_at_10"] == 0.0


def test_an_answer_is_in_the_voice_of_its_persona_or_not() -> None:
    usted = Voice(es="usted")

    def voice(text: str, wanted: Voice = usted) -> float | None:
        said = replace(answer(text), language="es")
        result = of_answer(CASE, said, reader=READER, seconds=1, voice=wanted)
        return result.scores.get("voice")

    assert voice("Usted tiene 25 días [1].") == 1.0
    assert voice("Tienes 25 días [1].") == 0.0
    assert voice("Tienes 25 días [1].", Voice()) is None
    refused = of_answer(CASE, REFUSED, reader=READER, seconds=1, voice=usted)
    assert "voice" not in refused.scores


def test_small_talk_rests_on_nothing_and_needs_no_citation() -> None:
    hello = replace(answer("Hello! How are you?"), citations=(), receipt=Receipt("host", "1", "m"))
    assert "citations_hold" not in of_answer(CASE, hello, reader=READER, seconds=1).scores
