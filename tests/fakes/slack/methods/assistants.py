"""Methods of assistants and agents: what they say that they do."""

from tests.fakes.slack.arguments import Arguments
from tests.fakes.slack.channels import Channel, Session, Status
from tests.fakes.slack.errors import Json, RefusedError
from tests.fakes.slack.methods.method import Caller, Method, Methods
from tests.fakes.slack.methods.streams import SESSION_STATES


def set_status(caller: Caller, arguments: Arguments) -> Json:
    """`assistant.threads.setStatus`; an empty one takes it away."""
    channel, thread = _thread(caller, arguments)
    loading = arguments.texts("loading_messages")
    if len(loading) > 10:
        raise RefusedError("invalid_arguments")
    status = Status(str(arguments.as_dict().get("status", "")), caller.now, loading)
    channel.statuses[thread] = status
    channel.status_log.append((thread, status))
    return {"ok": True}


def set_title(caller: Caller, arguments: Arguments) -> Json:
    """`assistant.threads.setTitle`."""
    channel, thread = _thread(caller, arguments)
    channel.titles[thread] = arguments.text("title")
    return {"ok": True}


def suggest(caller: Caller, arguments: Arguments) -> Json:
    """`assistant.threads.setSuggestedPrompts`; without a thread they stand above all."""
    channel = caller.channel(arguments.text("channel_id"))
    prompts = arguments.items("prompts")
    if not 0 < len(prompts) <= 4 or not all(p.get("title") and p.get("message") for p in prompts):
        raise RefusedError("invalid_arguments")
    channel.prompts[arguments.text("thread_ts", "")] = prompts
    return {"ok": True}


def set_session(caller: Caller, arguments: Arguments) -> Json:
    """`agents.sessions.setStatus`; creates the session if it is not there."""
    channel, thread = _thread(caller, arguments)
    status = arguments.text("status")
    if status not in SESSION_STATES:
        raise RefusedError("invalid_arguments")
    session = channel.sessions.setdefault(thread, Session(status))
    session.status = status
    session.title = arguments.text("title", session.title)[:200]
    answer: Json = {"ok": True, "status": status, "title": session.title}
    if "agent_session_stopped" not in caller.world.app.events:
        answer["warning"] = "missing_agent_session_stopped_event_subscription"
    return answer


def rename_session(caller: Caller, arguments: Arguments) -> Json:
    """`agents.sessions.rename`."""
    channel, thread = _thread(caller, arguments)
    if thread not in channel.sessions:
        raise RefusedError("session_not_found")
    channel.sessions[thread].title = arguments.text("title")[:200]
    return {"ok": True, "title": channel.sessions[thread].title}


def _thread(caller: Caller, arguments: Arguments) -> tuple[Channel, str]:
    channel = caller.channel_to_write(arguments.text("channel_id"))
    thread = arguments.text("thread_ts")
    if not any(message.root == thread for message in channel.messages):
        raise RefusedError("invalid_thread_ts")
    return channel, thread


METHODS: Methods = {
    "assistant.threads.setStatus": Method(set_status, ("chat:write", "assistant:write"), None),
    "assistant.threads.setTitle": Method(set_title, ("assistant:write",), 4),
    "assistant.threads.setSuggestedPrompts": Method(suggest, ("assistant:write",), 4),
    "agents.sessions.setStatus": Method(set_session, ("chat:write",), 3),
    "agents.sessions.rename": Method(rename_session, ("chat:write",), 3),
}
