"""Forms: what was wrong with an answer, and a question about a message."""

from typing import Any

import discord
from discord import ui

from bot.opinions import FAULTS
from bot.wording import say

OPINION = "tertulia:opinion:"
ABOUT = "tertulia:about:"
OPEN_FOR_S = 1800.0
MOST_WORDS = 2000


def opinion_form(reference: str, language: str) -> ui.Modal:
    """Why an answer did not help, and what would have been better."""
    form = _Form(say("feedback-title", language), OPINION + reference)
    options = [
        discord.RadioGroupOption(label=say(key, language), value=fault)
        for fault, key in FAULTS.items()
    ]
    choice: ui.RadioGroup[Any] = ui.RadioGroup(custom_id="fault", options=options, required=False)
    form.add_item(ui.Label(text=say("feedback-reason", language), component=choice))
    form.add_item(ui.Label(text=say("feedback-better", language), component=_words("better")))
    return form


def about_form(number: int, language: str) -> ui.Modal:
    """A question about a message; without one the message itself is the question."""
    form = _Form(say("ask-about-title", language), f"{ABOUT}{number}")
    form.add_item(ui.Label(text=say("ask-about-question", language), component=_words("question")))
    return form


def filled_in(interaction: discord.Interaction) -> tuple[str, dict[str, str]]:
    """The name of a form that was sent, and its fields; all empty for what is no form."""
    if interaction.type is not discord.InteractionType.modal_submit or not interaction.data:
        return "", {}
    data: dict[str, Any] = dict(interaction.data)
    return str(data["custom_id"]), dict(_fields(data["components"]))


def _fields(components: list[dict[str, Any]]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for one in components:
        if "custom_id" in one:
            found.append((one["custom_id"], str(one.get("value") or "").strip()))
        inner = one.get("components", [])
        found += _fields([*inner, one["component"]] if "component" in one else inner)
    return found


def _words(name: str) -> ui.TextInput[Any]:
    style = discord.TextStyle.paragraph
    return ui.TextInput(custom_id=name, style=style, required=False, max_length=MOST_WORDS)


class _Form(ui.Modal):
    """A form that is read where all interactions are heard, so that it outlives this process."""

    def __init__(self, title: str, name: str) -> None:
        super().__init__(title=title, timeout=OPEN_FOR_S, custom_id=name)

    async def on_submit(self, interaction: discord.Interaction) -> None:
        """Nothing: `filled_in` reads it."""
        del interaction
