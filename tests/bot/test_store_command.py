"""`tertulia store`, and all commands on Elasticsearch: one setting changes where all is kept."""

import asyncio
import re
from pathlib import Path

import pytest

from bot.app import App
from bot.settings import Settings
from knowledge.stores.elastic import Elastic
from tests.bot.team import PRIVATE, Tertulia, in_a_process, write
from tests.fakes.scripted_model import ScriptedModel


def test_a_team_on_elasticsearch_asks_and_refreshes_as_on_files(
    on_server: str, pages: Path, model: ScriptedModel, tertulia: Tertulia, tmp_path: Path
) -> None:
    board = write(tmp_path / "board", PRIVATE)
    assert tertulia("source", "add", "team", "files", "--path", str(pages)).code == 0
    private = ("source", "add", "board", "files", "--path", str(board))
    assert tertulia(*private, "--audience", "terminal:ana").code == 0
    refreshed = tertulia("refresh", "--wait", "--json").value["sources"]
    assert [(one["found"], one["indexed"], one["failed"]) for one in refreshed] == [
        (5, 5, []),
        (1, 1, []),
    ]
    model.answer = "Parents take 19 weeks of parental leave."
    value = tertulia("ask", "How many weeks of parental leave are there?", "--json").value
    assert [citation["article"] for citation in value["citations"]] == ["team:leave.md"]
    assert "19 weeks" in value["citations"][0]["quote"]

    def found_by(user: str) -> list[str]:
        chunks = tertulia("search", "pay of the board", "--json", "--as", user).value["chunks"]
        return [chunk["article"] for chunk in chunks]

    assert "board:pay.md" in found_by("terminal:ana")
    assert "board:pay.md" not in found_by("terminal:ben")
    everyone = (*private, "--replace", "--audience", "terminal:ben")
    assert tertulia(*everyone).code == 0
    assert "board:pay.md" in found_by("terminal:ben")
    assert "board:pay.md" not in found_by("terminal:ana")
    (pages / "wifi.txt").unlink()
    assert tertulia("refresh", "team", "--json").value["sources"][0]["deleted"] == 1
    assert tertulia("source", "remove", "board", "--json").value["articles"] == 1
    state = tertulia("store", "status", "--json").value
    assert (state["store"], state["passages"]) == ("elastic", state["embedded"])
    assert [(one["index"], one["state"]) for one in state["versions"]] == [
        (f"{on_server}-v1", "in use")
    ]


def test_a_new_version_is_in_use_when_all_sources_are_in_it_and_the_old_one_is_a_step_away(
    on_server: str,
    pages: Path,
    tertulia: Tertulia,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    other = write(tmp_path / "other", {"bikes.md": "# Bikes\n\nThere are four cargo bikes.\n"})
    tertulia("source", "add", "team", "files", "--path", str(pages))
    tertulia("source", "add", "other", "files", "--path", str(other))
    assert tertulia("refresh", "--wait").code == 0
    monkeypatch.setenv("ELASTICSEARCH_SHARDS", "2")
    half = tertulia("refresh", "team", "--wait")
    assert f"{on_server}-v2 is not in use yet" in half.err
    assert "other has 0 of 1" in half.err
    assert tertulia("search", "cargo bikes", "--json").value["chunks"]
    whole = tertulia("refresh", "--wait")
    assert f"{on_server}-v2 is in use now" in whole.err
    status = tertulia("store", "status").out
    assert re.search(rf"{on_server}-v1 +kept .*\n +{on_server}-v2 +in use", status)
    back = tertulia("store", "rollback", "--json")
    assert back.value == {"index": f"{on_server}-v1"}
    refused = tertulia("refresh", "--json")
    assert refused.code == 1
    assert "was taken out of use" in refused.error["message"]
    assert "v2 is in use now" in tertulia("refresh", "--force", "--wait").err
    assert "v1 is in use again" in tertulia("store", "rollback").err


async def test_who_answers_all_the_time_answers_from_a_new_version_soon(
    on_server: str, pages: Path, model: ScriptedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def tertulia(*arguments: str) -> None:
        done = await asyncio.to_thread(in_a_process, *arguments)
        assert done.code == 0, done.err

    question, model.answer = "What is the network of the office?", "The network is called Tejo-5G."
    await tertulia("source", "add", "team", "files", "--path", str(pages))
    await tertulia("refresh", "--wait")
    async with App(Settings()) as app:
        talk = await app.talk("terminal:tester", "helpdesk")
        assert "Tejo-5G" in (await talk.reply(question)).text
        monkeypatch.setenv("ELASTICSEARCH_SHARDS", "2")
        (pages / "wifi.txt").write_text("The network of the office is called Roble-7.\n")
        model.answer = "The network is called Roble-7."
        await tertulia("refresh", "--wait")
        for _ in range(60):
            said = await talk.reply(question)
            if "Roble-7" in said.text:
                break
            await asyncio.sleep(1)
        else:
            pytest.fail("it still answers from the old version")


def test_a_server_that_is_not_there_is_named_with_what_to_do(
    empty_home: Path, monkeypatch: pytest.MonkeyPatch, tertulia: Tertulia
) -> None:
    monkeypatch.setenv("STORE", "elastic")
    monkeypatch.setenv("ELASTICSEARCH_URL", "http://127.0.0.1:9")
    for command in (("search", "x"), ("ask", "x"), ("refresh",), ("store", "status")):
        outcome = tertulia(*command, "--json")
        assert outcome.code == 1
        assert "127.0.0.1:9 cannot be reached" in outcome.error["message"]
        assert "ELASTICSEARCH_URL" in outcome.error["what_to_do"]
    assert "broken  index" in tertulia("doctor").out


def test_an_index_that_somebody_has_closed_is_named_with_how_to_open_it(
    on_server: str, elasticsearch_url: str, tertulia: Tertulia
) -> None:
    index = f"{on_server}-v1"

    async def close() -> None:
        elastic = Elastic(elasticsearch_url)
        await elastic.ask("POST", f"/{index}/_close")
        await elastic.close()

    asyncio.run(close())
    for command in (("search", "x"), ("ask", "x"), ("refresh",), ("store", "status")):
        outcome = tertulia(*command, "--json")
        assert outcome.code == 1
        assert f"The index {index} of Elasticsearch" in outcome.error["message"]
        assert f"/{index}/_open" in outcome.error["what_to_do"]
    assert f"/{index}/_open" in tertulia("doctor").out


def test_an_address_at_which_something_else_answers_is_told_as_such(
    empty_home: Path, ollama_host: str, monkeypatch: pytest.MonkeyPatch, tertulia: Tertulia
) -> None:
    monkeypatch.setenv("STORE", "elastic")
    monkeypatch.setenv("ELASTICSEARCH_URL", ollama_host)
    for command in (("search", "x"), ("refresh",), ("store", "status")):
        outcome = tertulia(*command, "--json")
        assert outcome.code == 1
        assert "There is no Elasticsearch at" in outcome.error["message"]
    assert "There is no Elasticsearch at" in tertulia("doctor").out


def test_the_embedded_store_has_one_version(empty_home: Path, tertulia: Tertulia) -> None:
    value = tertulia("store", "status", "--json").value
    assert value == {
        "store": "embedded",
        "place": str(empty_home / "index"),
        "passages": 0,
        "embedded": 0,
        "versions": [],
    }
    assert "embedded at" in tertulia("store", "status").out
    refused = tertulia("store", "rollback", "--json")
    assert refused.code == 1
    assert "refresh --full" in refused.error["what_to_do"]
