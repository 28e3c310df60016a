"""A repository is refreshed: what moved keeps its id, and a kill at any point costs no article."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from knowledge.articles import Audience
from knowledge.sources import SourceUnavailableError
from knowledge.sources.git import build
from pipelines.indexing import Wish, refresh
from pipelines.refresh_report import RefreshReport
from tests.fakes.loopback import LoopbackServer, Reply, Request
from tests.knowledge.repositories import Host, Repository
from tests.pipelines.indexing_world import EVERYONE, World, figures, open_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as opened:
        yield opened


@pytest.fixture
def team(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "team")


async def refreshed(
    world: World,
    *,
    url: str = "",
    audience: Audience = EVERYONE,
    max_file_mb: float = 10,
    wish: Wish | None = None,
) -> RefreshReport:
    """A refresh of the team's repository."""
    git = build(
        name="docs",
        audience=audience,
        folder=world.home / "kept",
        url=url,
        path="" if url else str(world.home / "team"),
        max_file_mb=max_file_mb,
    )
    report = await refresh(git, store=world.store, ledger=world.ledger, wish=wish)
    assert report.found == report.indexed + report.unchanged + len(report.failed)
    return report


async def test_a_renamed_file_is_the_same_article_with_another_link(
    world: World, team: Repository
) -> None:
    team.commit({"guide.md": "# Guide\n\nOpen at nine.", "app.py": "def f():\n  'Opens.'"})
    assert figures(await refreshed(world)) == (2, 2, 0, 0, 0)
    assert figures(await refreshed(world)) == (2, 0, 2, 0, 0)
    team.move("guide.md", "docs/hours.md")
    team.commit()
    assert figures(await refreshed(world)) == (2, 1, 1, 0, 0)
    (chunk,) = await world.chunks("guide.md")
    assert chunk.url == (team.folder / "docs/hours.md").as_uri()
    team.commit({"guide.md": "Another guide.", "app.py": "def f():\n  'Closes.'"})
    assert figures(await refreshed(world)) == (3, 2, 1, 0, 0)
    assert await world.text("guide.md") == "Open at nine."
    assert await world.text("guide.md//2") == "Another guide."
    (team.folder / "docs/hours.md").unlink()
    team.commit()
    assert figures(await refreshed(world)) == (2, 0, 2, 1, 0)
    assert await world.chunks("guide.md") == []
    ana = Audience.of("terminal:ana")
    assert figures(await refreshed(world, audience=ana)) == (2, 0, 2, 0, 0)
    assert await world.chunks("app.py") == []


async def test_a_file_that_was_too_large_is_read_when_the_limit_is_raised(
    world: World, team: Repository
) -> None:
    team.commit({"big.md": "word " * 50_000, "a.md": "Fine."})
    assert figures(await refreshed(world, max_file_mb=0.1)) == (2, 1, 0, 0, 1)
    assert figures(await refreshed(world)) == (2, 1, 1, 0, 0)


async def test_a_branch_that_lost_most_of_its_files_is_not_believed_until_told(
    world: World, team: Repository
) -> None:
    first = team.commit({"a.md": "Stays."})
    team.commit({f"{number}.md": f"Text {number}." for number in range(10)})
    await refreshed(world)
    team.git("reset", "-q", "--hard", first)
    with pytest.raises(SourceUnavailableError, match="only 1 of its 11"):
        await refreshed(world)
    assert await world.text("3.md") == "Text 3."
    assert figures(await refreshed(world, wish=Wish(force=True))) == (1, 0, 1, 10, 0)


_KILLED = """
import asyncio, sys
from pathlib import Path
from knowledge.sources.git import build
from pipelines.indexing import Wish, refresh
from tests.pipelines.indexing_world import EVERYONE, open_world

async def main(home: Path, url: str) -> None:
    async with open_world(home) as world:
        git = build(name="docs", audience=EVERYONE, folder=home / "kept", url=url)
        wish = Wish(progress=lambda report: print(report.found))
        await refresh(git, store=world.store, ledger=world.ledger, wish=wish)

asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
"""


async def test_a_clone_that_was_killed_is_made_by_the_next_refresh(
    world: World, team: Repository
) -> None:
    team.commit({f"{number:03}.md": f"Text {number}." for number in range(200)})
    host, held_up = Host(world.home), asyncio.Event()

    def slow(request: Request) -> Reply:
        reply = host.respond(request)
        if b"command=fetch" not in request.body:
            return reply
        held_up.set()
        return Reply(reply.body, 200, reply.content_type, hang_at=len(reply.body) // 2)

    async with LoopbackServer(slow) as server:
        url = f"{server.url}/team/.git"
        process = await _started(world.home, url)
        await asyncio.wait_for(held_up.wait(), 60)
        process.send_signal(signal.SIGKILL)
        await process.communicate()
        server.respond = host.respond
        assert figures(await refreshed(world, url=url)) == (200, 200, 0, 0, 0)
        assert figures(await refreshed(world, url=url)) == (200, 0, 200, 0, 0)


@pytest.mark.parametrize("batches", [1, 2])
async def test_a_refresh_that_was_killed_goes_on_where_it_was(
    world: World, team: Repository, batches: int
) -> None:
    team.commit({f"{number:03}.md": f"Text {number}." for number in range(200)})
    url = team.folder.as_uri()
    process = await _started(world.home, url)
    assert process.stdout is not None
    for _ in range(batches):
        await process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    await process.communicate()
    team.move("150.md", "moved.md")
    team.commit()
    report = await refreshed(world, url=url)
    assert (report.found, report.deleted) == (200, 0)
    assert report.unchanged >= 64 * batches
    assert await world.text("150.md") == "Text 150."


async def _started(home: Path, url: str) -> asyncio.subprocess.Process:
    """A refresh in a process of its own."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-u", "-c", _KILLED, str(home), url),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )


async def test_a_file_that_was_emptied_is_found_by_nobody(world: World, team: Repository) -> None:
    team.commit({"guide.md": "Open at nine.", "b.md": "Fine."})
    await refreshed(world)
    team.commit({"guide.md": ""})
    for _ in range(2):
        report = await refreshed(world)
        assert figures(report) == (2, 0, 1, 0, 1)
        assert "no text" in report.failed[0].reason
        assert await world.chunks("guide.md") == []
