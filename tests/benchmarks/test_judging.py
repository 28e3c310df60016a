"""How the benchmarks judge: a wrong judge would make every figure worthless."""

from knowledge.articles import Chunk
from knowledge.conversations import Citation
from tests.benchmarks.bench_citations import Asked, holds
from tests.benchmarks.bench_reading import f1, normalised
from tests.benchmarks.bench_reading import holds as stands_in
from tests.benchmarks.chart import number, tables
from tests.benchmarks.datasets import READER
from tests.benchmarks.report import judged, spread, table

ASKED = Asked(
    text="What is the deposit of Lumora North?",
    language="en",
    values=(("€12,500", "12.500 €"),),
    gold=frozenset({"lumora-north.md"}),
)


def cited(text: str, page: str = "lumora-north.md") -> Citation:
    """A citation of a chunk with this text."""
    chunk = Chunk("1", f"book:{page}", 0, "Lumora North", text, "es", READER)
    return Citation(1, chunk, text, 1.0)


def test_a_planted_value_holds_in_the_wording_of_the_other_language() -> None:
    there = cited("La fianza es de 12.500 €.")
    assert holds("The deposit is €12,500 [1].", there, ASKED)


def test_a_planted_value_does_not_hold_on_another_page() -> None:
    elsewhere = cited("La fianza es de 12.500 €.", page="lumora-south.md")
    assert not holds("The deposit is €12,500 [1].", elsewhere, ASKED)


def test_a_planted_value_that_the_chunk_does_not_have_does_not_hold() -> None:
    assert not holds("The deposit is €12,500 [1].", cited("La fianza se devuelve."), ASKED)


def test_other_numbers_and_names_must_stand_in_the_chunk() -> None:
    chunk = cited("Opened in 1998 by Ana Solis.")
    assert holds("It was opened in 1998 by Ana Solis [1].", chunk, ASKED)
    assert not holds("It was opened in 1999 by Ana Solis [1].", chunk, ASKED)
    assert not holds("It was opened in 1998 by Eva Solis [1].", chunk, ASKED)


def test_expected_words_are_found_whatever_their_form() -> None:
    said = normalised("They gave up four interceptions in Málaga.")
    assert stands_in(said, normalised("4 interceptions"))
    assert stands_in(said, normalised("málaga"))
    assert not stands_in(said, normalised("interceptions four"))


def test_f1_is_the_harmonic_mean_of_precision_and_recall() -> None:
    assert f1(["a", "b", "c", "d"], ["c", "d", "e", "f"]) == 0.5
    assert f1(["a"], ["b"]) == 0.0


def test_a_goal_that_was_missed_is_marked() -> None:
    assert judged(0.9, at_least=0.95) == ">= 0.95 **short**"
    assert judged(0.96, at_least=0.95) == ">= 0.95"
    assert judged(4, at_most=3, digits=0) == "<= 3 **short**"
    assert judged(4) == ""


def test_tables_that_were_written_can_be_read_for_charts() -> None:
    text = f"## Part\n\n{table(['', 'EN'], [['hybrid', spread([0.9, 0.95, 0.97])]])}"
    (found,) = tables(text)
    assert found.heading == "Part"
    assert found.head == ["", "EN"]
    assert number(found.row("hybrid")[1]) == 0.95
    assert number("1,084 (1,060 to 1,109)") == 1084
    assert number("") == 0
