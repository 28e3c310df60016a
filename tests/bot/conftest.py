"""What the tests of `bot` share: a scripted model, an indexed home, the command line."""

import asyncio
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.__main__ import run
from knowledge.stores.elastic import Elastic, ElasticIndexes, Shape
from tests.bot.team import PAGES, PRIVATE, Tertulia, in_this_process, living_in, write
from tests.fakes.scripted_model import NOT_FOUND, ScriptedModel, serving


@pytest.fixture(scope="session")
def model_server() -> Iterator[ScriptedModel]:
    """The server, one for all tests."""
    with serving() as model:
        yield model


@pytest.fixture
def model(model_server: ScriptedModel) -> ScriptedModel:
    """The model, which knows nothing until a test says what it answers."""
    model_server.answer, model_server.reply, model_server.agrees = NOT_FOUND, None, True
    model_server.reply_to.clear()
    model_server.thinks = None
    model_server.prompts.clear()
    model_server.weighed.clear()
    return model_server


@pytest.fixture(scope="session")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the team's pages, and one page for Ana alone; not to be written to."""
    home = tmp_path_factory.mktemp("indexed")
    team, board = write(home / "pages/team", PAGES), write(home / "pages/board", PRIVATE)
    with living_in(home):
        assert run(["source", "add", "team", "files", "--path", str(team)]) == 0
        private = ["source", "add", "board", "files", "--path", str(board)]
        assert run([*private, "--audience", "terminal:ana"]) == 0
        assert run(["refresh", "--wait"]) == 0
    return home


@pytest.fixture
def home(indexed: Path, tmp_path: Path, model: ScriptedModel) -> Iterator[Path]:
    """A copy of the indexed home, with its model server."""
    copy = tmp_path / "home"
    shutil.copytree(indexed, copy, ignore=shutil.ignore_patterns("pages"))
    with living_in(copy, model_url=model.url):
        yield copy


@pytest.fixture
def empty_home(tmp_path: Path, model: ScriptedModel) -> Iterator[Path]:
    """A home in which nothing is yet."""
    path = tmp_path / "home"
    path.mkdir()
    with living_in(path, model_url=model.url):
        yield path


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """The team's pages, for tests that change them."""
    return write(tmp_path / "pages", PAGES)


@pytest.fixture
def on_server(
    empty_home: Path, elasticsearch_url: str, monkeypatch: pytest.MonkeyPatch, tertulia: Tertulia
) -> Iterator[str]:
    """A team that keeps its index on Elasticsearch; the name of the index."""
    monkeypatch.setenv("STORE", "elastic")
    monkeypatch.setenv("ELASTICSEARCH_URL", elasticsearch_url)
    (version,) = tertulia("store", "status", "--json").value["versions"]
    name = version["index"].removesuffix("-v1")
    assert re.fullmatch(r"tertulia-[0-9a-f]{8}", name)
    yield name
    asyncio.run(_remove(elasticsearch_url, name))


async def _remove(url: str, name: str) -> None:
    elastic = Elastic(url)
    await ElasticIndexes(elastic, name, Shape(dimensions=1, model="")).remove()
    await elastic.close()


@pytest.fixture
def tertulia(capsys: pytest.CaptureFixture[str]) -> Tertulia:
    """The command line, in this process."""
    return in_this_process(capsys)
