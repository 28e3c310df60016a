"""Rows that teach to read: what a search really finds, in the prompt that is served, by rights."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from knowledge.articles import Audience, Chunk
from knowledge.conversations import Conversation
from knowledge.learning_examples import Example
from pipelines import personas
from pipelines.answering import PROMPT
from pipelines.learning.reading_rows import REFUSALS, Reading, write
from pipelines.learning.redaction import Redactor
from pipelines.models.catalogue import entry
from pipelines.models.embedded import embedded_chat_model
from pipelines.progress import Watcher
from pipelines.retrieval import Retriever
from pipelines.steps import Prompt, Search, says_nothing
from tests.pipelines.learning.rows import row
from tests.pipelines.small_knowledge import PUBLIC, asked, chunk, pages, reading_closely

ANA = Audience.of("terminal:ana")
SECRET = chunk("Board", "The board has 40 days of paid leave a year.", "en", audience=ANA)
KNOWN = ("Cooperativa", "Guest", "Irene", "Sanz", "Leave", "Wifi", "Kitchen", "Bicicletas")
TOLD = {
    "How many days of paid leave do we have?": ("Leave", "Everybody has 25 days of paid leave."),
    "When is the kitchen cleaned?": ("Kitchen", "The kitchen is cleaned every Friday."),
    "¿Cuánto es la fianza de las bicicletas?": ("Bicicletas", "La fianza es de 35 euros."),
    "¿En cuántos días se pagan los gastos de viaje?": (
        "Gastos de viaje",
        "Los gastos de viaje se pagan en diez días.",
    ),
    "Which network do guests use?": ("Wifi", "Guests use the network Cooperativa-Guest."),
}


@pytest.fixture
async def retriever(tmp_path: Path) -> AsyncIterator[Retriever]:
    async with reading_closely(tmp_path, [*pages(), SECRET]) as found:
        yield found


def reading(retriever: Retriever, *, audience: Audience = PUBLIC) -> Reading:
    """As the smallest model would be asked; it is not started, as nothing is asked of it."""
    model = embedded_chat_model(entry("smollm2-135m"), Path())
    return Reading(retriever, model, personas.load("helpdesk"), Redactor(KNOWN), audience)


def example(question: str, title: str, answer: str, **more: Any) -> Example:  # noqa: ANN401
    (gold,) = (one for one in [*pages(), SECRET] if one.title == title)
    return of_chunk(question, gold, answer, **more)


def of_chunk(question: str, gold: Chunk, answer: str, **more: Any) -> Example:  # noqa: ANN401
    found = row(f"E-{question}", question, answer, **more)
    passages = [{"chunk": gold.id, "article": gold.article, "version": gold.text_hash}]
    return replace(found, provenance={"passages": passages})


def examples() -> list[Example]:
    return [example(question, *told) for question, told in TOLD.items()]


def reply(built: dict[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(built["messages"][-1]["content"])
    return said


async def served(retriever: Retriever, one: Example) -> list[dict[str, str | None]]:
    """The prompt that whoever asks this sends to the model."""
    made = reading(retriever)
    conversation: Conversation = asked(one.question)
    evidence = (await Search(retriever, made.model).run_async(conversation, Watcher(None)))[
        "evidence"
    ]
    messages = Prompt(PROMPT, made.persona).run(evidence=[evidence])["messages"]
    return [{"role": m.role.value, "content": m.text} for m in messages]


async def test_a_row_is_the_prompt_that_is_served_with_the_passages_that_are_found(
    retriever: Retriever,
) -> None:
    one = examples()[0]
    built = await reading(retriever).built([one])
    (found,) = built.rows
    assert found["messages"][:-1] == await served(retriever, one)
    assert reply(found)["answer"] == "Everybody has 25 days of paid leave."
    (source,) = reply(found)["sources"]
    prompt = found["messages"][-2]["content"]
    assert f"[{source}] Leave" in prompt
    assert found["gold"]
    assert found["example"] == one.id


async def test_every_fifth_row_has_no_gold_and_refuses_in_the_language_of_who_asks(
    retriever: Retriever,
) -> None:
    many = [replace(one, id=f"{one.id}-{n}") for n in range(4) for one in examples()]
    built = await reading(retriever).built(many)
    assert not built.left_out
    refused = [one for one in built.rows if not one["gold"]]
    assert len(refused) == 4
    for one in refused:
        question = one["example"].removeprefix("E-").rpartition("-")[0]
        title, answer = TOLD[question]
        language = "es" if question.startswith("¿") else "en"
        assert reply(one) == {"answer": REFUSALS[language], "sources": []}
        passages = one["messages"][-2]["content"]
        assert "[1] " in passages
        assert answer not in passages
        assert f"] {title}\n" not in passages


def test_the_step_behind_the_model_knows_both_refusals() -> None:
    assert all(says_nothing(refusal) for refusal in REFUSALS.values())


async def test_the_same_seed_gives_the_same_rows(retriever: Retriever) -> None:
    made = reading(retriever)
    first, second = await made.built(examples(), seed=3), await made.built(examples(), seed=3)
    assert first.rows == second.rows
    assert len(first.rows) == 5


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (example("How many days of leave?", "Leave", "Everybody has 99 days."), "not-held"),
        (example("Who is [PERSON_1]?", "Leave", "Everybody has 25 days."), "placeholders"),
        (example("How many days has the board?", "Board", "It has 40 days of leave."), "not-held"),
    ],
)
async def test_what_the_passages_do_not_hold_for_these_readers_is_not_taught(
    one: Example, why: str, retriever: Retriever
) -> None:
    built = await reading(retriever).built([one])
    assert built.rows == []
    assert set(built.left_out) <= {why, "nothing-found"}
    assert sum(built.left_out.values()) == 1


async def test_what_only_some_may_read_is_in_rows_for_them_alone(retriever: Retriever) -> None:
    one = example("How many days of paid leave has the board?", "Board", "It has 40 days.")
    theirs = reading(retriever, audience=Audience(PUBLIC.principals | ANA.principals))
    assert "40 days" in json.dumps((await theirs.built([one])).rows)
    assert "40 days" not in json.dumps((await reading(retriever).built([one])).rows)


async def test_an_approved_refusal_is_learnt_with_what_was_found(retriever: Retriever) -> None:
    one = replace(row("E-1", "What does a parking space cost?", "I do not know."), kind="refusal")
    built = await reading(retriever).built([one])
    assert built.left_out or reply(built.rows[0])["answer"] == REFUSALS["en"]


async def test_personal_data_of_passages_stays_out(tmp_path: Path) -> None:
    gold = chunk(
        "Garden", "The garden opens at 9:00. Write to wendeline@quodlibet.example first.", "en"
    )
    async with reading_closely(tmp_path, [*pages(), gold]) as retriever:
        one = of_chunk("When does the garden open?", gold, "The garden opens at 9:00.")
        (found,) = (await reading(retriever).built([one])).rows
    assert "quodlibet" not in json.dumps(found)
    assert "[EMAIL_1]" in found["messages"][-2]["content"]


def test_rows_are_written_a_line_each(tmp_path: Path) -> None:
    rows: Sequence[dict[str, Any]] = [{"messages": [], "gold": True}, {"gold": False}]
    write(rows, tmp_path / "rows.jsonl")
    lines = (tmp_path / "rows.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == rows
