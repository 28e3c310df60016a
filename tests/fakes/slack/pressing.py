"""What Slack sends when somebody presses, picks or submits something."""

from tests.fakes.slack.errors import Json
from tests.fakes.slack.views import View

_PICKED = {
    "static_select": "selected_option",
    "radio_buttons": "selected_option",
    "overflow": "selected_option",
    "checkboxes": "selected_options",
    "multi_static_select": "selected_options",
    "users_select": "selected_user",
    "channels_select": "selected_channel",
    "conversations_select": "selected_conversation",
    "datepicker": "selected_date",
}


def find_action(blocks: list[Json], action_id: str) -> tuple[Json, Json]:
    """The block and the element that somebody presses.

    Raises:
        AssertionError: people see no such thing.
    """
    seen = []
    for block in blocks:
        for element in (*block.get("elements", []), block.get("accessory"), block.get("element")):
            if element and element.get("action_id") == action_id:
                return block, element
            seen.append(element.get("action_id") if element else None)
    raise AssertionError(f"There is nothing to press named {action_id!r}; there are {seen}.")


def pressed(block: Json, element: Json, choice: object, ts: str) -> Json:
    """An action of `block_actions`."""
    action: Json = {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "action_ts": ts,
    }
    if element["type"] == "feedback_buttons":
        return action | {"value": _feedback(element, choice)}
    if element["type"] in _PICKED:
        return action | _picked(element, choice)
    return action | {key: element[key] for key in ("text", "value", "url") if key in element}


def _feedback(element: Json, choice: object) -> str:
    """The value of one of the two buttons, which go by `positive` and `negative`."""
    if choice not in ("positive", "negative"):
        raise AssertionError(
            "Say choice='positive' or choice='negative' to press feedback buttons."
        )
    return str(element[f"{choice}_button"]["value"])


def state_of(view: View, values: Json) -> Json:
    """`state.values` of a submission.

    Args:
        view: with inputs.
        values: by `block_id` or `action_id`: a text, or the value of an option, or several.

    Raises:
        AssertionError: an input is missing that Slack would ask for, or there is no such input.
    """
    given = {view.block(name)["block_id"]: value for name, value in values.items()}
    state: Json = {}
    for block in view.content["blocks"]:
        if block["type"] != "input":
            continue
        name, element = block["block_id"], block["element"]
        if name not in given and not block.get("optional") and not _preset(element):
            raise AssertionError(f"Slack would not let you submit without {name!r}.")
        state[name] = {element["action_id"]: _value(element, given.get(name, _preset(element)))}
    return state


def _value(element: Json, given: object) -> Json:
    kind = element["type"]
    if kind in _PICKED:
        return {"type": kind, **_picked(element, given)}
    return {"type": kind, "value": given}


def _preset(element: Json) -> object:
    """What stands in an input before anybody touched it."""
    option = element.get("initial_option")
    return option["value"] if option else element.get("initial_value")


def _picked(element: Json, choice: object) -> Json:
    """What was picked, with the whole option where there is one."""
    name = _PICKED[element["type"]]
    options = {option["value"]: option for option in element.get("options", [])}
    for group in element.get("option_groups", []):
        options |= {option["value"]: option for option in group["options"]}
    if name == "selected_options":
        picked = choice if isinstance(choice, list) else []
        return {name: [options[value] for value in picked]}
    if not options or choice is None:
        return {name: choice}
    if choice not in options:
        raise AssertionError(f"There is no option {choice!r}; there are {sorted(options)}.")
    return {name: options[choice]}
