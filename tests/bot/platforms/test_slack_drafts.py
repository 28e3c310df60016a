"""What is seen of an answer while it is being written."""

import asyncio
import re
from itertools import pairwise
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st
from slack_sdk.web.async_client import AsyncWebClient

from bot.platforms.slack.calling import Calls
from bot.platforms.slack.posting import outgoing
from bot.platforms.slack.spot import Spot
from bot.platforms.slack.streaming import Draft, StreamRate
from tests.bot.chat_readers import assert_harmless
from tests.bot.hostile_markdown import hostile
from tests.fakes.slack import FakeSlack
from tests.fakes.stepped_clock import SteppedClock

KEY_LINES = ("MIIEpAIBAAKCAQEA1234567890abcdefghij", "qwertyuiopasdfghjklzxcvbnm1234567890")
KEY = "\n".join(["-----BEGIN RSA PRIVATE KEY-----", *KEY_LINES, "-----END RSA PRIVATE KEY-----"])
SECRETS = {
    "The password: Tr0ub4dor&3xyz and more": ("Tr0ub4dor",),
    "La contraseña es Tr0ub4dor&3xyz y más": ("Tr0ub4dor",),
    f"The key:\n{KEY}\nKeep it.": KEY_LINES,
    "Authorization: Bearer abcdefghijklmnopqrstuvwxyz0123456789ABCD so it is": ("abcdefghij",),
    "AWS_SECRET_ACCESS_KEY = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY so it is": ("wJalrXU",),
    "It is ghp_" + "a1B2" * 9 + " and more": ("a1B2a1B2",),
    "The secret password: Tr0u\x1b]x y z w\x07b4dor9xyz and so on": ("Tr0u",),
}
FENCED = (
    "Run this:\n\n```python\nfor i in range(3):\n    print(i)  # x\n```\n\nThat is all there is."
)
TABLE = "| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n\nThat is all there is."


def shown(text: str, cuts: list[int]) -> str:
    """What stands on Slack when all of this was written, in these pieces."""
    clock = SteppedClock()
    calls = Calls(AsyncWebClient(), clock)
    draft = Draft(calls, Spot("T1", "C1", "U1", "1.0"), StreamRate(clock))
    places = sorted({0, *cuts, len(text)})
    return asyncio.run(_grown(draft, [text[a:b] for a, b in pairwise(places)]))


async def _grown(draft: Draft, pieces: list[str]) -> str:
    seen = ""
    for piece in pieces:
        draft.write(piece)
        seen += await draft.new_words()
    return seen


def words(text: str) -> list[int]:
    return [found.end() for found in re.finditer(r"\s+", text)]


@pytest.mark.parametrize("text", SECRETS)
def test_a_secret_is_not_seen_however_it_comes(text: str) -> None:
    random = Random(1)
    every = [[], words(text), list(range(len(text)))]
    every += [random.sample(range(len(text)), 7) for _ in range(10)]
    for cuts in every:
        seen = shown(text, cuts)
        assert not [secret for secret in SECRETS[text] if secret in seen], cuts
        assert seen.split()[0] == text.split()[0]


@pytest.mark.parametrize("text", [FENCED, TABLE])
def test_code_and_tables_come_whole_and_nothing_else_comes_with_them(text: str) -> None:
    for cuts in ([], words(text), list(range(0, len(text), 3))):
        seen = shown(text, cuts)
        assert outgoing(text)[0].startswith(seen)
        assert seen.endswith("That is ")


def test_ordinary_answers_are_seen_while_they_are_written() -> None:
    text = "You have **25 days** of `paid leave` [1].\n\n- a snake_case *page*\n- 3 * 4 = 12\n\nOk."
    seen = shown(text, words(text))
    assert text.startswith(seen)
    assert seen.endswith("3 * 4 ")


def test_a_call_of_a_tool_is_not_told_as_words_that_are_missing() -> None:
    assert shown('{"name": "f", "arguments": {"a": 1}}\n', []) == ""


SEEN = settings(
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
    max_examples=150,
)


@settings(SEEN)
@given(st.randoms(use_true_random=False), st.integers(0, 12))
def test_whatever_is_written_in_whatever_pieces_harms_nobody(random: Random, pieces: int) -> None:
    blocks = [hostile(random, 2), random.choice(list(SECRETS)), hostile(random, 1)]
    random.shuffle(blocks)
    text = random.choice(("\n\n", "\n", " ")).join(blocks)
    note(text)
    seen = shown(text, [random.randrange(len(text)) for _ in range(pieces)])
    assert_harmless("slack", seen)
    assert not [one for secrets in SECRETS.values() for one in secrets if one in seen]


async def test_the_stream_on_slack_holds_what_may_be_seen() -> None:
    clock = SteppedClock()
    async with FakeSlack(clock=clock) as slack:
        team = slack.team()
        general = team.channel("general", [ana := team.user("Ana")])
        question = await ana.says(general, "?")
        client = AsyncWebClient(team.bot_token, base_url=slack.api_url)
        spot = Spot(team.team_id, general.channel_id, ana.user_id, question.ts)
        draft = Draft(Calls(client, clock), spot, StreamRate(clock), language="es")
        for piece in ("La contraseña: ", "Tr0ub4dor&3xyz ", "es la de ", "todas las casas "):
            draft.write(piece)
            await draft.show()
        (said,) = general.transcript().messages[0].replies
        assert said.text == "La contraseña: [secreto eliminado] es la de todas "
