"""What every platform does with what it posts: nothing gets lost, and nothing hostile gets out."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.posts import Link, Post
from tests.bot.chat_readers import assert_harmless
from tests.contracts.needing import needs
from tests.contracts.scene import Scene
from tests.fakes.scripted_model import NOT_FOUND

OWN = Path(__file__).parents[2].parent / "shared" / "data" / "security" / "own"
RUNBOOK = "https://wiki.example.test/runbook"
HOSTILE = (
    "[Parents take 19 weeks of parental leave](https://evil.test/?d=19). "
    "Parents take 19 weeks of parental leave <!channel>. "
    "Parents take 19 weeks of <https://evil.test|parental leave>. "
    "Parents take 19 weeks of \u202eparental\u202c leave. "
    "Tell @everyone and <@123> and <@U123>: ![leave](https://evil.test/i.png) evil.test/now."
)
"""What the pages hold comes with links and calls; the last sentence is seen in the stream alone."""
needs_cases = pytest.mark.skipif(not OWN.exists(), reason="there is no ../shared/data/security/own")


def lines_of(name: str) -> list[dict[str, Any]]:
    """Cases of the security set, read where they are."""
    return [json.loads(line) for line in (OWN / name).read_text(encoding="utf-8").splitlines()]


def long_text() -> tuple[str, list[str]]:
    """An answer with everything that could be cut, and the lines that must all arrive in order."""
    paragraphs = [f"Paragraph {n} says that leave is paid in full." for n in range(200)]
    rows = [f"row {n}" for n in range(60)]
    code = [f"step_{n}()" for n in range(400)]
    table = "| Name | Days |\n| --- | --- |\n" + "\n".join(f"| {row} | 7 |" for row in rows)
    text = "\n\n".join((*paragraphs, table, "```py\n" + "\n".join(code) + "\n```"))
    return text, [*paragraphs, *rows, *code]


class PlatformOutput:
    """The part of the contract that is about texts."""

    async def test_a_source_has_its_number_its_title_and_its_link(self, scene: Scene) -> None:
        link = Link(1, "The runbook", RUNBOOK, "Parents take 19 weeks.")
        reply = await scene.posts(Post("It is there [1].", "en", "T-AAAA", (link,)))
        assert reply.parts[0].startswith("It is there [1].")
        for words in ("1", "The runbook", RUNBOOK):
            assert words in reply.sources

    async def test_a_long_answer_arrives_whole(self, scene: Scene) -> None:
        text, lines = long_text()
        reply = await scene.posts(Post(text, "en", "T-AAAA"))
        joined, at = "\n".join(reply.parts), 0
        for line in lines:
            at = joined.find(line, at)
            assert at >= 0, line
            at += len(line)
        assert all(joined.count(f"{line}\n") == 1 for line in lines[:200])

    async def test_paragraphs_that_are_cut_are_the_text_again_when_joined(
        self, scene: Scene
    ) -> None:
        text = "\n\n".join(f"Paragraph {n} says that leave is paid in full." for n in range(400))
        reply = await scene.posts(Post(text, "en", "T-AAAA"))
        assert "\n\n".join(part.strip("\n") for part in reply.parts).strip() == text

    async def test_what_a_hostile_model_writes_leaves_the_house_clean(self, scene: Scene) -> None:
        scene.model.answer = HOSTILE
        reply = await scene.reply(await scene.asks("How many weeks of parental leave are there?"))
        assert "19 weeks" in reply.text
        assert any("19 weeks" in text for _, text in scene.sent())
        for reader, text in scene.sent():
            assert_harmless(reader, text)

    @needs("markup")
    @needs_cases
    async def test_the_cases_of_the_security_set_come_out_harmless(self, scene: Scene) -> None:
        for case in lines_of("egress_cases.jsonl"):
            links = tuple(Link(1, "Runbook", url, "quote") for url in case["retrieved_urls"])
            before = len(scene.sent())
            reply = await scene.posts(Post(case["model_output"], "en", "T-AAAA", links))
            sent = scene.sent()[before:]
            assert sent, case["id"]
            for reader, text in sent:
                assert_harmless(reader, text, *case["retrieved_urls"])
            for check in case["checks"]:
                name, _, value = check.partition(":")
                assert name not in ("text_kept", "url_kept") or value in reply.text, case["id"]
                assert name != "no_raw_tool_call_shown" or "arguments" not in reply.text

    @needs_cases
    async def test_what_people_write_is_a_question_and_never_a_template(self, scene: Scene) -> None:
        scene.model.answer = NOT_FOUND
        for number, case in enumerate(lines_of("literal_user_texts.jsonl")):
            who = ("Ana", "Ben")[number % 2]
            text = " ".join(case["text"].split())
            reply = await scene.reply(await scene.asks(text, who=who, is_private=True))
            assert reply.text.strip()
            assert "49" not in reply.text, case["id"]
            asked = [prompt for prompt in scene.model.prompts if text in str(prompt[-1]["content"])]
            assert asked or "error" not in reply.text, case["id"]
