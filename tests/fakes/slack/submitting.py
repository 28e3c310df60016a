"""What becomes of a modal when the app has acknowledged it."""

from typing import TYPE_CHECKING

from tests.fakes.slack import views
from tests.fakes.slack.deliveries import Delivery
from tests.fakes.slack.errors import Json, RefusedError
from tests.fakes.slack.views import View

if TYPE_CHECKING:
    from tests.fakes.slack.people import User

NOT_TAKEN = "We had some trouble connecting. Try again?"


def follow(user: "User", view: View, delivery: Delivery) -> None:
    """Do what the app said; what Slack cannot do looks to people as if nothing was said."""
    if delivery.state == "given up":
        view.errors = {"": NOT_TAKEN}
        return
    try:
        _obey(user, view, delivery.answer or {})
    except RefusedError:
        view.errors = {"": NOT_TAKEN}


def _obey(user: "User", view: View, answer: Json) -> None:
    """Close, show errors, show another view, or clear all."""
    action = answer.get("response_action")
    if action == "errors":
        view.errors = _known(view, answer["errors"])
    elif action == "update":
        view.replace(views.checked(answer["view"]))
    elif action == "push":
        opened(user, answer["view"], previous=view)
    elif action == "clear":
        shut(user, len(user.modals))
    else:
        shut(user, 1)


def opened(user: "User", content: Json | None, previous: View | None = None) -> View:
    """A new modal before somebody, on top of another one or alone."""
    team = user.team
    view = View(
        team.world.moments.new_id("V"),
        user.user_id,
        team.team_id,
        views.checked(content),
        team.world.app.app_id,
        team.bot.bot_id,
        previous.root_id if previous else "",
        previous.view_id if previous else None,
    )
    if previous is None:
        shut(user, len(user.modals))
    user.modals.append(view)
    team.views[view.view_id] = view
    return view


def shut(user: "User", how_many: int) -> None:
    """Close the uppermost modals."""
    for _ in range(how_many):
        user.modals.pop().is_open = False


def _known(view: View, errors: Json) -> dict[str, str]:
    """Errors of blocks that there are; with any others, Slack does not take the answer."""
    names = {block["block_id"] for block in view.content["blocks"]}
    if not set(errors) <= names:
        raise RefusedError("invalid_arguments")
    return {name: str(text) for name, text in errors.items()}
