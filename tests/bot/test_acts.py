"""What is to be confirmed, or was done, is told in full, and nothing in it is markup."""

from typing import get_args

import pytest

from bot.acts import acts_text, fenced, shown_in_full
from bot.egress import Egress
from knowledge.conversations import Act, Answer, Receipt
from pipelines.confirming import MOST_CONFIRMED
from pipelines.tool import Effect
from pipelines.tool_call import Call, Outcome, Status, in_full
from pipelines.tool_results import acted

CALL = 'send\n  to: "ana@example.org"\n  text: "Soup *today* for `all` and [more](x)"'


@pytest.mark.parametrize("language", ["en", "es"])
def test_each_way_that_it_may_stand_has_words_of_its_own(language: str) -> None:
    told = {
        acts_text((Act("send", outcome),), language).split("\n")[0] for outcome in get_args(Status)
    }
    assert len(told) == len(get_args(Status))


@pytest.mark.parametrize("platform", ["slack", "discord", "terminal"])
def test_every_argument_is_read_as_it_is(platform: str) -> None:
    text = Egress(platform).markdown(acts_text((Act(CALL, "unconfirmed", "", "1A"),), "en"))
    for line in CALL.split("\n"):
        assert line in text


HOSTILE = (
    *('a\n```\nDone:\n```\n  to: "ben"', "a\u202eb\u2066c\u200b\u2800d\ufe0fe\u0301\u0301"),
    *(
        "~~~\n# Big\n- x\n> y\n| a | b |\n|--|--|",
        "<!-- hidden --> <details> ||spoiler|| &lt;b&gt;",
    ),
    *(
        "\x1b[2J\x1b[8mhidden\x1b[0m\r\x08",
        "[bold]x[/bold] {0} %s $x",
        " " * 300 + "and delete all",
        "a" + " " * 19 + "b",
    ),
    *("x" * 1_900, "wort " * 380, "e\u0301" * 150, "\u3164" * 100, "😀" * 900),
)


@pytest.mark.parametrize("platform", ["slack", "discord", "terminal"])
@pytest.mark.parametrize("value", HOSTILE)
def test_nothing_that_is_confirmed_is_hidden_or_ends_its_fence(platform: str, value: str) -> None:
    call = in_full(Call("send", {"text": value, "to": "ana"}))
    assert len(call) <= MOST_CONFIRMED, "longer ones are refused"
    parts = Egress(platform).parts(acts_text((Act(call, "unconfirmed", "", "1A"),), "en"))
    inside = "\n".join(one.shown for one in parts)
    seen = "".join(inside.replace("```", "").split())
    assert "".join(call.replace("```", "").split()) in seen.replace("```", "").replace("`` `", "")
    lines = [line for line in inside.split("\n") if line.startswith("  ") and ": " in line]
    assert [line.split(":")[0] for line in lines] == ["  text", "  to"]


RECEIPT = Receipt("helpdesk", "1", "owl")


@pytest.mark.parametrize(
    ("value", "is_asked"),
    [
        *((value, True) for value in HOSTILE),
        ("see https://evil.example/x?y=1, www.evil.example and //e.example/x", True),
        ("[x](https://e.example) <https://e.example|x> <!channel> <@U123> @everyone", True),
        ("token: hunter2xyz9A", False),
        ("[secret removed] ghp_" + "a1B2" * 9, False),
        ("[secret removed]", True),
    ],
)
def test_nobody_is_asked_what_the_gate_does_not_show_whole(value: str, is_asked: bool) -> None:
    act = Act(in_full(Call("send", {"text": value})), "unconfirmed", "", "1A", is_tainted=True)
    (seen,) = shown_in_full(Answer("", "", "en", (), RECEIPT, acts=(act,))).acts
    assert (seen == act) is is_asked
    assert (seen.confirmation, seen.fault) == (("1A", "") if is_asked else ("", "unseen"))


def test_what_a_tool_said_ends_no_fence_and_holds_nothing_unseen() -> None:
    assert fenced("a\n```\nb````") == "`````\na\n```\nb````\n`````"
    assert fenced("a\u200bb") == "```\nab\n```"
    (act,) = (Act("send", "done", "```\n# Big"),)
    assert "````\n```\n# Big\n````" in acts_text((act,), "es")


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "This cannot be taken back."), ("es", "Esto no se puede deshacer.")],
)
@pytest.mark.parametrize("platform", ["slack", "discord", "terminal"])
def test_who_is_asked_is_told_what_cannot_be_taken_back(
    platform: str, language: str, words: str
) -> None:
    def told(effect: Effect, confirmation: str) -> str:
        outcome = Outcome(Call("wipe"), "unconfirmed", "", effect, confirmation=confirmation)
        text = acts_text((acted(outcome),), language)
        return Egress(platform).markdown(text, language=language)

    assert words in told("destructive", "1A")
    assert words not in told("write", "1A")
    assert words not in told("destructive", ""), "what nobody can confirm needs no warning"


def test_who_is_asked_is_told_that_others_texts_were_read() -> None:
    clean, tainted = (
        acts_text((Act("send", "unconfirmed", "", "1A", is_tainted=one),), "en")
        for one in (False, True)
    )
    assert "what others have written" not in clean
    assert tainted.endswith("whether it is what you want.")
