"""Methods that show views: `views.open` and its like."""

from tests.fakes.slack import views
from tests.fakes.slack.arguments import Arguments
from tests.fakes.slack.errors import Json, RefusedError
from tests.fakes.slack.methods.method import Caller, Method, Methods
from tests.fakes.slack.submitting import opened
from tests.fakes.slack.views import View


def open_new(caller: Caller, arguments: Arguments) -> Json:
    """`views.open`."""
    content = views.checked(arguments.mapping("view"))
    user = caller.user(caller.world.triggers.take(arguments.text("trigger_id")))
    return {"ok": True, "view": opened(user, content).as_json()}


def push(caller: Caller, arguments: Arguments) -> Json:
    """`views.push`: on top of what is open; three at most."""
    content = views.checked(arguments.mapping("view"))
    user = caller.user(caller.world.triggers.take(arguments.text("trigger_id")))
    if user.modal is None:
        raise RefusedError("not_found")
    if len(user.modals) >= 3:
        raise RefusedError("push_limit_reached")
    return {"ok": True, "view": opened(user, content, previous=user.modal).as_json()}


def update(caller: Caller, arguments: Arguments) -> Json:
    """`views.update`."""
    view = _named(caller, arguments)
    if "hash" in arguments and arguments.text("hash") != view.hash:
        raise RefusedError("hash_conflict")
    view.replace(views.checked(arguments.mapping("view")))
    return {"ok": True, "view": view.as_json()}


def publish(caller: Caller, arguments: Arguments) -> Json:
    """`views.publish`: the home of the app, for one person."""
    user = caller.user(arguments.text("user_id"))
    content = views.checked(arguments.mapping("view"))
    if content["type"] != "home":
        raise RefusedError("invalid_arguments")
    about = (user.user_id, caller.team.team_id, content, caller.world.app.app_id)
    user.home = View(caller.world.moments.new_id("V"), *about, caller.team.bot.bot_id)
    caller.team.views[user.home.view_id] = user.home
    return {"ok": True, "view": user.home.as_json()}


def _named(caller: Caller, arguments: Arguments) -> View:
    """The open view with this id, Slack's or the app's own."""
    for view in caller.team.views.values():
        names = (view.view_id, view.content.get("external_id"))
        wanted = arguments.optional("view_id") or arguments.optional("external_id")
        if view.is_open and wanted in names:
            return view
    raise RefusedError("not_found")


METHODS: Methods = {
    "views.open": Method(open_new, (), 4),
    "views.push": Method(push, (), 4),
    "views.update": Method(update, (), 4),
    "views.publish": Method(publish, (), 4),
}
