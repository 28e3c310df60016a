"""Methods of the Web API, called by Slack's own client and by hand."""

import json
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.bolt import client_of
from tests.fakes.slack import FakeSlack, SlackApp
from tests.fakes.slack.calls import LEFT_OUT
from tests.fakes.slack_place import Place, place

__all__ = ["place"]


async def test_arguments_come_as_query_json_or_form_with_extra_ones_ignored(place: Place) -> None:
    said = {"channel": place.channel, "text": "hi", "team_id": place.team.team_id}
    blocks = json.dumps([{"type": "section", "text": {"type": "mrkdwn", "text": "block"}}])
    url = f"{place.slack.api_url}chat.postMessage"
    bearer = {"Authorization": f"Bearer {place.team.bot_token}"}
    async with aiohttp.ClientSession() as session:
        await session.get(url, params=said, headers=bearer)
        await session.post(url, json=said, headers=bearer)
        await session.post(url, data=said | {"blocks": blocks, "token": place.team.bot_token})
        for body, error in ((b"{", "invalid_json"), (b"[]", "json_not_object")):
            json_type = {"Content-Type": "application/json"}
            reply = await session.post(url, data=body, headers=json_type)
            assert (await reply.json())["error"] == error
        reply = await session.post(url, data=said)
        assert (await reply.json())["error"] == "not_authed"
    assert place.general.transcript().texts() == ["hi", "hi", "block"]
    assert place.slack.calls[2].arguments["token"] == LEFT_OUT


async def test_an_unknown_method_is_refused_and_noted(place: Place) -> None:
    assert await place.refused("chat.shout") == "unknown_method"
    assert place.slack.unknown_methods == ["chat.shout"]
    assert (await place.client.api_test(foo="bar"))["args"]["foo"] == "bar"


async def test_who_calls_is_told_who_they_are_and_what_they_may(place: Place) -> None:
    answer = await place.client.auth_test()
    assert answer["team_id"] == place.team.team_id
    assert answer["user_id"] == place.team.bot.user_id
    assert "chat:write" in answer.headers["X-OAuth-Scopes"].split(",")
    assert place.slack.environment(place.team)["SLACK_BOT_TOKEN"] == place.team.bot_token
    wrong = AsyncWebClient("xoxb-wrong", base_url=place.slack.api_url)
    with pytest.raises(SlackApiError, match="invalid_auth"):
        await wrong.auth_test()


async def test_a_missing_scope_is_named() -> None:
    app = SlackApp(scopes=("chat:write", "channels:read", "im:write"))
    async with FakeSlack(app=app) as slack:
        team = slack.team()
        ana = team.user("Ana")
        private = team.channel("secret", [ana], kind="private")
        client = client_of(slack, team)
        with pytest.raises(SlackApiError) as caught:
            await client.users_info(user=ana.user_id)
        assert caught.value.response["needed"] == "users:read"
        assert caught.value.response["provided"] == "chat:write,channels:read,im:write"
        with pytest.raises(SlackApiError, match="groups:read"):
            await client.conversations_info(channel=private.channel_id)
        with pytest.raises(SlackApiError, match="missing_scope"):
            await client.conversations_list(types="public_channel,private_channel")
        with pytest.raises(SlackApiError, match="mpim:write"):
            await client.conversations_open(users=[ana.user_id, team.user("Ben").user_id])


async def test_one_writes_only_where_one_is(place: Place) -> None:
    elsewhere = place.team.channel("elsewhere", with_bot=False)
    secret = place.team.channel("secret", with_bot=False, kind="private")
    old = place.team.channel("old")
    old.is_archived = True
    write = "chat.postMessage"
    assert await place.refused(write, channel=elsewhere.channel_id, text="x") == "not_in_channel"
    assert await place.refused(write, channel=secret.channel_id, text="x") == "channel_not_found"
    assert await place.refused(write, channel="C0", text="x") == "channel_not_found"
    assert await place.refused(write, channel=old.channel_id, text="x") == "is_archived"
    assert await place.refused(write, text="x") == "invalid_arguments"
    await place.client.chat_postMessage(channel=place.ana.user_id, text="in private")
    assert place.team.direct(place.ana).transcript().texts() == ["in private"]


async def test_messages_are_answered_changed_linked_and_deleted(place: Place) -> None:
    question = await place.ana.says(place.general, "hello?")
    posted = await place.client.chat_postMessage(
        channel=place.channel,
        text="one moment",
        thread_ts=question.ts,
        unfurl_links=False,
        metadata={"event_type": "answer", "event_payload": {"id": "T-1"}},
    )
    message = place.general.message(posted["ts"])
    assert message.arguments == {"unfurl_links": False}
    assert message.metadata == {"event_type": "answer", "event_payload": {"id": "T-1"}}
    await place.client.chat_update(
        channel=place.channel, ts=posted["ts"], text="done", metadata={"event_type": "x"}
    )
    (said,) = place.general.transcript().messages
    assert [reply.text for reply in said.replies] == ["done"]
    assert said.replies[0].is_edited
    link = await place.client.chat_getPermalink(channel=place.channel, message_ts=question.ts)
    assert link["permalink"].startswith("https://acme-labs.slack.com/archives/C")
    await place.client.chat_delete(channel=place.channel, ts=posted["ts"])
    assert place.general.transcript().texts() == ["hello?"]
    assert await place.refused("chat.delete", channel=place.channel, ts=posted["ts"]) == (
        "message_not_found"
    )


async def test_what_others_said_cannot_be_changed_by_the_app(place: Place) -> None:
    theirs = await place.ana.says(place.general, "mine")
    where = {"channel": place.channel, "ts": theirs.ts}
    assert await place.refused("chat.update", **where, text="x") == "cant_update_message"
    assert await place.refused("chat.delete", **where) == "cant_delete_message"


async def test_a_thread_is_one_that_there_is(place: Place) -> None:
    root = await place.ana.says(place.general, "root")
    reply = await place.ana.says(place.general, "reply", thread=root)
    said = {"channel": place.channel, "text": "x"}
    error = await place.refused("chat.postMessage", **said, thread_ts=reply.ts)
    assert error == "cannot_reply_to_message"
    assert await place.refused("chat.postMessage", **said, thread_ts="1.0") == "thread_not_found"


async def test_an_ephemeral_message_is_seen_by_one_person_only(place: Place) -> None:
    await place.client.chat_postEphemeral(
        channel=place.channel, user=place.ana.user_id, text="for you"
    )
    transcript = place.general.transcript()
    assert transcript.texts() == []
    assert [(said.only_for, said.text) for said in transcript.whispers] == [("Ana", "for you")]
    ben = place.team.user("Ben")
    said = {"channel": place.channel, "text": "x"}
    error = await place.refused("chat.postEphemeral", **said, user=ben.user_id)
    assert error == "user_not_in_channel"
    assert await place.refused("chat.postEphemeral", **said, user="U0") == "user_not_found"


async def test_channels_are_described_and_listed(place: Place) -> None:
    place.team.channel("secret", with_bot=False, kind="private")
    shared = place.team.channel("partners", [place.ana], kind="private", is_external=True)
    archived = place.team.channel("old", with_bot=False)
    archived.is_archived = True
    about = (await place.client.conversations_info(channel=shared.channel_id))["channel"]
    assert (about["is_private"], about["is_ext_shared"], about["is_member"]) == (True, True, True)
    kinds = "public_channel,private_channel,im,mpim"
    listed = await place.client.conversations_list(types=kinds, exclude_archived=True)
    assert {c["name"] for c in listed["channels"]} == {"general", "partners"}
    hers = await place.client.users_conversations(user=place.ana.user_id, types=kinds)
    assert {c["name"] for c in hers["channels"]} == {"general", "partners"}
    assert await place.refused("conversations.list", types="bars") == "invalid_types"
    answer = await place.client.conversations_info(
        channel=place.channel, include_num_members=True, include_locale=True
    )
    assert (answer["channel"]["num_members"], answer["channel"]["locale"]) == (2, "en-US")


async def test_members_come_in_pages(place: Place) -> None:
    for number in range(4):
        place.general.members.append(place.team.user(f"P{number}").user_id)
    first = await place.client.conversations_members(channel=place.channel, limit=4)
    cursor = first["response_metadata"]["next_cursor"]
    rest = await place.client.conversations_members(channel=place.channel, limit=4, cursor=cursor)
    assert first["members"] + rest["members"] == place.general.members
    assert rest["response_metadata"]["next_cursor"] == ""
    wrong = {"channel": place.channel, "cursor": "guessed"}
    assert await place.refused("conversations.members", **wrong) == "invalid_cursor"
    wrong = {"channel": place.channel, "limit": "many"}
    assert await place.refused("conversations.members", **wrong) == "invalid_arguments"


async def test_histories_and_threads_are_read_in_slacks_order(place: Place) -> None:
    first = await place.ana.says(place.general, "first")
    reply = await place.ana.says(place.general, "reply", thread=first)
    second = await place.ana.says(place.general, "second")
    await place.ana.reacts(second, "eyes")
    history = await place.client.conversations_history(channel=place.channel)
    assert [m["text"] for m in history["messages"]] == ["second", "first"]
    assert history["messages"][1]["reply_count"] == 1
    assert history["messages"][0]["reactions"][0]["count"] == 1
    thread = await place.client.conversations_replies(channel=place.channel, ts=first.ts)
    assert [m["text"] for m in thread["messages"]] == ["first", "reply"]
    newer: dict[str, Any] = {"channel": place.channel, "oldest": first.ts}
    history = await place.client.conversations_history(**newer)
    assert [m["ts"] for m in history["messages"]] == [second.ts]
    history = await place.client.conversations_history(**newer, inclusive=True)
    assert [m["ts"] for m in history["messages"]] == [second.ts, first.ts]
    where = {"channel": place.channel, "ts": "1.0"}
    assert await place.refused("conversations.replies", **where) == "thread_not_found"
    await place.ana.deletes(reply)
    elsewhere = place.team.channel("elsewhere", with_bot=False)
    where = {"channel": elsewhere.channel_id}
    assert await place.refused("conversations.history", **where) == "not_in_channel"


async def test_direct_conversations_are_opened_once(place: Place) -> None:
    ben = place.team.user("Ben")
    users = [place.ana.user_id, ben.user_id]
    one = await place.client.conversations_open(users=place.ana.user_id, return_im=True)
    assert one["channel"]["is_im"]
    assert one["channel"]["user"] == place.ana.user_id
    both = await place.client.conversations_open(users=users)
    assert both["channel"]["id"].startswith("C")
    again = await place.client.conversations_open(channel=both["channel"]["id"])
    assert again["channel"]["id"] == both["channel"]["id"]
    assert await place.refused("conversations.open") == "users_list_not_supplied"


async def test_a_public_channel_can_be_joined_if_the_scope_is_there(place: Place) -> None:
    elsewhere = place.team.channel("elsewhere", with_bot=False)
    secret = place.team.channel("secret", kind="private")
    where = {"channel": elsewhere.channel_id}
    assert await place.refused("conversations.join", **where) == "missing_scope"
    assert place.team.token
    place.team.token.scopes = (*place.team.token.scopes, "channels:join")
    for _ in range(2):
        joined = await place.client.conversations_join(**where)
        assert joined["channel"]["is_member"]
    error = await place.refused("conversations.join", channel=secret.channel_id)
    assert error == "method_not_supported_for_channel_type"


async def test_people_are_described(place: Place) -> None:
    guest = place.team.user("Gus", email="gus@partner.example")
    guest.is_restricted = guest.is_ultra_restricted = guest.is_stranger = True
    place.ana.is_admin = True
    about = (await place.client.users_info(user=place.ana.user_id, include_locale=True))["user"]
    assert (about["locale"], about["is_admin"], about["is_restricted"]) == ("es-ES", True, False)
    about = (await place.client.users_info(user=guest.user_id))["user"]
    assert about["is_ultra_restricted"]
    assert about["is_stranger"]
    assert "locale" not in about
    found = await place.client.users_lookupByEmail(email="gus@partner.example")
    assert found["user"]["id"] == guest.user_id
    guest.is_deactivated = True
    error = await place.refused("users.lookupByEmail", email="gus@partner.example")
    assert error == "users_not_found"
    assert len((await place.client.users_list(include_locale=True))["members"]) == 3


async def test_groups_bots_and_the_workspace_are_described(place: Place) -> None:
    group = place.team.group("marketing", [place.ana])
    assert (await place.client.usergroups_list())["usergroups"][0]["handle"] == "marketing"
    members = await place.client.usergroups_users_list(usergroup=group.group_id)
    assert members["users"] == [place.ana.user_id]
    assert await place.refused("usergroups.users.list", usergroup="S0") == "no_such_subteam"
    jenkins = place.team.other_bot("Jenkins")
    assert (await place.client.bots_info())["bot"]["app_id"] == place.slack.app.app_id
    other = await place.client.bots_info(bot=jenkins.bot_id)
    assert other["bot"]["app_id"] != place.slack.app.app_id
    assert await place.refused("bots.info", bot="B0") == "bot_not_found"
    assert (await place.client.team_info())["team"]["name"] == "Acme Labs"
    assert await place.refused("team.info", team="T0") == "team_not_found"


async def test_the_app_reacts_once(place: Place) -> None:
    message = await place.ana.says(place.general, "hello")
    where = {"channel": place.channel, "timestamp": message.ts, "name": "eyes"}
    await place.client.reactions_add(**where)
    assert message.reactions == {"eyes": [place.team.bot.user_id]}
    assert await place.refused("reactions.add", **where) == "already_reacted"
    await place.client.reactions_remove(**where)
    assert await place.refused("reactions.remove", **where) == "no_reaction"
