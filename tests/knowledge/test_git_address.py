"""Which addresses of repositories are opened, and where people read the files."""

from base64 import b64decode
from pathlib import Path

import pytest

from knowledge.sources import OptionError
from knowledge.sources.git.address import Address, address_of
from knowledge.sources.git.clone import Clone
from knowledge.sources.git.program import Git


@pytest.mark.parametrize(
    "url",
    [
        "ext::sh -c touch% /tmp/x",
        "fd::17",
        "--upload-pack=touch /tmp/x",
        "-oProxyCommand=touch@host:x",
        "ssh://-oProxyCommand=touch/x",
        "ssh://ana:secret@host/x",
        "ssh://-o@host/x",
        "git://host/x",
        "ftp://host/x",
        "https://",
        "https://[::1/x",
        "https://host:port/x",
        "host:-x",
        "transport::https://host/x",
        "no address",
    ],
)
def test_an_address_that_could_start_something_is_refused(url: str) -> None:
    with pytest.raises(OptionError, match="no address of a repository") as caught:
        address_of(url, "", "")
    assert "secret" not in str(caught.value)
    assert "--path" in caught.value.what_to_do


def test_just_one_of_address_and_path_is_needed() -> None:
    for url, path in (("", ""), ("https://host/x", "/x")):
        with pytest.raises(OptionError, match="--url or --path, one of them"):
            address_of(url, path, "")


@pytest.mark.parametrize("ref", ["--upload-pack=touch", "a b", "a..b", "a:b", "a*", "x\n"])
def test_a_branch_that_is_none_is_refused(ref: str) -> None:
    git = Git(Path("nowhere"), {}, 1)
    with pytest.raises(OptionError, match="no name of a branch"):
        Clone("docs", git, Address("nowhere"), ref=ref, depth=1)


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://github.com/team/docs.git", "https://github.com/team/docs/blob/a/b/x%20y/%7Bref%7D.md"),
        ("git@github.com:team/docs.git", "https://github.com/team/docs/blob/a/b/x%20y/%7Bref%7D.md"),
        ("ssh://git@gitlab.example.org:22/t/s/docs", "https://gitlab.example.org/t/s/docs/-/blob/a/b/x%20y/%7Bref%7D.md"),
        ("https://bitbucket.org/team/docs", "https://bitbucket.org/team/docs/src/a/b/x%20y/%7Bref%7D.md"),
        ("https://git.example.org/team/docs", ""),
        ("host:team/docs", ""),
    ],
)  # fmt: skip
def test_a_file_is_linked_where_its_host_shows_it(url: str, link: str) -> None:
    assert address_of(url, "", "").link("a/b", "x y/{ref}.md") == link


def test_another_host_is_linked_as_its_team_says() -> None:
    own = "https://git.example.org/team/docs/src/{ref}/{path}"
    address = address_of("https://git.example.org/team/docs.git", "", own)
    assert address.link("main", "a.md") == "https://git.example.org/team/docs/src/main/a.md"
    for wrong in ("ftp://x/{path}", "https://x/y"):
        with pytest.raises(OptionError, match=r"\{path\}"):
            address_of("https://git.example.org/team/docs.git", "", wrong)


def test_a_repository_on_this_machine_is_linked_where_its_files_are(tmp_path: Path) -> None:
    (tmp_path / "a b.md").write_text("x")
    for address in (
        address_of("", str(tmp_path), ""),
        address_of(tmp_path.as_uri(), "", ""),
    ):
        assert address.remote == str(tmp_path)
        assert address.link("main", "a b.md") == (tmp_path / "a b.md").as_uri()
        assert address.link("main", "gone.md") == ""


@pytest.mark.parametrize(
    ("url", "remote", "said"),
    [
        ("https://ana:s%40cret@host:8443/x", "https://host:8443/x", "ana:s@cret"),
        ("https://token@host/x", "https://host/x", "x-access-token:token"),
        ("http://ana:secret@127.0.0.1:1/x", "http://127.0.0.1:1/x", "ana:secret"),
        ("https://ana:secret@[::1]/x", "https://[::1]/x", "ana:secret"),
        ("https://host/x", "https://host/x", ""),
    ],
)
def test_a_password_is_kept_apart_from_the_address(url: str, remote: str, said: str) -> None:
    address = address_of(url, "", "")
    assert address.remote == remote
    assert b64decode(address.header.removeprefix("Authorization: Basic ")).decode() == said
    assert "secret" not in address.remote + repr(Git(Path(), {}, 1, address.header))


def test_a_password_does_not_travel_openly() -> None:
    with pytest.raises(OptionError, match="openly") as caught:
        address_of("http://ana:secret@git.example.org/x", "", "")
    assert "https://" in caught.value.what_to_do
