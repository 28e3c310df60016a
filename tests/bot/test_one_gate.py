"""Few files of each chat show people anything, and what they show has passed the gate."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOORS = {"surely", "at_once"}
"""Through these methods of Slack's Web API are called, by their name as a string."""
HARMLESS = {
    # What only asks, and what takes away.
    *("auth_test", "auth_revoke", "apps_connections_open", "oauth_v2_access", "users_info"),
    *("usergroups_list", "conversations_info", "files_info", "chat_delete"),
    *("files_getUploadURLExternal", "files_delete"),
    "agents_sessions_setStatus",  # one of Slack's own words
}
SHOWS = {
    # Slack's Web API, and what Bolt hands to a listener.
    *("chat_postMessage", "chat_postEphemeral", "chat_update", "chat_stream", "chat_startStream"),
    *("chat_appendStream", "chat_stopStream", "say_stream", "respond", "ack", "views_open"),
    *("views_update", "views_publish", "views_push", "files_upload_v2", "api_call", "post"),
    "files_completeUploadExternal",
    *("set_status", "set_title", "set_suggested_prompts", "assistant_threads_setStatus"),
    "assistant_threads_setSuggestedPrompts",
    # discord.py.
    *("send", "send_message", "send_modal", "edit", "edit_message", "edit_original_response"),
    *("reply", "create_thread"),
}
"""Calls that show people something. `say` of Bolt is one, too; that of ours is a function."""
SLACK, DISCORD = "bot/platforms/slack", "bot/platforms/discord"
GATES = (f"{SLACK}/posting.py", f"{DISCORD}/texts.py")
"""Where the words of all these come from."""
MAY: Mapping[str, set[str]] = {
    # Every message. Its methods say which one is called.
    f"{SLACK}/posting.py": {
        *("chat_postMessage", "chat_postEphemeral", "chat_update", "chat_stopStream", "method"),
        "files_completeUploadExternal",
    },
    # An answer while it grows, in words of `settled.py`, which asks the gate.
    f"{SLACK}/streaming.py": {
        *("chat_startStream", "chat_appendStream", "chat_stopStream", "method"),
    },
    # What is being done, above the answer: a sentence of ours with titles, `posting.named`.
    f"{SLACK}/sink.py": {"assistant_threads_setStatus"},
    # Windows of `views.py`, and a sentence to whoever has pressed, `posting.notice`.
    f"{SLACK}/pressing.py": {"views_open", "views_update", "respond"},
    # The home tab and questions to begin with, `posting.literal`.
    f"{SLACK}/home.py": {"views_publish", "assistant_threads_setSuggestedPrompts"},
    # What one person alone sees, `posting.contents`.
    f"{SLACK}/whisper.py": {"respond"},
    # Messages of a channel, answers to a command, what one person alone sees: `texts.outgoing`.
    f"{DISCORD}/posting.py": {"send", "edit", "create_thread"},
    f"{DISCORD}/responding.py": {"send", "edit_message"},
    f"{DISCORD}/privately.py": {"send", "send_message"},
    # Forms, which hold sentences of ours alone.
    f"{DISCORD}/clicking.py": {"send_modal"},
    f"{DISCORD}/using.py": {"send_modal"},
}
"""The files that show something, how, and where its words come from."""
HANDS_ON: Mapping[str, set[str]] = {
    # The one door to a `response_url`; who may call it stands above.
    f"{SLACK}/whispering.py": {"post"},
    # The acknowledgement, with what commands and pressing return: `posting.notice`, `views.py`.
    f"{SLACK}/reception.py": {"ack"},
    # The doors themselves; posts are counted by their channel.
    f"{SLACK}/calling.py": {"method", "chat_postMessage", "post"},
}
"""Files that show what others have made."""
NO_CHAT: Mapping[str, set[str]] = {
    f"{SLACK}/looking_again.py": {"method"},  # `conversations_…`, named in the same lines
    **{f"{one}/listening.py": {"edit"} for one in (SLACK, DISCORD)},  # `Desk.edit` of a question
    f"{DISCORD}/naming.py": {"edit"},  # a thread, closed under one name for all
    f"{DISCORD}/removing.py": {"edit"},  # a thread, opened again
    f"{SLACK}/people.py": {"self._roster"},  # `Roster.at_once`: everybody of a small team
    f"{SLACK}/connecting.py": {"post"},  # where Slack's requests arrive
    "bot/platforms/terminal.py": {"reply"},  # `Talk.reply` asks for an answer
}
ALLOWED = {**MAY, **HANDS_ON, **NO_CHAT}
BREACHES = {
    "a method as a string": 'async def f(calls, t): await calls.surely("chat_postMessage", text=t)',
    "by the way": 'async def f(calls, v): await calls.at_once("views_publish", view=v)',
    "a method that is new": 'async def f(calls, t): await calls.surely("canvases_edit", text=t)',
    "a name": 'HOW = "chat_up" "date"\nasync def f(calls, t): await calls.surely(HOW, text=t)',
    "a keyword": "async def f(calls, how): await calls.at_once(method=how)",
    "several": "async def f(calls, how): await calls.at_once(*how)",
    "later": 'def f(calls, t): return partial(calls.surely, "chat_update", text=t)',
    "looked up": 'async def f(client, t): await getattr(client, "chat_postMessage")(text=t)',
    "by hand": 'async def f(client, t): await client.api_call("chat.postMessage", json=t)',
    "at an address": "async def f(session, url, t): await session.post(url, json=t)",
    "a function of ours": "async def f(spaces, url, t): await respond(spaces, url, t)",
    "with the acknowledgement": "async def f(ack, t): await ack(text=t)",
    "Bolt's": "async def f(context, t): await context.say(t)",
    "Discord's": "async def f(channel, t): await channel.send(t)",
    "a message changed": "async def f(message, t): await message.edit(content=t)",
}


def shown_by(code: str) -> Iterator[str]:
    """How a file shows people something, or calls Slack in a way that nobody can tell."""
    tree = ast.parse(code)
    called = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            word = str(node.value).replace(".", "_")
            yield from [word] if word in SHOWS and "_" in word else []
        elif isinstance(node, ast.Attribute) and node.attr in DOORS:
            yield from _through(called.get(id(node)), node)
        elif isinstance(node, (ast.Attribute, ast.Name)) and id(node) in called:
            name = node.attr if isinstance(node, ast.Attribute) else node.id
            is_bolts = isinstance(node, ast.Attribute) and name == "say"
            yield from [name] if name in SHOWS or is_bolts else []


def _through(call: ast.Call | None, door: ast.Attribute) -> Iterator[str]:
    """The method that is called through a door, if it is not harmless."""
    first = call.args[0] if call and call.args else None
    if isinstance(first, ast.Constant):
        yield from [] if first.value in HARMLESS else [str(first.value)]
    elif isinstance(first, ast.Name) and first.id == "method":
        yield "method"
    else:
        yield ast.unparse(door.value)


def posting() -> Iterator[tuple[str, str]]:
    """Everything under `bot/platforms` that shows something: file and how."""
    for path in sorted((ROOT / "bot" / "platforms").rglob("*.py")):
        file = path.relative_to(ROOT).as_posix()
        for how in shown_by(path.read_text(encoding="utf-8")):
            yield file, how


def test_nothing_else_posts() -> None:
    found = [f"{file}: {how}" for file, how in posting() if how not in ALLOWED.get(file, set())]
    assert not found


def test_no_file_may_what_it_does_not_do() -> None:
    done = set(posting())
    spare = [f"{file}: {how}" for file, hows in ALLOWED.items() for how in hows]
    assert not [one for one in spare if tuple(one.split(": ")) not in done]


@pytest.mark.parametrize("how", BREACHES)
def test_a_file_that_posts_past_the_gate_is_found(how: str) -> None:
    assert list(shown_by(BREACHES[how]))


@pytest.mark.parametrize("file", MAY)
def test_who_may_show_something_may_nothing_else(file: str) -> None:
    more = 'async def f(calls, t): await calls.surely("views_push", view=t)'
    code = (ROOT / file).read_text(encoding="utf-8") + more
    assert set(shown_by(code)) - ALLOWED[file] == {"views_push"}


def test_who_posts_asks_the_gate() -> None:
    for file in GATES:
        assert "bot.egress" in (ROOT / file).read_text(encoding="utf-8"), file


@pytest.mark.parametrize("file", MAY)
def test_the_words_come_from_there(file: str) -> None:
    from_there = {"posting", "views", "settled", "texts", "forms"}
    code = (ROOT / file).read_text(encoding="utf-8")
    imported = [n for n in ast.walk(ast.parse(code)) if isinstance(n, ast.ImportFrom)]
    names = {str(one.module).rpartition(".")[2] for one in imported}
    names |= {name.name for one in imported for name in one.names}
    assert from_there & names or file in GATES
