"""Windows over Slack: what stands in them, where they end, and what is said where one fails."""

import pytest
from sqlalchemy import text as sql

from bot.platforms.slack.views import MOST_SECTIONS, quotes_text, window
from bot.posts import Link
from bot.wording import say
from knowledge.database import transaction
from tests.bot.platforms.conftest import Workspace, as_text
from tests.bot.platforms.test_slack_pressing import answered, whisper
from tests.fakes.slack import Fault
from tests.fakes.slack.views import checked

ADDRESS = "https://wiki.acme.example/leave?of=all&in=2026"
KEY_LIKE = "ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
"""No key to anything: a shape."""
KINDS = ("quotes-title", "why-title")


def words(title: str, text: str, language: str = "en", links: tuple[Link, ...] = ()) -> list[str]:
    """What stands in a window, once Slack has taken it."""
    blocks = checked(dict(window(title, language, text, links)))["blocks"]
    if title == "why-title":
        return [block["elements"][0]["elements"][0]["text"] for block in blocks]
    return [block["text"]["text"] for block in blocks]


@pytest.mark.parametrize("title", KINDS)
@pytest.mark.parametrize("secret", [KEY_LIKE, "password: hunter2secret9"])
def test_no_secret_is_shown_because_a_window_is_cut_there(title: str, secret: str) -> None:
    for before in range(2_900 - len(secret), 2_900):
        shown = "".join(words(title, f"{'x' * (before - 1)} {secret} end"))
        assert secret.split()[-1] not in shown
        assert "[secretremoved]" in shown.replace(" ", "")


@pytest.mark.parametrize("title", KINDS)
@pytest.mark.parametrize("unit", ["@here ", "x.io/a ", "🦉 ", "a&amp;b ", "```\n", "| a |\n"])
def test_what_the_gate_makes_longer_still_fits(title: str, unit: str) -> None:
    pieces = words(title, unit * 1_500)
    assert all(0 < len(piece) <= 2_900 for piece in pieces)
    assert not any(piece.endswith(("&a", "&am", "&amp")) for piece in pieces)


def test_the_addresses_of_sources_are_whole_and_others_are_named_in_the_readers_words() -> None:
    links = tuple(Link(n, "Leave", ADDRESS, "See evil.example/x " * 20) for n in range(1, 40))
    pieces = words("quotes-title", quotes_text(links, "es"), "es", links)
    assert sum(piece.count(ADDRESS) for piece in pieces) == 39
    assert "[enlace eliminado]" in "".join(pieces)
    assert "removed" not in "".join(pieces)


def test_where_a_page_lies_on_our_disk_is_nobodys_business() -> None:
    link = Link(1, "Leave", "file:///srv/leave.md", "27 days")
    assert words("quotes-title", quotes_text([link], "en"), links=(link,)) == [
        "[1] Leave\n“27 days”"
    ]


def test_an_endless_text_ends_with_a_word_that_it_does() -> None:
    pieces = words("quotes-title", "All of it. " * 20_000, "es")
    assert len(pieces) == MOST_SECTIONS
    assert pieces[-1] == say("window-cut", "es")
    assert words("quotes-title", "") == [" "]


async def test_a_window_shows_the_addresses_of_the_sources(workspace: Workspace) -> None:
    reply = await answered(workspace)
    async with transaction(await workspace.app.database()) as connection:
        named = await connection.execute(sql("SELECT citations FROM answers"))
        kept = str(named.scalar_one())
        (url,) = {part for part in kept.split('"') if part.startswith("file:")}
        await connection.execute(
            sql("UPDATE answers SET citations = :now"), {"now": kept.replace(url, ADDRESS)}
        )
    await workspace.ben.clicks(reply.message, "tertulia_quotes")
    await workspace.slack.until(lambda: workspace.ben.modal and workspace.ben.modal.version == 2)
    assert workspace.ben.modal
    assert ADDRESS in as_text(workspace.ben.modal.content)


@pytest.mark.parametrize("fault", [Fault("status"), Fault("error", code="expired_trigger_id")])
async def test_whose_window_does_not_open_is_told(workspace: Workspace, fault: Fault) -> None:
    reply = await answered(workspace)
    for number, button in enumerate(("tertulia_quotes", "tertulia_rate"), 1):
        workspace.slack.faults.break_calls("views.open", fault)
        more = ["negative"] if button == "tertulia_rate" else []
        await workspace.ben.clicks(reply.message, button, *more)
        told = await whisper(workspace, number)
        assert (told.only_for, told.text) == ("Ben", say("window-not-opened", "es"))
        assert workspace.ben.modal is None


@pytest.mark.parametrize("fault", [Fault("status"), Fault("error", code="invalid_arguments")])
async def test_a_window_that_slack_does_not_fill_does_not_wait_for_ever(
    workspace: Workspace, fault: Fault
) -> None:
    reply = await answered(workspace)
    workspace.slack.faults.break_calls("views.update", fault)
    await workspace.ben.clicks(reply.message, "tertulia_quotes")
    await workspace.slack.until(lambda: workspace.ben.modal and workspace.ben.modal.version == 2)
    assert workspace.ben.modal
    assert say("one-moment", "es") not in as_text(workspace.ben.modal.content)
