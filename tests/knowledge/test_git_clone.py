"""Our copy of a repository: small, brought up to date, mended; and what may not happen."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from knowledge.articles import Audience
from knowledge.sources import Entry, NotesInMemory, SourceUnavailableError, UnreadableError
from knowledge.sources.git import build
from knowledge.sources.git.program import Git, GitFailedError
from knowledge.sources.git.source import GitSource
from tests.fakes.loopback import LoopbackServer, Reply, Request
from tests.knowledge import documents
from tests.knowledge.repositories import Host, Repository, source


@pytest.fixture
def team(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "team")


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "kept"


async def texts(git: GitSource) -> dict[str, str]:
    """What is read, by path."""
    found = {}
    async for entry in git.entries("", NotesInMemory()):
        found[entry.path] = (await git.read(entry)).article.text
    await git.close()
    return found


async def unavailable(git: GitSource) -> str:
    with pytest.raises(SourceUnavailableError) as caught:
        await texts(git)
    await git.close()
    return f"{caught.value} {caught.value.what_to_do}"


def damage(kept: Path) -> None:
    """Overwrite some bytes of what takes most room."""
    packs = sorted(kept.glob("clone/objects/pack/*.pack"), key=lambda pack: pack.stat().st_size)
    packs[-1].chmod(0o600)
    content = bytearray(packs[-1].read_bytes())
    content[20_000:20_100] = bytes(100)
    packs[-1].write_bytes(content)


def spoil(kept: Path, what: str = "*/*") -> None:
    """Overwrite objects of our copy."""
    for path in kept.glob(f"clone/objects/{what}"):
        path.chmod(0o600)
        path.write_bytes(b"broken")


def left_behind(kept: Path) -> list[Path]:
    """Locks and halves of files."""
    return [*kept.rglob("*.lock"), *kept.rglob("tmp_*")]


def holding(kept: Path, secret: bytes) -> list[Path]:
    """Files in which a secret stands."""
    return [path for path in kept.rglob("*") if path.is_file() and secret in path.read_bytes()]


def packed(kept: Path) -> int:
    """How many contents our copy holds."""
    command = ["git", "cat-file", "--batch-all-objects", "--batch-check=%(objecttype)"]
    environment = {"GIT_DIR": str(kept / "clone"), "GIT_NO_LAZY_FETCH": "1", "PATH": os.defpath}
    printed = subprocess.run(command, env=environment, capture_output=True, check=True).stdout
    return printed.split().count(b"blob")


@pytest.mark.parametrize("partial", [True, False])
async def test_what_is_new_is_fetched_and_nothing_twice(
    tmp_path: Path, kept: Path, partial: bool
) -> None:
    team = Repository(tmp_path / "team", partial=partial)
    for number in range(3):
        team.commit({"a.md": f"Text {number}.", "film.mp4": b"large" * number})
    assert await texts(source(team.folder, kept, depth=2)) == {"a.md": "Text 2."}
    assert not partial or packed(kept) == 1
    team.commit({"b.md": "New."})
    assert await texts(source(team.folder, kept, depth=2)) == {"a.md": "Text 2.", "b.md": "New."}
    assert not partial or packed(kept) == 2
    assert len((kept / "clone" / "shallow").read_text().split()) <= 2


async def test_a_rewritten_branch_is_read_as_it_is_now(team: Repository, kept: Path) -> None:
    first = team.commit({"a.md": "First."})
    team.commit({"a.md": "Second.", "b.md": "Gone soon."})
    assert set(await texts(source(team.folder, kept))) == {"a.md", "b.md"}
    team.git("reset", "-q", "--hard", first)
    team.commit({"a.md": "Rewritten."})
    assert await texts(source(team.folder, kept)) == {"a.md": "Rewritten."}


async def test_branches_tags_and_commits_can_be_named(team: Repository, kept: Path) -> None:
    first = team.commit({"a.md": "First."})
    team.git("tag", "-a", "v1", "-m", "One")
    team.commit({"a.md": "Second."})
    team.git("branch", "next/one")
    team.commit({"a.md": "Third."})
    for ref, text in (
        *(("v1", "First."), ("next/one", "Second."), (first, "First.")),
        *(("refs/heads/next/one", "Second."), ("", "Third."), ("main", "Third.")),
    ):
        assert await texts(source(team.folder, kept, ref=ref)) == {"a.md": text}, ref


async def test_a_missing_branch_is_answered_with_the_nearest(team: Repository, kept: Path) -> None:
    team.commit({"a.md": "First."})
    for number in range(20):
        team.git("branch", f"release-{number}")
    said = await unavailable(source(team.folder, kept, ref="relase-7"))
    assert "has no branch or tag 'relase-7'" in said
    assert "Did you mean 'release-7'?" in said
    assert "and 9 more" in said
    team.git("symbolic-ref", "HEAD", "refs/heads/nowhere")
    said = await unavailable(source(team.folder, kept))
    assert "has no default branch" in said
    assert "Set `ref`" in said


async def test_an_empty_repository_has_no_articles(team: Repository, kept: Path) -> None:
    assert await texts(source(team.folder, kept)) == {}
    git = source(team.folder, kept)
    with pytest.raises(UnreadableError, match="no longer in the repository"):
        await git.read(Entry("a.md", "1"))
    await git.close()
    assert "It is empty." in await unavailable(source(team.folder, kept, ref="main"))


async def test_what_is_no_repository_is_named(tmp_path: Path, kept: Path) -> None:
    said = await unavailable(source(tmp_path / "gone", kept))
    assert "does not appear to be a git repository" in said
    assert "Check the address" in said


async def test_another_address_is_another_copy(
    team: Repository, tmp_path: Path, kept: Path
) -> None:
    team.commit({"a.md": "First."})
    await texts(source(team.folder, kept))
    other = Repository(tmp_path / "other")
    other.commit({"b.md": "Other."})
    assert await texts(source(other.folder, kept)) == {"b.md": "Other."}


@pytest.mark.parametrize("broken", ["HEAD", "objects", "config", "tip", "trees"])
async def test_a_broken_copy_is_made_anew(team: Repository, kept: Path, broken: str) -> None:
    team.commit({"a.md": "First.", "sub/b.md": "Below."})
    await texts(source(team.folder, kept))
    clone = kept / "clone"
    if broken in ("HEAD", "config"):
        (clone / broken).write_text("[broken")
    elif broken == "tip":
        (clone / "refs/tertulia/tip").write_text("f" * 40 + "\n")
    else:
        spoil(kept, "pack/*.pack" if broken == "trees" else "*/*")
    assert await texts(source(team.folder, kept)) == {"a.md": "First.", "sub/b.md": "Below."}


async def test_a_broken_copy_is_made_anew_also_where_something_new_is_to_come(
    team: Repository, kept: Path
) -> None:
    team.commit({f"{number}.md": f"Text {number}." for number in range(9)})
    await texts(source(team.folder, kept))
    spoil(kept)
    team.commit({"new.md": "New."})
    assert (await texts(source(team.folder, kept)))["new.md"] == "New."


async def test_a_content_that_is_broken_is_named_and_mended_by_the_next_refresh(
    tmp_path: Path, kept: Path
) -> None:
    team = Repository(tmp_path / "team", partial=False)
    large = os.urandom(40_000).hex()
    team.commit({"a.md": "First.", "b.md": large})
    await texts(source(team.folder, kept))
    damage(kept)
    git = source(team.folder, kept)
    reasons = []
    async for entry in git.entries("", NotesInMemory()):
        try:
            await git.read(entry)
        except UnreadableError as error:
            reasons.append(f"{entry.path} {error} {error.what_to_do}")
    await git.close()
    assert len(reasons) == 1
    assert "b.md It cannot be read in our copy" in reasons[0]
    assert await texts(source(team.folder, kept)) == {"a.md": "First.", "b.md": large}


async def test_what_a_killed_command_left_behind_holds_nobody_up(
    team: Repository, kept: Path
) -> None:
    team.commit({"a.md": "First."})
    await texts(source(team.folder, kept))
    for left in ("shallow.lock", "config.lock", "refs/tertulia/tip.lock", "HEAD.lock"):
        (kept / "clone" / left).write_text("")
    (kept / "clone/objects/pack/tmp_pack_x").write_text("half")
    team.commit({"b.md": "New."})
    assert set(await texts(source(team.folder, kept))) == {"a.md", "b.md"}
    assert not left_behind(kept)


async def test_one_process_at_a_time_works_on_a_copy(team: Repository, kept: Path) -> None:
    team.commit({"a.md": "First."})
    first = source(team.folder, kept)
    assert [entry.path async for entry in first.entries("", NotesInMemory())] == ["a.md"]
    assert "by another process" in await unavailable(source(team.folder, kept))
    await first.close()
    assert set(await texts(source(team.folder, kept))) == {"a.md"}


async def test_a_folder_that_cannot_be_made_is_named(
    team: Repository, tmp_path: Path, kept: Path
) -> None:
    documents.write(tmp_path, {"kept": "a file"})
    assert "cannot be used" in await unavailable(source(team.folder, kept))


async def test_nothing_that_a_repository_brings_along_is_run(
    team: Repository, kept: Path, tmp_path: Path
) -> None:
    team.commit({"a.md": "First.", ".gitattributes": "*.md filter=evil diff=evil"})
    team.git("checkout", "-q", "-b", "next")
    team.move("a.md", "b.md")
    team.commit()
    touch = f"touch {tmp_path / 'evil'}"
    for key in (
        *("core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "core.askPass"),
        *("uploadpack.packObjectsHook", "filter.evil.smudge", "diff.evil.textconv"),
        *("diff.evil.command", "credential.helper", "gpg.program"),
    ):
        team.git("config", key, f"!{touch}" if key == "credential.helper" else touch)
    for hook in ("pre-receive", "post-checkout", "reference-transaction", "pre-auto-gc"):
        path = team.folder / ".git" / "hooks" / hook
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{touch}\n")
        path.chmod(0o700)
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(f"[core]\n hooksPath = {team.folder}/.git/hooks\n")
    notes = NotesInMemory()
    for ref in ("main", "next"):
        git = build(
            name="docs",
            audience=Audience.of("everyone"),
            folder=kept,
            path=str(team.folder),
            ref=ref,
            environment={"HOME": str(home), "PATH": os.defpath},
        )
        entries = [entry async for entry in git.entries("", notes)]
        assert [(await git.read(entry)).article.text for entry in entries] == ["First."]
        await git.close()
    assert not (tmp_path / "evil").exists()


# Over HTTP, as from a host


@pytest.fixture
async def host(tmp_path: Path) -> AsyncIterator[LoopbackServer]:
    async with LoopbackServer(Host(tmp_path, "ana:s3cret-w0rd").respond) as server:
        yield server


def remote(url: str, kept: Path, *, timeout_s: float = 60) -> GitSource:
    readers = Audience.of("everyone")
    return build(name="docs", audience=readers, folder=kept, url=url, timeout_s=timeout_s)


async def test_a_private_repository_is_read_and_its_password_stays_secret(
    team: Repository, host: LoopbackServer, kept: Path
) -> None:
    team.commit({"a.md": "First."})
    url = f"{host.url}/team/.git".replace("//", "//ana:s3cret-w0rd@")
    assert await texts(remote(url, kept)) == {"a.md": "First."}
    assert not holding(kept, b"s3cret")
    assert all("s3cret" not in request.path for request in host.requests)
    for wrong in (url.replace("s3cret", "wr0ng"), f"{host.url}/team/.git"):
        said = await unavailable(remote(wrong, kept))
        assert "${MY_TOKEN}" in said
        assert "wr0ng" not in said
    said = await unavailable(remote(url.replace("team", "gone"), kept))
    assert "Check the address" in said
    assert "s3cret" not in said


async def test_a_password_does_not_follow_to_another_host(
    team: Repository, host: LoopbackServer, kept: Path
) -> None:
    team.commit({"a.md": "First."})
    seen: list[Request] = []

    def elsewhere(request: Request) -> Reply:
        seen.append(request)
        return Reply(status=302, headers={"Location": f"{host.url}{request.path}"})

    async with LoopbackServer(elsewhere) as moved:
        url = f"{moved.url}/team/.git"
        said = await unavailable(remote(url.replace("//", "//ana:s3cret-w0rd@"), kept))
        assert "the address that it has now" in said
    assert seen
    assert not host.requests


async def test_a_host_that_never_answers_is_given_up(team: Repository, kept: Path) -> None:
    async with LoopbackServer(lambda _: Reply(b"never", hang_at=0)) as silent:
        said = await unavailable(remote(f"{silent.url}/team/.git", kept, timeout_s=1.5))
        assert "git ls-remote took longer than 1.5 seconds." in said
        await asyncio.wait_for(silent.hung_up.wait(), 30)


async def test_a_host_that_goes_away_meanwhile_ends_the_refresh_at_once(
    team: Repository, tmp_path: Path, kept: Path
) -> None:
    team.commit({"a.md": "First.", "b.md": "Second."})
    host = Host(tmp_path)
    async with LoopbackServer(host.respond) as server:
        git = remote(f"{server.url}/team/.git", kept)
        entries = [entry async for entry in git.entries("", NotesInMemory())]
        server.respond = lambda _: Reply(status=503)
        asked = len(server.requests)
        ends = await asyncio.gather(*map(git.read, entries), return_exceptions=True)
        assert all(isinstance(end, SourceUnavailableError) for end in ends)
        assert len(server.requests) == asked + 1
        await git.close()
        server.respond = host.respond
        assert (await git.read(entries[0])).article.text == "First."
        await git.close()


async def test_without_git_it_is_said_what_to_install(team: Repository, kept: Path) -> None:
    git = build(
        name="docs",
        audience=Audience.of("everyone"),
        folder=kept,
        path=str(team.folder),
        environment={"PATH": str(kept)},
    )
    assert "git is not installed" in await unavailable(git)


async def test_a_command_that_is_silent_while_we_read_along_is_ended(tmp_path: Path) -> None:
    git = Git(tmp_path, {}, seconds=1)
    await git.run("init", "--quiet", "--bare")
    async with LoopbackServer(lambda _: Reply(b"never", hang_at=0)) as silent:
        with pytest.raises(GitFailedError, match="git ls-remote took longer than 1 seconds"):
            await anext(git.fields("ls-remote", silent.url))


async def test_a_command_that_fails_while_we_read_along_says_why(tmp_path: Path) -> None:
    git = Git(tmp_path, {}, seconds=60)
    await git.run("init", "--quiet", "--bare")
    with pytest.raises(GitFailedError, match="git ls-tree failed: fatal: Not a valid object name"):
        await anext(git.fields("ls-tree", "-z", "nowhere"))
