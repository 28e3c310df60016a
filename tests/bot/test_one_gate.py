"""Few files of each chat post, and what they post has passed the gate."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
POSTS = {
    # Slack's Web API, and what Bolt hands to a listener.
    *("chat_postMessage", "chat_postEphemeral", "chat_update", "chat_stream", "chat_startStream"),
    *("chat_appendStream", "chat_stopStream", "say", "say_stream", "respond", "views_open"),
    *("views_update", "views_publish", "views_push", "files_upload_v2"),
    *("files_completeUploadExternal",),
    *("set_status", "set_title", "set_suggested_prompts", "assistant_threads_setStatus"),
    # discord.py.
    *("send", "send_message", "send_modal", "edit_message", "edit_original_response", "reply"),
    "create_thread",
}
"""Calls that show people something. The names of methods alone: `say` of ours is a function."""
POSTING = {
    "bot/platforms/slack/posting.py",
    # Messages of a channel, answers to a command, what one person alone sees.
    "bot/platforms/discord/posting.py",
    "bot/platforms/discord/responding.py",
    "bot/platforms/discord/privately.py",
}
GATES = ("bot/platforms/slack/posting.py", "bot/platforms/discord/texts.py")
"""Where the words of all these come from."""
FORMS = {"bot/platforms/discord/clicking.py", "bot/platforms/discord/using.py"}
"""Files that open a form, which holds sentences of ours alone."""
NOT_A_CHAT = {"bot/platforms/terminal.py": {"reply"}}
"""`Talk.reply` asks for an answer; nobody reads it yet."""


def calls() -> Iterator[tuple[str, str]]:
    """Every call of a method under `bot/platforms`: file and name."""
    for path in sorted((ROOT / "bot" / "platforms").rglob("*.py")):
        file = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                yield file, node.func.attr


def test_nothing_else_posts() -> None:
    found = [
        f"{file}: {name}"
        for file, name in calls()
        if name in POSTS
        and file not in POSTING
        and name not in NOT_A_CHAT.get(file, set())
        and not (name == "send_modal" and file in FORMS)
    ]
    assert not found


def test_who_posts_asks_the_gate() -> None:
    for file in GATES:
        assert "bot.egress" in (ROOT / file).read_text(encoding="utf-8"), file
