"""Rates, storms, and answers that get lost or broken on the way."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.slack import Channel, Fault
from tests.fakes.slack_place import Place, workspace


async def post(place: Place, text: str, channel: Channel | None = None) -> None:
    where = (channel or place.general).channel_id
    await place.client.chat_postMessage(channel=where, text=text)


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    """One whose client does not repeat anything by itself."""
    async with workspace() as place:
        place.client.retry_handlers.clear()
        yield place


async def test_posting_is_one_a_second_in_each_channel_with_short_bursts(place: Place) -> None:
    other = place.team.channel("other")
    for number in range(5):
        await post(place, str(number))
    with pytest.raises(SlackApiError) as caught:
        await post(place, "one too many")
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "5"
    await post(place, "elsewhere there is room", other)
    await place.clock.advance(4)
    with pytest.raises(SlackApiError):
        await post(place, "too early")
    await place.clock.advance(1)
    await post(place, "in time")
    assert [call.was_early for call in place.slack.calls[-2:]] == [True, False]
    assert place.general.transcript().texts() == ["0", "1", "2", "3", "4", "in time"]


async def test_each_method_has_its_tier_for_each_workspace(place: Place) -> None:
    for _ in range(50):
        await place.client.team_info()
    with pytest.raises(SlackApiError, match="ratelimited"):
        await place.client.team_info()
    await place.client.auth_test()
    second = place.slack.team("Second")
    await AsyncWebClient(second.bot_token, base_url=place.slack.api_url).team_info()
    place.slack.rates.are_on = False
    await place.client.team_info()


async def test_a_storm_lasts_as_long_as_it_should_and_early_calls_are_seen(place: Place) -> None:
    place.slack.faults.storm(600, retry_after_s=30, methods=["chat.postMessage"])
    with pytest.raises(SlackApiError, match="ratelimited"):
        await post(place, "no")
    with pytest.raises(SlackApiError, match="ratelimited"):
        await post(place, "no")
    await place.client.auth_test()
    await place.clock.advance(600)
    await post(place, "yes")
    posts = place.slack.calls_of("chat.postMessage")
    assert [call.status for call in posts] == [429, 429, 200]
    assert [call.was_early for call in posts] == [False, True, False]
    assert [call.is_ok for call in posts] == [False, False, True]


async def test_a_server_error_does_nothing_or_everything(place: Place) -> None:
    place.slack.faults.break_calls("chat.postMessage", Fault("status", status=503))
    place.slack.faults.break_calls("*", Fault("status", is_carried_out=True))
    with pytest.raises(SlackApiError):
        await post(place, "not done")
    with pytest.raises(SlackApiError):
        await post(place, "done")
    await post(place, "well")
    assert place.general.transcript().texts() == ["done", "well"]
    assert [call.status for call in place.slack.calls] == [503, 500, 200]


async def test_slack_can_refuse_with_any_word(place: Place) -> None:
    faults = place.slack.faults
    faults.break_calls("chat.postMessage", Fault("error", code="fatal_error"))
    faults.break_calls(
        "chat.postMessage", Fault("error", code="internal_error", is_carried_out=True)
    )
    with pytest.raises(SlackApiError, match="fatal_error"):
        await post(place, "not done")
    with pytest.raises(SlackApiError, match="internal_error"):
        await post(place, "done")
    assert place.general.transcript().texts() == ["done"]


async def test_answers_break_off_are_no_json_or_never_come(place: Place) -> None:
    kinds = (("truncated", 0), ("wrong_json", 200), ("reset", 0))
    for kind, status in kinds:
        place.slack.faults.break_calls("chat.postMessage", Fault(kind, is_carried_out=True))  # type: ignore[arg-type] # mypy widens the literals of a loop
        with pytest.raises((SlackApiError, aiohttp.ClientError)):
            await post(place, kind)
        assert place.slack.calls[-1].status == status
    assert place.general.transcript().texts() == ["truncated", "wrong_json", "reset"]


async def test_an_answer_is_slow(place: Place) -> None:
    place.slack.faults.break_calls("chat.postMessage", Fault("slow", seconds=7.0))
    async with aiohttp.ClientSession() as session:
        posting = session.post(
            f"{place.slack.api_url}chat.postMessage",
            json={"channel": place.general.channel_id, "text": "slow"},
            headers={"Authorization": f"Bearer {place.team.bot_token}"},
            timeout=aiohttp.ClientTimeout(total=0.2),
        )
        with pytest.raises(TimeoutError):
            await posting
    await place.clock.advance(7)
    assert place.general.transcript().texts() == ["slow"]
    place.slack.faults.break_calls("auth.test", Fault("slow", seconds=0.0))
    assert (await place.client.auth_test())["ok"]
