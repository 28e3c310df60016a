"""Where Slack does not understand blocks, what is shown instead."""

from collections.abc import Iterable, Mapping
from typing import Any

from bot.platforms.slack.blocks import whole_text
from bot.platforms.slack.posting import Posting, contents
from bot.posts import Link, Post
from tests.bot.platforms.slack_question import Asked
from tests.fakes.slack import Fault


async def test_nothing_is_lost_where_slack_does_not_understand_blocks(place: Asked) -> None:
    place.slack.rates.are_on = False
    head = "| a | b | c |\n| --- | --- | --- |\n"
    words = "\n".join(f"Sentence {n} " + "word " * 20 for n in range(70))
    table = head + "".join(f"| {n} | x | {n} of rows |\n" for n in range(95))
    links = tuple(Link(n, f"Page {n} " + "x" * 90, "https://a.example/", "q") for n in range(8))
    wanted = [f"Sentence {n} " for n in range(70)] + [f" · {n} of rows" for n in range(95)]
    wanted += [f"Page {n} " for n in range(8)]
    post = Post(f"{words}\n\n{table}", "en", "T-AAAA", links)
    for times, kinds in ((1, ["markdown", *["actions"] * 3]), (2, ["markdown"])):
        before = place.threads().sink(place.turn())
        place.slack.faults.break_calls(
            "chat.postMessage", Fault("error", code="invalid_blocks"), times=times
        )
        posted = await before.finish(post)
        (message,) = [place.general.message(ts) for ts in posted.split()]
        shown = "".join(one.get("text", "") for one in message.blocks)
        assert not [one for one in wanted if one not in shown]
        assert len(shown) > 10_500
        assert [one["type"] for one in message.blocks] == kinds
        assert {"up:T-AAAA", "down:T-AAAA"} <= values(message.blocks) or times == 2
        await Posting(place.calls, place.spot).remove(message.ts)


def values(blocks: Iterable[Mapping[str, Any]]) -> set[str]:
    """What the buttons of a message stand for."""
    return {one["value"] for block in blocks for one in block.get("elements", ()) if "value" in one}


def test_what_slack_does_not_understand_fits_as_words() -> None:
    cells = "|".join("x" * 20)
    rows = f"|{cells}|\n|{'|'.join(['---'] * 20)}|\n" + f"|{cells}|\n" * 110
    for text in (rows, rows.replace("x", "word " * 9), "word " * 4_000, f"words\n\n{rows}"):
        for content in contents(Post(text, "en")):
            assert len(whole_text(content["blocks"])) <= 12_000
