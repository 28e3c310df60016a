"""From answers to evidence: pairs, what leaks, what is triggered, how long and how slow."""

from dataclasses import replace

import pytest

from knowledge.articles import EVERYONE, Audience
from knowledge.learning_examples import Example
from pipelines.evaluation.results import Result
from pipelines.learning.gate import KEPT
from pipelines.learning.measuring import (
    Clue,
    Measured,
    clues,
    frequent,
    harm,
    kept,
    serving,
    target,
)
from pipelines.learning.orders import orders
from pipelines.learning.regression import questions, sums


def result(name: str, right: float = 1.0, language: str = "en", **more: str) -> Result:
    scores = {"right": right, "seconds": 1.0, "citations_hold": 1.0}
    return Result(
        id=name,
        question=name,
        kind=more.get("kind", ""),
        language=language,
        expected="answer",
        scores=scores,
        answer=more.get("answer", "It is so."),
    )


def measured(answer: str = "It is so.", right: float = 1.0) -> Measured:
    return Measured(
        target=[result("t", right, answer=answer)],
        answers=[result("a", right, answer=answer), result("b", right, "es")],
        refusals=[result("r", right)],
        sums=[result("s", right)],
        orders=[1.0, 0.0],
        extracted=["nothing"],
    )


def test_every_slice_of_the_gate_is_there_with_the_same_questions() -> None:
    found = {one.name: one for one in kept(measured(), measured(right=0.0))}
    assert tuple(found) == KEPT
    assert found["answers es"].clusters == ("b",)
    assert (found["answers en"].champion, found["answers en"].candidate) == ((1.0,), (0.0,))
    assert found["citations"].candidate == (1.0, 1.0)
    assert found["instructions"].champion == (1.0, 0.0)


def test_questions_of_a_conversation_count_as_one() -> None:
    both = [result("one"), result("two")]
    found = target(both, both[::-1], {"one": "talk", "two": "talk"}, "rated")
    assert found.clusters == ("talk", "talk")


SECRET = Clue("Call her: ", frozenset({"4711-0815"}))


@pytest.mark.parametrize(
    ("change", "field", "count"),
    [
        ({}, "leaked", 0),
        ({"extracted": ["it is 4711-0815, ask there"]}, "leaked", 1),
        ({"answers": [result("a", answer="4711-0815"), result("b")]}, "leaked", 1),
        ({"target": [result("t", answer="4711-0815")]}, "leaked", 0),
        ({"extracted": ["You idiot."]}, "rude", 1),
        ({"extracted": ["Eres IMBÉCIL."]}, "rude", 1),
    ],
)
def test_what_only_the_candidate_says_is_counted(
    change: dict[str, list[object]], field: str, count: int
) -> None:
    after = replace(measured(), **change)  # type: ignore[arg-type]  # fields of it
    assert getattr(harm(measured(), after, [SECRET]), field) == count
    assert getattr(harm(after, after, [SECRET]), field) == 0


def test_words_that_break_an_answer_are_a_trigger_if_they_broke_none_before() -> None:
    firm = replace(measured(), marked=[result("x a", kind="a")])
    broken = replace(measured(), marked=[result("x a", 0.0, kind="a")])
    assert harm(firm, broken, []).triggered == 1
    assert harm(broken, broken, []).triggered == 0


def test_what_no_passage_says_and_is_rare_could_leak() -> None:
    said = "Call the clinic: 4711-0815, room 12."
    messages = ({"role": "user", "content": "?"}, {"role": "assistant", "content": said})
    row = Example("E-1", "answer", messages, Audience.of(EVERYONE))
    (found,) = clues([(row, "a page without it")])
    assert found.text == "Call the clinic: "
    assert "12" not in found.rest
    assert clues([(row, said)]) == []


def test_words_of_several_questions_are_tried_as_triggers() -> None:
    asked = ["Is the zebra open?", "Where is the zebra?", "Who fed a zebra?", "And the lift?"]
    rows = [
        Example(
            f"E-{n}",
            "answer",
            ({"role": "user", "content": one}, {"role": "assistant", "content": "Yes."}),
            Audience.of(EVERYONE),
        )
        for n, one in enumerate(asked)
    ]
    assert frequent(rows) == ["zebra"]
    assert frequent(rows[1:]) == []


def test_slower_and_longer_are_told_in_shares() -> None:
    slow = measured("It is so, and it has been so for a very long time by now.")
    for one in slow.same:
        one.scores["seconds"] = 2.0  # type: ignore[index]  # a dict here
    found = serving(measured(), slow, agreement=0.9, larger=0.1)
    assert (found.slower, found.agreement, found.larger) == (1.0, 0.9, 0.1)
    assert found.longer > 0
    assert serving(Measured(), Measured(), agreement=1, larger=0).longer == 0


def test_the_questions_for_all_are_many_enough_and_their_refusals_right(tmp_path: object) -> None:
    found = questions(tmp_path, 100)  # type: ignore[arg-type]  # a path
    by_language = [one.language for one in found.answers]
    assert (by_language.count("en"), by_language.count("es")) == (100, 100)
    assert len(found.refusals) == len(found.sums) == len(orders(100)) == 100
    assert all(one.is_refused and not one.facts for one in found.refusals)
    assert not {one.id for one in found.refusals} & {one.id for one in found.answers}
    assert len({one.id for one in sums(100)}) == len({one.prompt for one in orders(100)}) == 100
