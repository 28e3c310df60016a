"""Pictures on Slack: three calls for each, any of which may fail, and one file in the end."""

from dataclasses import replace

import pytest

from bot.platforms.slack.errands import Errands
from bot.platforms.slack.errors import SlackUnavailableError
from bot.platforms.slack.spot import Spot
from bot.platforms.slack.threads import Threads
from bot.posts import Post, from_json
from bot.wording import say
from knowledge.conversations import Picture
from tests.bot.platforms.slack_question import Asked, stands
from tests.fakes.image_server import picture
from tests.fakes.slack import Fault
from tests.fakes.slack.files import StoredFile

SHAPED = "ghp_abcdefghijklmnopqrstuvwxyz0123456789"
WORDS = f"an owl <!channel> at https://evil.example/?d=1, {SHAPED}"
OWL = Picture(picture(), WORDS, "png")
DRAWN = Post("Here is the picture.", "en", "T-AAAA", pictures=(OWL,))
BOTH = replace(DRAWN, pictures=(OWL, Picture(picture("JPEG"), "a hat", "jpeg")))
SHARE = "files.completeUploadExternal"


def shown(place: Asked) -> list[StoredFile]:
    """The files that people see, in order."""
    standing = [message for message in place.general.messages if not message.is_deleted]
    return [place.team.files[one["id"]] for message in standing for one in message.files]


async def test_a_picture_has_a_name_of_ours_and_words_that_passed_the_gate(place: Asked) -> None:
    posted = await place.threads().sink(place.turn()).finish(BOTH)
    owl, hat = shown(place)
    assert posted.split()[1:] == [owl.file_id, hat.file_id]
    assert [one.content for one in (owl, hat)] == list(BOTH.contents)
    assert owl.name.endswith("-1.png")
    assert hat.name.endswith("-2.jpg")
    assert "owl" not in owl.name
    assert (owl.channel_id, owl.thread_ts) == (place.channel, place.message.ts)
    for said in (owl.title, owl.description):
        assert said.startswith("an owl")
        assert SHAPED not in said
        assert "https://evil.example" not in said
    assert (hat.title, hat.description) == ("a hat", "a hat")
    assert place.texts()[0].startswith("Here is the picture.")


@pytest.mark.parametrize(
    ("method", "fault"),
    [
        ("files.getUploadURLExternal", Fault("status")),
        ("files.getUploadURLExternal", Fault("reset", is_carried_out=True)),
        ("upload", Fault("status", status=503)),
        (SHARE, Fault("status")),
        (SHARE, Fault("reset", is_carried_out=True)),
        (SHARE, Fault("truncated", is_carried_out=True)),
    ],
)
async def test_whatever_call_fails_there_is_one_file(
    place: Asked, method: str, fault: Fault
) -> None:
    sink = place.threads().sink(place.turn())
    place.slack.faults.break_calls(method, fault)
    with pytest.raises(SlackUnavailableError):
        await sink.finish(DRAWN)
    posted = await sink.finish(DRAWN)
    assert [one.file_id for one in shown(place)] == posted.split()[1:]
    assert await stands(place.threads(), place.spot, DRAWN) == posted
    assert len(place.texts()) == 2, "the words and the file"


async def test_who_goes_on_after_a_kill_posts_what_is_missing(place: Asked) -> None:
    killed = place.threads().sink(place.turn())
    place.slack.faults.break_calls(SHARE, Fault("status"))
    with pytest.raises(SlackUnavailableError):
        await killed.finish(DRAWN)
    stored = from_json(DRAWN.as_json()).with_contents(DRAWN.contents)
    assert stored == DRAWN
    threads = place.threads()
    assert await stands(threads, place.spot, stored) == "", "not all of it is there"
    sink = threads.sink(place.turn())
    sink.take_up()
    posted = await sink.finish(stored)
    assert len(shown(place)) == 1
    assert await stands(place.threads(), place.spot, DRAWN) == posted


@pytest.mark.parametrize("code", ["missing_scope", "file_upload_disabled"])
async def test_where_no_file_may_be_posted_the_thread_says_so(place: Asked, code: str) -> None:
    if code == "missing_scope":
        assert place.team.token
        place.team.token.scopes = tuple(
            scope for scope in place.team.token.scopes if scope != "files:write"
        )
    else:
        place.slack.faults.break_calls(SHARE, Fault("error", code=code))
    posted = await place.threads().sink(place.turn()).finish(DRAWN)
    assert shown(place) == []
    assert place.texts()[1] == say("picture-not-posted", "en")
    assert await stands(place.threads(), place.spot, DRAWN) == posted


async def test_a_picture_whose_bytes_are_gone_is_named_as_missing(place: Asked) -> None:
    await place.threads().sink(place.turn()).finish(from_json(DRAWN.as_json()))
    assert place.texts()[1] == say("picture-not-posted", "en")


async def test_pictures_of_other_questions_in_the_thread_stay(place: Asked) -> None:
    await place.threads().sink(place.turn()).finish(DRAWN)
    said = await place.ana.says(place.general, "And one more", thread=place.message)
    spot = Spot(
        place.team.team_id, place.channel, place.ana.user_id, said.ts, thread=place.message.ts
    )
    sink = place.threads().sink(place.turn(spot))
    sink.take_up()
    await sink.finish(replace(DRAWN, reference="T-BBBB"))
    again = place.threads().sink(place.turn())
    again.take_up()
    await again.finish(DRAWN)
    assert len(shown(place)) == 2


async def test_an_answer_without_a_picture_takes_the_place_of_one_with_it(place: Asked) -> None:
    posted = await place.threads().sink(place.turn()).finish(BOTH)
    edited = replace(place.spot, edition="2", answer=posted)
    await place.threads().sink(place.turn(edited)).finish(Post("No owl.", "en", "T-BBBB"))
    assert shown(place) == []
    assert len(place.texts()) == 1
    assert place.team.files == {}, "the file itself is gone, too"


async def test_what_was_posted_goes_with_its_question(place: Asked) -> None:
    posted = await place.threads().sink(place.turn()).finish(BOTH)
    errands = Errands()
    Threads(place.workspaces, errands, place.clock).remove(place.spot, posted)
    await errands.close(5.0)
    assert (shown(place), place.texts(), place.team.files) == ([], [], {})
    Threads(place.workspaces, errands, place.clock).remove(place.spot, posted)
    await errands.close(5.0)  # somebody was quicker
