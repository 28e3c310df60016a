"""The parts of the Discord platform that need no server: texts, pace, places, what is heard."""

import asyncio
from typing import Any

import discord
import pytest
from discord import Locale
from discord.app_commands import TranslationContext, TranslationContextLocation, locale_str
from pydantic import ValidationError

from bot.attached_files import LIMITS, AttachedFile, read
from bot.egress.nodes import parsed, plain
from bot.platform_settings import DiscordSettings
from bot.platforms.discord.calling import Calls
from bot.platforms.discord.client import ShardedClient, connection
from bot.platforms.discord.failures import DiscordBusyError, translated
from bot.platforms.discord.screen import Screen
from bot.platforms.discord.spot import Posted, Spot, posted_of, spot_of
from bot.platforms.discord.texts import in_one_line, outgoing, source_lines
from bot.platforms.discord.translating import Translator, words
from bot.platforms.discord.views import finished, in_the_making
from bot.posts import Link, Post
from knowledge.errors import TertuliaError
from knowledge.turn import Turn
from tests.fakes.clock import HurriedClock


def texts_of(layout: Any) -> list[str]:  # noqa: ANN401 (discord.py has no types here)
    """The texts of one message."""
    return [one["content"] for one in layout.to_components() if one["type"] == 10]


def shown(post: Post) -> list[list[str]]:
    """The texts of each message, and how many characters Discord counts."""
    found = []
    for layout in finished(post, "1"):
        texts = texts_of(layout)
        assert sum(map(len, texts)) <= 4000
        found.append(texts)
    return found


def test_a_long_reply_takes_several_messages_and_loses_no_word() -> None:
    text = "\n\n".join(f"Paragraph {n} says that leave is paid in full." for n in range(300))
    links = tuple(Link(n, f"Page {n}", f"https://team.example/{n}", "quote") for n in range(30))
    post = Post(text, "en", "T-7Q2M", links)
    messages = shown(post)
    assert len(messages) >= 4
    words_shown = " ".join(text for texts in messages for text in texts).split()
    assert [word for word in text.split() if word not in words_shown] == []
    assert all(any(f"/{n}>" in text for texts in messages for text in texts) for n in range(30))
    long = Post("x" * 9000, "en")
    assert "".join(text for texts in shown(long) for text in texts) == "x" * 9000


def test_what_is_being_written_shows_its_end() -> None:
    (text,) = texts_of(in_the_making("short", "1", "en"))
    assert text == "short"
    (text,) = texts_of(in_the_making("word " * 2000 + "end", "1", "en"))
    assert text.startswith("…")
    assert text.endswith("end")


@pytest.mark.parametrize("behind", range(3_630, 3_730, 6))
def test_of_a_secret_that_is_cut_off_no_part_is_shown(behind: int) -> None:
    secret = f"xoxb-{'1234567890' * 5}-abcdefghij"
    after = ("word " * 1000)[:behind]
    (text,) = texts_of(in_the_making(f"{'before ' * 9}{secret} {after}", "1", "en"))
    assert "abcdefghij" not in text
    assert len(text) <= 3_800


def test_titles_and_quotes_are_no_markup() -> None:
    link = Link(1, "A [b](https://evil.example) **c**", "file:///leave.md", "@everyone <@1>")
    lines = source_lines([link], "en", quotes=True)
    assert r"\[b\](https://evil.example) \*\*c\*\*" in lines
    assert r"> \@everyone \<\@1\>" in lines
    assert "file:" not in lines
    assert source_lines([], "en") == ""
    assert outgoing("")[0] == "…"
    assert in_one_line("word " * 40).endswith("…")


def test_each_source_stands_for_itself_and_reads_as_it_was_written() -> None:
    titles = ("> q", "# h_e *o* [a](b) `c`", "1. a | b ~~c~~", "- e", "C:\\d")
    links = [Link(n, title, "", f"{title}!") for n, title in enumerate(titles, 1)]
    (shown,) = outgoing(source_lines(links, "en", quotes=True))
    head, *blocks = parsed(shown).children
    assert plain(head) == "Sources\n[1] > q"
    told = [block for block in blocks if block.kind == "paragraph"]
    assert [plain(one) for one in told] == [f"[{n}] {t}" for n, t in enumerate(titles, 1)][1:]
    quoted = [plain(block) for block in blocks if block.kind == "quote"]
    assert quoted == [f"{title}!" for title in titles]


def test_a_place_and_what_was_posted_there_are_kept() -> None:
    spot = Spot(mark="1.2", user=3, guild=4, channel=5, parent=6, message=7, thread="Leave")
    turn = Turn("discord", ("discord:7",), "c", "discord:3", "?", spot.as_json() | {"more": 1})
    assert spot_of(turn) == spot
    for posted in (Posted(), Posted(5, (1,)), Posted(5, (1, 2, 3))):
        assert posted_of(str(posted)) == posted


class Shown:
    """Notes what is put on a screen; calls take until `going` is set.

    Attributes:
        slept: how long was waited between calls.
    """

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.slept: list[float] = []
        self.going = asyncio.Event()

    def screen(self) -> Screen:
        """A screen whose calls are noted."""
        return Screen(self._put, self._alive, self._sleep)

    async def _put(self, text: str) -> None:
        self.calls.append(text)
        await self.going.wait()
        if text == "refused":
            raise DiscordBusyError("not now")

    async def _alive(self) -> None:
        self.calls.append("typing")

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)


async def test_the_newest_text_is_shown_one_call_at_a_time_and_none_after_the_end() -> None:
    noted = Shown()
    screen = noted.screen()
    screen.show("one")
    await asyncio.sleep(0.01)
    for text in ("two", "three", "refused", "refused"):
        screen.show(text)
    put = [call for call in noted.calls if call != "typing"]
    assert put == ["one"]
    noted.going.set()
    await asyncio.sleep(0.05)
    put = [call for call in noted.calls if call != "typing"]
    assert put == ["one", "refused"]
    assert noted.slept.count(1.2) == 2
    screen.show("last")
    await screen.stop()
    screen.show("too late")
    await asyncio.sleep(0.01)
    assert "too late" not in noted.calls


async def test_somebody_is_seen_typing_while_it_takes_long_and_not_for_ever() -> None:
    noted = Shown()
    noted.going.set()
    screen = noted.screen()
    screen.show("one")
    await asyncio.sleep(0.05)
    await screen.stop()
    assert noted.calls.count("typing") == 50


async def test_no_call_is_made_before_the_time_that_discord_has_named() -> None:
    clock = HurriedClock()
    calls = Calls(clock.now)
    calls.connected.set()
    with pytest.raises(DiscordBusyError):
        async with calls.calling("posting"):
            raise DiscordBusyError("wait", wait_s=90.0)
    made = 0
    for _ in range(9):
        with pytest.raises(DiscordBusyError):
            async with calls.calling("posting"):
                made += 1
        await clock.sleep(9.9)
    assert made == 0
    await clock.sleep(9.9)
    async with calls.calling("posting"):
        made += 1
    assert made == 1


async def test_names_of_commands_are_said_in_the_languages_that_we_speak() -> None:
    context: Any = TranslationContext(TranslationContextLocation.other, None)
    translator = Translator()
    for locale in (Locale.spain_spanish, Locale.latin_american_spanish):
        assert await translator.translate(words("discord-ask"), locale, context) == "preguntar"
    for locale in (Locale.american_english, Locale.german):
        assert await translator.translate(words("discord-ask"), locale, context) is None
    assert await translator.translate(locale_str("x"), Locale.spain_spanish, context) is None


async def test_without_a_connection_it_is_tried_later() -> None:
    with pytest.raises(DiscordBusyError, match="no connection"):
        async with Calls(within_s=0.01).calling("posting"):
            raise AssertionError


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (discord.RateLimited(90.0), "discord_busy"),
        (OSError("reset"), "discord_busy"),
        (discord.LoginFailure("no"), "discord_settings"),
        (discord.PrivilegedIntentsRequired(None), "discord_settings"),
    ],
)
def test_errors_of_discord_say_who_must_act(error: Exception, kind: str) -> None:
    with pytest.raises(TertuliaError) as raised, translated("posting"):
        raise error
    assert raised.value.kind == kind
    assert raised.value.what_to_do


async def test_files_that_cannot_be_read_are_named_with_the_reason() -> None:
    async def fetch(file: AttachedFile) -> bytes:
        return {"empty.md": b" ", "long.md": b"x" * (LIMITS.file_bytes + 1)}.get(file.name, b"%PDF")

    def named(name: str, size: int = 3) -> AttachedFile:
        return AttachedFile(name, size, "")

    files = [named("a.exe"), named("huge.md", 2**30), named("empty.md"), named("long.md")]
    articles, unread = await read([*files, named("bad.pdf"), named("sixth.md")], fetch, "en")
    assert articles == ()
    reasons = ("I know PDF", "larger", "no text", "larger", "no text", "up to 5")
    assert all(reason in said for reason, said in zip(reasons, unread, strict=True))


def test_settings_of_discord_that_cannot_be_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {
        "DISCORD_TOKEN": "half.a\ntoken",
        "DISCORD_GUILDS": "team",
        "DISCORD_MESSAGE_CONTENT": "perhaps",
        "DISCORD_GATEWAY_URL": "http://x",
    }
    for key, value in wrong.items():
        monkeypatch.setenv(key, value)
    with pytest.raises(ValidationError) as raised:
        DiscordSettings()
    said = str(raised.value)
    for part in ("end of a line", "no id of a server", "true or false", "no address of a gateway"):
        assert part in said
    for key in wrong:
        monkeypatch.setenv(key, "")
    assert DiscordSettings().discord_guilds == ()
    assert isinstance(connection(DiscordSettings(discord_sharded=True)), ShardedClient)
