"""docs/mcp.md: its server, its table, its commands and its persona, run as a reader would."""

import json
import re
import shlex
from pathlib import Path

import pytest

from bot.tool_servers import ToolServer
from tests.bot.team import ROOT, Tertulia, write
from tests.fakes.scripted_model import ScriptedModel, writing

PAGE = (ROOT / "docs/mcp.md").read_text(encoding="utf-8")


def block(kind: str) -> str:
    (found,) = re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    return str(found)


@pytest.fixture
def team(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A team that has done what the page says, up to the commands."""
    write(home, {"stock.py": block("python")})
    with (home / "tertulia.toml").open("a") as file:
        file.write("\n" + block("toml"))
    monkeypatch.setenv("PATH", str(home))  # who calls .venv/bin/tertulia has no python there
    write(home / "more/personas", {"seller.md": block("markdown")})
    monkeypatch.setenv("EXTENSIONS_DIR", str(home / "more"))
    return home


def test_what_the_page_shows_works(team: Path, tertulia: Tertulia, model: ScriptedModel) -> None:
    commands = [line.removeprefix("tertulia ") for line in block("console").splitlines()]
    listed, read = (tertulia(*shlex.split(line)) for line in commands[:2])
    (last,) = re.findall(r"tertulia (tools approve .*)", read.err)
    assert re.fullmatch(commands[2].replace("FINGERPRINT", r"\w{32}"), last)
    approved = tertulia(*shlex.split(last))
    assert re.search(r"stock_count_lamps +read +not approved +MCP server stock", listed.out)
    assert re.search(r"stock_order_lamps +write +not approved", listed.out)
    assert "How many lamps are in stock at a place." in read.out
    assert read.out == approved.out
    arguments = {"place": "Averley"}
    call = {"calls": [{"tool": "stock_count_lamps", "arguments": arguments}]}
    model.reply_to["\nResults:"] = writing('{"calls": []}')
    model.reply_to["Tools:\n"] = writing(json.dumps(call))
    model.answer = "Averley has 17 lamps in stock."
    question = "How many lamps are in stock in Averley?"
    assert f'"{question}" --persona seller' in PAGE
    said = tertulia("ask", question, "--persona", "seller", "--json").value
    assert said["answer"] == "Averley has 17 lamps in stock [1]."
    (used,) = said["receipt"]["tools"]
    assert (used["call"], used["outcome"]) == ('stock_count_lamps(place="Averley")', "done")


def test_every_key_of_a_table_is_on_the_page() -> None:
    table = PAGE.split("## What a table may say", 1)[1].split("## ", 1)[0]
    assert set(ToolServer.model_fields) == set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))
