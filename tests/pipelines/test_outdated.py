from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from knowledge.articles import Chunk
from pipelines.outdated import Name, after_successors, named
from pipelines.ranking import Candidate
from pipelines.sketching import sketch_waiting
from tests.pipelines.small_knowledge import PUBLIC, asked, open_index

TEXT = "When the alarm sounds the warden rings 999. The assembly point is the car park."


def page(
    path: str, title: str, *, changed: int = 2026, text: str = TEXT, position: int = 0
) -> Chunk:
    """A chunk of a page that was last changed in January of a year."""
    return Chunk(
        id=f"handbook:{path}#{position}",
        article=f"handbook:{path}",
        position=position,
        title=title,
        text=text,
        language="en",
        audience=PUBLIC,
        updated_at=datetime(changed, 1, 1, tzinfo=UTC),
    )


def order(question: str, chunks: Sequence[Chunk]) -> list[str]:
    """The paths in the order that they get, when they were found in the given one."""
    found = [
        Candidate(chunk, True, True, cosine=0.9, score=0.1 - n / 1000)
        for n, chunk in enumerate(chunks)
    ]
    done = after_successors(question, found)
    assert sorted(map(id, done)) == sorted(map(id, found))
    return [one.chunk.article.partition(":")[2] for one in done]


PAIRS = [
    (page("fire-and-evacuation-2022.md", "Fire plan 2022"), page("fire-plan.md", "Fire plan")),
    (page("boarding-2023.md", "Boarding, terms of 2023"), page("boarding.md", "Boarding")),
    (page("expenses-2023.md", "Expenses"), page("expenses.md", "Expenses")),
    (page("w21.md", "Warranty conditions of 2021"), page("w24.md", "Warranty conditions 2024")),
    (page("archive/leave.md", "Leave"), page("leave.md", "Leave")),
    (page("2023/leave.md", "Leave"), page("2024/leave.md", "Leave")),
    (page("manual-v1.2.md", "Manual"), page("manual-v1.10.md", "Manual")),
    (page("n1.md", "Normas de uso (anterior)"), page("n2.md", "Normas de uso")),
    (page("tarifas.md", "Tarifas antiguas"), page("tarifas-nuevas.md", "Tarifas")),
    (page("g.md", "Gastos de viaje"), page("h.md", "Nuevos gastos de viaje")),
    (page("plan-2022.md", "Plan de emergencia de 2022"), page("p.md", "Plan de emergencia")),
    (page("holidays.md", "Holidays", changed=2025), page("holidays-2026.md", "Holidays 2026")),
    (page("wifi.md", "Wifi", changed=2024), page("wifi copy.md", "Wifi")),
]


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_an_old_version_comes_after_its_successor(old: Chunk, new: Chunk) -> None:
    last = new.article.partition(":")[2]
    for question in ("Where do we meet?", "¿Dónde nos encontramos?"):
        assert order(question, [old, new])[0] == last
        assert order(question, [new, old])[0] == last


STRANGERS = [
    (page("holidays-2026.md", "Holidays 2026"), page("kitchen.md", "Kitchen")),
    (page("acta-abril-2026.md", "Acta de abril de 2026"), page("acta-mayo.md", "Acta de mayo")),
    (page("north/prices-2022.md", "Prices 2022"), page("south/prices.md", "Prices")),
    (page("leave-2026.md", "Leave 2026"), page("leave.md", "Leave", changed=2026)),
    (page("leave-2026.md", "Leave 2026"), page("leave-b.md", "Leave 2026")),
    (page("a.md", "Notes", changed=2024), page("b.md", "Notes", text="Quite another thing.")),
    (page("2021.md", "2021"), page("2022.md", "2022")),
]


@pytest.mark.parametrize(("first", "second"), STRANGERS)
def test_pages_that_are_no_versions_of_one_thing_keep_their_order(
    first: Chunk, second: Chunk
) -> None:
    for pair in ([first, second], [second, first]):
        assert order("Where do we meet?", pair) == [c.article.partition(":")[2] for c in pair]


def test_pages_without_a_date_keep_their_order() -> None:
    some = [Chunk(f"h:{n}#0", f"h:{n}", 0, "Wifi", TEXT, "en", PUBLIC) for n in "ab"]
    assert order("wifi", some) == ["a", "b"]


@pytest.mark.parametrize(
    "question",
    [
        "In the old 2022 plan, where did we meet?",
        "Where was the meeting point before?",
        "What was the former rule?",
        "What did we do in 2022?",
        "Where did one meet before 2024?",
        "¿Cuál era el punto de encuentro antes?",
        "¿Qué decía el plan anterior?",
        "¿Y en el antiguo?",
        "según el plan de 2022, ¿dónde nos vemos?",
    ],
)
def test_whoever_asks_for_the_old_rules_gets_them(question: str) -> None:
    old, new = PAIRS[0]
    assert order(question, [old, new])[0] == "fire-and-evacuation-2022.md"


@pytest.mark.parametrize(
    "question",
    [
        "How old must a guest be?",
        "How many days before is that still free?",
        "Si anulo cuatro días antes, ¿qué pasa?",
        "Where do we meet in 2026?",
        "Is a child of five years old allowed?",
    ],
)
def test_little_words_and_other_years_do_not_ask_for_the_old_rules(question: str) -> None:
    old, new = PAIRS[0]
    assert order(question, [old, new])[0] == "fire-plan.md"


def test_a_version_that_is_named_is_not_put_back() -> None:
    old, new = PAIRS[6]
    assert order("what does v1.2 of the manual say?", [old, new])[0] == "manual-v1.2.md"


def test_each_piece_of_an_old_page_comes_after_the_piece_that_replaces_it() -> None:
    fee = "A dog pays nine pounds a night and its food is brought by the owner."
    chunks = [
        page("dogs-2020.md", "Dogs 2020", text=fee, position=1),
        page("dogs.md", "Dogs"),
        page("cats.md", "Cats"),
        page("dogs.md", "Dogs", text=fee.replace("nine", "twelve"), position=1),
        page("dogs-2020.md", "Dogs 2020"),
    ]
    found = [
        Candidate(chunk, True, True, cosine=0.9, score=0.1 - n / 1000)
        for n, chunk in enumerate(chunks)
    ]
    done = after_successors("what does a dog pay?", found)
    assert [c.chunk.id.partition(":")[2] for c in done] == [
        "dogs.md#0",
        "cats.md#0",
        "dogs.md#1",
        "dogs-2020.md#0",
        "dogs-2020.md#1",
    ]


def test_three_versions_come_newest_first() -> None:
    years = [page(f"fees-{year}.md", f"Fees {year}") for year in (2021, 2023, 2022)]
    assert order("fees", years) == ["fees-2023.md", "fees-2022.md", "fees-2021.md"]


def test_an_old_page_is_not_compared_with_what_has_no_vector_yet() -> None:
    old, new = PAIRS[0]
    found = [
        Candidate(old, True, True, cosine=0.9, score=0.1),
        Candidate(new, True, False, score=-0.9),
    ]
    assert after_successors("where?", found) == found


def test_a_name_is_read_as_a_subject_and_a_version() -> None:
    assert named("Boarding, terms of 2023") == Name(("boarding",), 2023, (), 0)
    assert named("Política de gastos (antigua), versión 2.1") == Name(
        ("politica", "gastos"), None, (2, 1), -1
    )
    assert named("expenses_v3-new") == Name(("expenses",), None, (3,), 1)


@pytest.mark.parametrize("question", ["Where do we assemble?", "¿Dónde nos reunimos si hay fuego?"])
async def test_a_search_gives_the_plan_in_force_first(tmp_path: Path, question: str) -> None:
    old, _ = PAIRS[0]
    async with open_index(tmp_path) as index:
        await index.add([old, page("fire-plan.md", "Fire plan", text=TEXT + " Ring Gwilym, too.")])
        await sketch_waiting(index.store, index.words)
        await index.embed_all()
        found = await index.retriever.retrieve(asked(question))
        assert [one.chunk.title for one in found.chunks] == ["Fire plan", "Fire plan 2022"]
        found = await index.retriever.retrieve(asked(f"2022: {question}"))
        assert found.chunks[0].chunk.title == "Fire plan 2022"
