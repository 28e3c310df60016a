"""Schemas of strangers: what is closed, what is left out, what is put in."""

from typing import Any

import pytest

from pipelines.mcp.results import text_of
from pipelines.mcp.schemas import UnusableSchemaError, usable

TEXT = {"type": "string"}
A = {"type": "object", "properties": {"a": TEXT}}
B = {"type": "object", "properties": {"b": TEXT}}
CLOSED_A, CLOSED_B = ({**one, "additionalProperties": False} for one in (A, B))


def of(**said: Any) -> dict[str, Any]:  # noqa: ANN401 (JSON)
    return usable({"type": "object", **said})


@pytest.mark.parametrize(
    ("said", "made"),
    [
        ({}, {"type": "object", "properties": {}, "additionalProperties": False}),
        (A, CLOSED_A),
        ({**A, "additionalProperties": True}, {**A, "additionalProperties": True}),
        ({**A, "additionalProperties": B}, {**A, "additionalProperties": CLOSED_B}),
    ],
)
def test_what_is_not_named_is_refused(said: dict[str, Any], made: dict[str, Any]) -> None:
    assert of(**said) == made


def test_parts_are_closed_too_where_they_stand_alone() -> None:
    made = of(properties={"one": A, "many": {"type": "array", "items": A}, "or": {"anyOf": [A, B]}})
    assert made["properties"] == {
        "one": CLOSED_A,
        "many": {"type": "array", "items": CLOSED_A},
        "or": {"anyOf": [CLOSED_A, CLOSED_B]},
    }


@pytest.mark.parametrize("together", [{**A, "allOf": [B]}, {**A, "anyOf": [B]}, {**A, "then": B}])
def test_an_object_whose_other_names_stand_elsewhere_is_left_open(
    together: dict[str, Any],
) -> None:
    assert of(properties={"x": together})["properties"]["x"] == A


def test_parts_of_one_object_are_left_open() -> None:
    made = of(properties={"x": {"allOf": [A, B]}})
    assert made["properties"]["x"] == {"allOf": [A, B]}


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({**TEXT, "format": "date"}, {**TEXT, "format": "date"}),
        ({**TEXT, "format": "zipcode"}, TEXT),
        ({**TEXT, "maxLength": 20, "minLength": 1}, {**TEXT, "maxLength": 20, "minLength": 1}),
        ({**TEXT, "maxLength": 100_000}, TEXT),
        ({"oneOf": [TEXT, {"type": "null"}]}, {"anyOf": [TEXT, {"type": "null"}]}),
        ({"type": "array", "items": TEXT, "uniqueItems": True}, {"type": "array", "items": TEXT}),
        ({"type": "array", "contains": TEXT, "prefixItems": [TEXT]}, {"type": "array"}),
        ({**TEXT, "not": {"const": "x"}, "if": {}, "then": {}}, TEXT),
        ({"enum": [{"format": "x"}, None]}, {"enum": [{"format": "x"}, None]}),
    ],
)
def test_only_words_that_every_model_knows_are_kept(
    said: dict[str, Any], kept: dict[str, Any]
) -> None:
    assert of(properties={"x": said})["properties"]["x"] == kept


def test_references_are_put_in_and_keep_what_stands_beside_them() -> None:
    made = of(
        properties={"x": {"$ref": "#/$defs/a~1b", "description": "an a"}},
        **{"$defs": {"a/b": {**A, "title": "A", "default": {}}}},
    )
    assert made["properties"]["x"] == {**CLOSED_A, "description": "an a", "default": {}}
    assert "$defs" not in made


def test_names_of_arguments_are_no_words_of_schemas() -> None:
    named = {"title": TEXT, "default": TEXT, "pattern": TEXT, "$ref": TEXT, "properties": TEXT}
    made = of(properties=named, required=["title"])
    assert made["properties"] == named
    assert made["required"] == ["title"]


def test_expressions_are_left_to_the_server() -> None:
    made = of(properties={"a": {**TEXT, "pattern": "(a+)+$"}}, patternProperties={"(b+)+": TEXT})
    assert made["properties"] == {"a": TEXT}
    assert "patternProperties" not in made


@pytest.mark.parametrize("often", ["9" * 11, "9" * 4500])
def test_an_expression_that_cannot_be_counted_is_refused(often: str) -> None:
    with pytest.raises(UnusableSchemaError, match="no JSON schema"):
        of(properties={"a": {**TEXT, "pattern": f"a{{{often}}}"}})


def test_limits_that_exclude_each_other_are_refused_and_large_ones_left_to_the_server() -> None:
    for limits in ({"minLength": 9, "maxLength": 2}, {"minItems": 9, "maxItems": 2}):
        with pytest.raises(UnusableSchemaError, match="exclude each other"):
            of(properties={"a": {"$ref": "#/$defs/b"}}, **{"$defs": {"b": limits}})
    made = of(properties={"a": {**TEXT, "minLength": 10**9}, "b": {**TEXT, "minLength": 9}})
    assert made["properties"] == {"a": TEXT, "b": {**TEXT, "minLength": 9}}


def test_arguments_that_are_no_object_are_refused() -> None:
    with pytest.raises(UnusableSchemaError, match="no object"):
        usable({"type": "array"})


def text(words: str) -> dict[str, str]:
    return {"type": "text", "text": words}


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ({}, ""),
        ({"content": [text("a"), text("b")]}, "a\nb"),
        ({"content": [text("a")], "structuredContent": {"result": "a"}}, "a"),
        ({"content": [text("[1]")], "structuredContent": {"result": [1]}}, "[1]"),
        ({"content": [text("1"), text("2")], "structuredContent": {"result": [1, 2]}}, "1\n2"),
        ({"content": [text('{"a": 1}')], "structuredContent": {"a": 1}}, '{"a": 1}'),
        ({"content": [text("Found it.")], "structuredContent": {"ñ": 1}}, 'Found it.\n{"ñ": 1}'),
        (
            {"content": [{"type": one} for one in ("image", "audio", "resource", "?")]},
            "(left out: an image, a sound, a resource, another part)",
        ),
    ],
)
def test_a_result_is_its_texts_and_values_and_names_the_rest(
    result: dict[str, Any], words: str
) -> None:
    assert text_of(result) == words
