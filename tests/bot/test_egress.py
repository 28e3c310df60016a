"""What goes out: the cases of the security set, ordinary answers, hostile ones by the hundred."""

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from bot.egress import Egress, cleaned
from bot.egress.dialects import DIALECTS
from bot.egress.tool_calls import is_tool_call
from tests.bot.chat_readers import assert_harmless, invisible
from tests.bot.hostile_markdown import ALLOWED, hostile

OWN = Path(__file__).parents[2].parent / "shared" / "data" / "security" / "own"
RUNBOOK = "https://wiki.example.test/runbook"
MARKDOWN = ("slack", "discord")


def lines_of(name: str) -> list[dict[str, Any]]:
    path = OWN / name
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def markdown(platform: str, text: str, *links: str, language: str = "en") -> str:
    return Egress(platform).markdown(text, links=links, language=language)


@pytest.mark.parametrize("platform", MARKDOWN)
@pytest.mark.parametrize("case", lines_of("egress_cases.jsonl"), ids=lambda case: case["id"])
def test_the_cases_of_the_security_set_go_out_harmless(case: dict[str, Any], platform: str) -> None:
    text = Egress(platform).markdown(case["model_output"], links=case["retrieved_urls"])
    assert_harmless(platform, text, *case["retrieved_urls"])
    assert text.strip()
    for check in case["checks"]:
        name, _, value = check.partition(":")
        if name in ("text_kept", "url_kept"):
            assert value in text
        if name == "no_raw_tool_call_shown":
            assert "arguments" not in text


@pytest.mark.parametrize("case", lines_of("literal_user_texts.jsonl"), ids=lambda case: case["id"])
def test_what_somebody_wrote_is_quoted_as_it_is(case: dict[str, Any]) -> None:
    for platform in MARKDOWN:
        quoted = Egress(platform).literal(case["text"])
        assert Egress("terminal").markdown(quoted) == cleaned(case["text"])


# Without a search for the shortest example: that would take minutes. The text is in the report.
HOSTILE = settings(
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)

ORDINARY = [
    "You have **25 days** of leave [1]. Ask your lead [2][3].",
    "Tienes **25 días** de vacaciones [1]. ¿Más de 5? Habla con *personas* [2].",
    "Steps:\n1. Open the lid\n2. Press `reset`\n   - twice if it blinks\n3. Wait [1].",
    "Pasos:\n\n- Abre la tapa.\n- Pulsa «reset».\n\n  Dos veces si parpadea.\n- Espera [1].",
    "# Backup\nAt 02:30 [1].\n\n## Back\n\n```bash\nrestore --from /mnt/b_1; ls $HOME\n```\nOk",
    "> Nobody enters alone.\n>\n> The second person signs.\n\nSo says the manual [1].",
    "It costs 3 * 4 = 12 € (~15 %), snake_case_name, R&D, 50 % | 60 %, C:\\Users\\ana, a_b.",
    "~~Friday~~ Monday, 10:30 - 11:00; see page 4 - 7. Price: $5-$7 #1!",
    "Write to hr@acme.example or call +34 955 123 456.",
    "¡Hola! Esto es lo que sé:\n\n***\n\nNada más.",
    "The class `List<String>` is not `Map<K, V>`; use `a && b`.",
    "1) first\n2) second\n\n* star\n* other",
    "👩‍🌾 ❤️ 日本語 naïve Ελληνικά",
]
SLIGHTLY_OTHER = {"¡Hola! Esto es lo que sé:\n\n***\n\nNada más.": ("***", "---")}


@pytest.mark.parametrize("text", ORDINARY)
@pytest.mark.parametrize("platform", [*MARKDOWN, "terminal"])
def test_ordinary_answers_go_out_as_they_are(text: str, platform: str) -> None:
    expected = text.replace(*SLIGHTLY_OTHER.get(text, ("", "")))
    assert markdown(platform, text) == expected


def test_a_table_is_one_on_slack_and_aligned_on_discord() -> None:
    table = "| Name | Days |\n|---|--:|\n| **Ana** | 25 |\n| 日本 | 7 \\| 8 |"
    tidy = "| Name | Days |\n| --- | ---: |\n| **Ana** | 25 |\n| 日本 | 7 \\| 8 |"
    assert markdown("slack", table) == tidy
    aligned = "```\nName |  Days\n-----+------\nAna  |    25\n日本 | 7 | 8\n```"
    assert markdown("discord", table) == aligned


def test_deep_headings_are_bold_where_there_are_none() -> None:
    assert markdown("discord", "#### **Deep** *one*") == "**Deep *one***"
    assert markdown("slack", "#### Deep") == "#### Deep"


@pytest.mark.parametrize(
    ("written", "discord", "slack"),
    [
        (f"[rules]({RUNBOOK})", f"[rules](<{RUNBOOK}>)", f"[rules]({RUNBOOK})"),
        (f"[{RUNBOOK}]({RUNBOOK})", f"<{RUNBOOK}>", f"<{RUNBOOK}>"),
        (f"[https://bank.test]({RUNBOOK})", f"<{RUNBOOK}>", f"<{RUNBOOK}>"),
        (f"[bank.test]({RUNBOOK})", f"<{RUNBOOK}>", f"<{RUNBOOK}>"),
        (f"[wіki.example.test]({RUNBOOK})", f"<{RUNBOOK}>", f"<{RUNBOOK}>"),
        (f"[wiki.example.test]({RUNBOOK})", f"[wiki.example.test](<{RUNBOOK}>)", None),
        (f"[ceo@bank.test]({RUNBOOK})", f"<{RUNBOOK}>", f"<{RUNBOOK}>"),
        (f"[]({RUNBOOK})", f"<{RUNBOOK}>", f"<{RUNBOOK}>"),
        (f"![chart]({RUNBOOK})", "chart", "chart"),
        (f"see {RUNBOOK}.", f"see <{RUNBOOK}>.", f"see <{RUNBOOK}>."),
        (f"({RUNBOOK})[1]", f"(<{RUNBOOK}>)[1]", f"(<{RUNBOOK}>)[1]"),
        ("[a](https://evil.test)", "a", "a"),
        ("<https://evil.test>", "[link removed]", "[link removed]"),
        ("<std::vector>", "<std::vector>", "&lt;std::vector>"),
        ("see acme.example", "see acme.example", "see `acme.example`"),
        ("acme.example/x?d=1", "[link removed]", "[link removed]"),
        ("`curl https://evil.test`", "`curl https://evil.test`", "`curl https[:]//evil.test`"),
        (f"`curl {RUNBOOK}`", f"`curl {RUNBOOK}`", f"`curl {RUNBOOK}`"),
        (
            "`www.evil.test //evil.test`",
            "`www.evil.test //evil.test`",
            "`www[.]evil.test / /evil.test`",
        ),
        ("<`https://evil.test`>", "\\<`https://evil.test`>", None),
        ("\\\\<`https://evil.test`>", "\\\\\\<`https://evil.test`>", None),
        ("www.evil.testhr@acme.test", "[link removed]", "[link removed]"),
        ("a &amp;lt; b", "a \\&lt; b", "a &amp;lt; b"),
        ("p.ej. p.m. v1.2 main.py:12", "p.ej. p.m. v1.2 main.py:12", None),
        ("<!-- x --> @ana", "<!-- x --> @ana", "&lt;!-- x --> @ana"),
        ("`@everyone <@123>`", "`@ everyone < @123>`", "`@ everyone < @123>`"),
        ("anna@heredia.example", "anna@heredia.example", "anna@heredia.example"),
    ],
)
def test_links_names_and_pings(written: str, discord: str, slack: str | None) -> None:
    assert markdown("discord", written, RUNBOOK) == discord
    assert markdown("slack", written, RUNBOOK) == (slack or markdown("slack", written, RUNBOOK))
    for platform in MARKDOWN:
        assert_harmless(platform, markdown(platform, written, RUNBOOK), RUNBOOK)


def test_an_address_that_a_chat_would_read_otherwise_is_not_linked() -> None:
    for url in (
        "https://a.test/x|y",
        "https://a.test/" + "x" * 1000,
        "ftp://a.test",
        "javascript:x",
    ):
        assert url not in markdown("discord", f"[a]({url})", url)
    brackets = "https://a.test/x_(y)"
    assert markdown("slack", f"[a](<{brackets}>)", brackets) == f"a <{brackets}>"


def test_a_title_that_names_another_host_stands_before_its_address() -> None:
    link = f"[How we use draw.io]({RUNBOOK})"
    assert markdown("discord", link, RUNBOOK) == f"How we use draw.io: <{RUNBOOK}>"
    assert "draw.io](" not in markdown("slack", link, RUNBOOK)
    evil = f"[see https://bank.test now]({RUNBOOK})"
    for platform in ("discord", "slack"):
        assert "bank.test" not in markdown(platform, evil, RUNBOOK)


def test_words_that_name_another_host_are_not_shown() -> None:
    odd = "https://a\u2100b.test/x"  # no host that could be told
    assert markdown("discord", f"[acme.test]({odd})", odd) == f"<{odd}>"


def test_there_is_always_something_to_post() -> None:
    for text in ("![](https://evil.test/i.png)", "\u200b", "```\n```"):
        assert markdown("slack", text) == ""
        (part,) = Egress("slack").parts(text, language="es")
        assert part.shown.startswith("No he conseguido")


def test_parts_that_need_more_signs_than_before_are_cut_smaller() -> None:
    for seed in range(70, 85):
        for part in Egress("slack").parts(hostile(Random(seed), 3), limit=300, links=ALLOWED):
            assert len(part.shown) <= 300


def test_of_what_reads_otherwise_each_time_only_the_words_are_shown() -> None:
    out = markdown("slack", "``_` ` ``E.md`")
    assert "E.md" in out
    assert markdown("slack", out) == out


def test_some_addresses_are_always_allowed() -> None:
    outgoing = Egress("discord", allowed=[RUNBOOK])
    assert outgoing.markdown(RUNBOOK) == f"<{RUNBOOK}>"


def test_what_was_taken_out_is_said_in_the_readers_language() -> None:
    text = "https://evil.test <!here> ghp_" + "a1B2" * 9
    spanish = "[enlace eliminado] [mención eliminada] [secreto eliminado]"
    assert markdown("slack", text, language="es") == spanish


def test_code_cannot_leave_its_fence() -> None:
    text = "````md\n```\n@everyone\n```\n````\n\n``` a``b ```\n\n```\n\n```\nend"
    out = markdown("discord", text)
    assert out == "```md\n`` `\n@ everyone\n`` `\n```\n\n`` a` `b ``\n\nend"


def test_a_backslash_in_code_does_not_make_a_link_of_it() -> None:
    shown = Egress("discord").markdown(r"[`Reset your password](https\://evil.example/x)`")
    assert "](" not in shown


def test_brackets_before_code_do_not_make_a_link_of_it() -> None:
    for platform in MARKDOWN:
        out = markdown(platform, f"[click `x](https://evil.test)` {RUNBOOK}", RUNBOOK)
        assert_harmless(platform, out, RUNBOOK)


@pytest.mark.parametrize(
    ("text", "is_call"),
    [
        ('{"name": "f", "arguments": {"a": 1}}', True),
        ('```json\n[{"name": "f", "parameters": {}}]\n```', True),
        ('<tool_call>{"tool": "f", "args": []}</tool_call>', True),
        ('{"tool_calls": []}', True),
        ('{"name": "Ana", "age": 7}', False),
        ("[1] says so", False),
        ("[1, 2]", False),
        ("[]", False),
        ("{not json", False),
        ("plain", False),
    ],
)
def test_a_bare_tool_call_is_no_answer(text: str, is_call: bool) -> None:
    assert is_tool_call(text) == is_call


@settings(HOSTILE, max_examples=300)
@given(st.randoms(use_true_random=False))
def test_hostile_markdown_goes_out_harmless(random: Random) -> None:
    text = hostile(random, most_blocks=2)
    note(text)
    for platform in MARKDOWN:
        assert_harmless(platform, markdown(platform, text, *ALLOWED), *ALLOWED)


@settings(HOSTILE, max_examples=60)
@given(st.randoms(use_true_random=False))
def test_what_went_out_once_goes_out_unchanged(random: Random) -> None:
    text = hostile(random, most_blocks=2)
    note(text)
    for platform in MARKDOWN:
        out = markdown(platform, text, *ALLOWED)
        assert markdown(platform, out, *ALLOWED) == out
        quoted = Egress(platform).literal(text, links=ALLOWED)
        assert_harmless(platform, quoted, *ALLOWED)
        assert markdown(platform, quoted, *ALLOWED) == quoted


@settings(HOSTILE, max_examples=60)
@given(st.randoms(use_true_random=False), st.integers(400, 600))
def test_the_parts_of_a_hostile_text_are_harmless_too(random: Random, limit: int) -> None:
    text = hostile(random, most_blocks=2)
    note(text)
    for platform in MARKDOWN:
        outgoing = Egress(platform)
        parts = outgoing.parts(text, limit=limit, links=ALLOWED)
        assert "".join(p.original for p in parts) == outgoing.markdown(text, links=ALLOWED)
        for part in parts:
            assert_harmless(platform, part.shown, *ALLOWED)
            assert part.shown.strip()
            assert len(part.shown) <= limit


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_any_text_can_go_out(text: str) -> None:
    for platform in DIALECTS:
        outgoing = Egress(platform)
        assert not invisible(outgoing.markdown(text) + outgoing.literal(text))
