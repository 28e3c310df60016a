"""Pictures from the question to the file, at the command line and beside other tools."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.app import App
from bot.home_folder import HomeError
from bot.pictures import described, put_away
from bot.posts import Post, from_json
from bot.replying import worded
from bot.settings import Settings
from bot.wording import say
from knowledge.conversations import Answer, Decision, Picture, Receipt
from tests.bot.team import Tertulia, write
from tests.fakes.image_server import HIDDEN, ImageServer, drawing, picture
from tests.fakes.loopback import Reply
from tests.fakes.scripted_model import NOT_FOUND, ScriptedModel, writing

ROOMS = '''
from pipelines.tools import Picture, tool

@tool
def rooms() -> str:
    """The rooms of the office."""
    return "The room Almanzor has 7 seats."

@tool(effect="write")
def hang_up(what: str) -> Picture:
    """Hangs a picture of something up in the hall."""
    import io
    from PIL import Image
    written = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(written, "PNG")
    return Picture(written.getvalue(), what)
'''
PAINTER = "---\ntools: [draw_image, rooms, hang_up]\n---\nYou draw.\n"
DRAW: tuple[str, dict[str, object]] = ("draw_image", {"description": "an owl"})
ASKED = "Please draw an owl and tell me about our rooms."


def choice(*calls: tuple[str, dict[str, object]]) -> Reply:
    """The reply of a model that wants these called."""
    listed = [{"tool": name, "arguments": given} for name, given in calls]
    return writing(json.dumps({"calls": listed}))


@pytest.fixture
def server(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ImageServer]:
    """A server that draws for the persona `painter`."""
    write(home / "more/tools", {"rooms.py": ROOMS})
    write(home / "more/personas", {"painter.md": PAINTER})
    monkeypatch.setenv("EXTENSIONS_DIR", str(home / "more"))
    with drawing() as started:
        with (home / "tertulia.toml").open("a") as file:
            table = f'[tools.image]\nbase_url = "{started.url}/v1"\nprivate = true\n'
            file.write(f'{table}audience = ["everyone", "terminal:ana"]\n')
        yield started


def test_who_asks_in_a_terminal_is_told_the_file(
    server: ImageServer, model: ScriptedModel, tertulia: Tertulia, home: Path
) -> None:
    model.reply_to["Tools:"] = choice(DRAW)
    value = tertulia("ask", "Please draw an owl.", "--persona", "painter", "--json").value
    assert (value["answer"], value["abstained"]) == (say("picture", "en", number=1), False)
    (drawn,) = value["pictures"]
    assert drawn["description"] == "an owl"
    file = Path(drawn["path"])
    assert file == home / "pictures" / f"{value['reference']}-1.png"
    assert HIDDEN.encode() not in file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    (used,) = value["receipt"]["tools"]
    assert (used["call"], used["outcome"]) == ('draw_image(description="an owl")', "done")
    told = tertulia("ask", "Dibuja un búho, por favor.", "--persona", "painter").out
    assert told.splitlines()[0] == "Aquí está la imagen."
    assert told.splitlines()[1].startswith(f"Imagen: {home / 'pictures'}")


def test_a_picture_comes_beside_what_another_tool_says(
    server: ImageServer, model: ScriptedModel, tertulia: Tertulia
) -> None:
    model.reply_to["Tools:"] = choice(DRAW, ("rooms", {}))
    model.answer = "The room Almanzor has 7 seats."
    value = tertulia("ask", ASKED, "--persona", "painter", "--json").value
    assert (
        value["answer"] == f"The room Almanzor has 7 seats [1].\n\n{say('picture', 'en', number=1)}"
    )
    assert len(value["pictures"]) == 1
    assert [one["title"] for one in value["citations"]] == ["rooms()"]
    model.answer = NOT_FOUND
    value = tertulia("ask", ASKED, "--persona", "painter", "--json").value
    assert (value["answer"], value["abstained"]) == (say("picture", "en", number=1), False)


def test_a_model_that_would_go_on_drawing_draws_once(
    server: ImageServer, model: ScriptedModel, tertulia: Tertulia
) -> None:
    model.reply_to["Results:"] = choice(("draw_image", {"description": "an owl, in other words"}))
    model.reply_to["Tools:"] = choice(DRAW)
    value = tertulia("ask", "Please draw an owl.", "--persona", "painter", "--json").value
    assert len(value["pictures"]) == 1
    assert [one["prompt"] for one in server.asked] == ["an owl"]


def test_who_gets_none_hears_why_also_beside_what_another_tool_says(
    server: ImageServer, model: ScriptedModel, tertulia: Tertulia
) -> None:
    server.reply = Reply.of({}, status=429)
    model.reply_to["Tools:"] = choice(DRAW)
    value = tertulia("ask", "Please draw an owl.", "--persona", "painter", "--json").value
    assert (value["abstained"], value["reason"]) == (True, "not-drawn")
    assert "pictures" not in value
    assert "was asked too often" in value["answer"]
    model.reply_to["Tools:"] = choice(DRAW, ("rooms", {}))
    model.answer = "The room Almanzor has 7 seats."
    value = tertulia("ask", ASKED, "--persona", "painter", "--json").value
    assert value["answer"].startswith("The room Almanzor has 7 seats [1].\n\nI have no picture")


async def test_what_a_confirmed_tool_draws_comes_with_what_it_did(
    server: ImageServer, model: ScriptedModel
) -> None:
    del server
    model.reply_to["Tools:"] = choice(("hang_up", {"what": "an owl"}))
    async with App(Settings()) as app:
        talk = await app.talk("terminal:ana", "painter")
        asked = await talk.reply("Please hang up an owl.")
        assert asked.answer
        assert asked.answer.pictures == ()
        yes = Decision(asked.answer.acts[0].confirmation, is_yes=True)
        done = await talk.reply("Yes", decision=yes)
    assert done.answer
    assert [one.description for one in done.answer.pictures] == ["an owl"]
    assert say("act", "en", outcome="done") in done.text


def test_a_post_without_pictures_is_kept_as_ever() -> None:
    assert "pictures" not in Post("Hello.", "en").as_json()
    drawn = Post("Here.", "en", pictures=(Picture(b"1", "an owl", "png"),))
    kept = json.loads(json.dumps(drawn.as_json()))
    assert from_json(kept).contents == (b"",)
    assert from_json(kept).with_contents([b"1"]) == drawn
    assert from_json(Post("Hello.", "en").as_json()) == Post("Hello.", "en")


def test_several_pictures_are_told_as_such() -> None:
    two = (Picture(b"1", "a", "png"), Picture(b"2", "b", "webp"))
    answer = Answer("", "", "en", (), Receipt("painter", "1", "owl"), pictures=two)
    assert worded(answer) == "Here are the pictures."


def test_a_description_passes_the_gate_and_stays_short() -> None:
    hostile = Picture(b"", "an\nowl \u202e<@U1> https://evil.example/x?d=1 " + "x" * 300)
    words = described(hostile, 100)
    assert words.startswith("an owl ")
    assert len(words) == 100
    assert "evil.example" not in words
    assert "\u202e" not in words


async def test_where_it_cannot_be_written_that_is_told(tmp_path: Path) -> None:
    (tmp_path / "pictures").write_text("no folder")
    answer = Answer("T-1", "", "en", (), Receipt("painter", "1", "owl"))
    assert await put_away(answer, tmp_path / "pictures") == []
    drawn = Answer("T-1", "", "en", (), answer.receipt, pictures=(Picture(picture(), "", "jpeg"),))
    with pytest.raises(HomeError):
        await put_away(drawn, tmp_path / "pictures")
    (file,) = await put_away(drawn, tmp_path / "other")
    assert file.name == "T-1-1.jpg"
