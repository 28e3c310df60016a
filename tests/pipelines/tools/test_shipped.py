"""Every tool that ships says what it is, and takes nothing that it does not name."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pipelines.choosers.signatures import signature
from pipelines.tool import MOST_DESCRIBED, Tool
from pipelines.tool_files import all_tools

TOOLS = list(all_tools().values())


def objects(part: Any) -> list[dict[str, Any]]:  # noqa: ANN401 (JSON)
    """Every schema of an object in a schema."""
    if isinstance(part, list):
        return [found for one in part for found in objects(one)]
    if not isinstance(part, dict):
        return []
    own = [part] if part.get("type") == "object" else []
    return own + [found for one in part.values() for found in objects(one)]


@pytest.mark.parametrize("one", TOOLS, ids=lambda one: one.name)
def test_it_can_be_offered_to_a_model(one: Tool) -> None:
    assert 20 <= len(one.description) <= MOST_DESCRIBED
    assert signature(one).startswith(f"{one.name}(")
    Draft202012Validator.check_schema(one.parameters)
    assert all(part["additionalProperties"] is False for part in objects(one.parameters))
    assert one.takes_caller not in one.parameters["properties"]


@pytest.mark.parametrize("one", TOOLS, ids=lambda one: one.name)
def test_every_parameter_says_what_it_is_for(one: Tool) -> None:
    for name, said in one.parameters["properties"].items():
        assert said.get("description"), name
        assert {"type", "anyOf", "enum", "$ref"} & set(said), name
