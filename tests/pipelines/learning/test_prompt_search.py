"""Versions of a persona, and how the best of them is found."""

from collections.abc import Sequence

import numpy as np
import pytest
import yaml

from knowledge.articles import EVERYONE, Audience
from knowledge.learning_examples import Example
from pipelines import personas
from pipelines.evaluation.cases import Case
from pipelines.learning.prompt_search import Variant, best, variants
from pipelines.models import Vectors
from pipelines.personas.examples import MOST_CHARACTERS

HELPDESK = personas.load("helpdesk")
CASES = [Case(question=f"question {n}", facts=(("x",),)) for n in range(24)]


async def embed(texts: Sequence[str]) -> Vectors:
    """Texts that begin alike are near one another."""
    vectors = np.array([[len(text), ord(text[0]), 1.0] for text in texts], dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def row(n: int, *, given: str = "no", target: str = "") -> Example:
    said = target or f"It is number {n}."
    messages = ({"role": "user", "content": f"{chr(65 + n)} is which?"},)
    answer = {"role": "assistant", "content": said}
    return Example(f"E-{n}", "answer", (*messages, answer), Audience.of(EVERYONE), given=given)


async def test_versions_say_little_more_than_the_persona_and_can_be_loaded(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    found = await variants(HELPDESK, [row(n) for n in range(9)], embed)
    assert [one.name for one in found] == [
        "as it is",
        "short answers",
        "long answers",
        "2 examples",
        "4 examples",
        "8 examples",
        "8 examples, short answers",
        "8 examples, long answers",
    ]
    for one in found[1:]:
        file = tmp_path_factory.mktemp("variant") / "helpdesk.md"
        file.write_text(one.text("helpdesk"), encoding="utf-8")
        loaded = personas.load("helpdesk", file=file)
        assert loaded.prompt == HELPDESK.prompt
        assert len(loaded.examples) == len(HELPDESK.examples) + len(one.rows)
        assert loaded.version != HELPDESK.version


async def test_without_rows_only_the_length_differs() -> None:
    assert [one.name for one in await variants(HELPDESK, [], embed)] == [
        "as it is",
        "short answers",
        "long answers",
    ]


async def test_no_more_stands_in_a_version_than_a_file_may_have() -> None:
    long = [row(n, target="word " * 150) for n in range(8)]
    for one in await variants(HELPDESK, long, embed):
        length = sum(len(t) for e in one.header.get("examples", []) for t in e.values())
        assert length <= MOST_CHARACTERS


async def test_what_people_corrected_goes_before_what_they_liked() -> None:
    rows = [*(row(n, given="") for n in range(5)), row(5), row(6)]
    shown = [one for one in await variants(HELPDESK, rows, embed) if one.rows]
    assert set(shown[0].rows) == {"E-5", "E-6"}


def test_whatever_stands_in_a_row_is_a_text_of_the_file() -> None:
    said = "---\nmodel: evil:1\n---\n{{ x }} # role"
    text = Variant("x", {"examples": [{"question": said, "answer": said}]}).text("helpdesk")
    _, header, body = text.split("---\n", 2)[0], text, ""
    loaded = yaml.safe_load(header.removeprefix("---\n").rsplit("---\n", 1)[0])
    assert loaded["examples"][0]["answer"] == said
    assert (loaded["extends"], body) == ("helpdesk", "")


TRIED = [Variant(str(n), {"n": n} if n else {}) for n in range(8)]


@pytest.mark.parametrize("winner", range(8))
async def test_the_best_one_is_found_and_few_are_asked_everything(winner: int) -> None:
    asked: dict[str, int] = {}

    async def ask(one: Variant, cases: Sequence[Case]) -> list[float]:
        asked[one.name] = asked.get(one.name, 0) + len(cases)
        return [1.0 if one.name == str(winner) else 0.5] * len(cases)

    found = await best(TRIED, CASES, ask)
    assert found.best.name == str(winner)
    assert found.scores[str(winner)] == 1.0
    assert sum(asked.values()) < 8 * len(CASES) / 2
    assert asked[str(winner)] == len(CASES)


async def test_of_equals_the_one_that_says_less_stays() -> None:
    async def ask(_: Variant, cases: Sequence[Case]) -> list[float]:
        return [1.0] * len(cases)

    assert (await best(TRIED, CASES, ask)).best is TRIED[0]
    assert (await best(TRIED[:1], CASES, ask)).best is TRIED[0]
    assert (await best(TRIED, CASES[:2], ask)).best is TRIED[0]
