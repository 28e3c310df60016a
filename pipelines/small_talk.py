"""Returns greetings and thanks, for personas that do; everything else is answered from pages."""

import re
from functools import cache
from importlib import resources

import yaml

from knowledge.language import language_of_part
from knowledge.words import fold
from pipelines.manners import LANGUAGE_NAMES, reminder, rules_of
from pipelines.models import ChatModel
from pipelines.particulars import exact_parts, folded, names
from pipelines.personas import Persona
from pipelines.progress import Watcher
from pipelines.prompting import filled, prompt
from pipelines.run_options import generation_options
from pipelines.streaming import reply_fields

PROMPT = "small_talk"
MOST_TOKENS, MOST_CHARACTERS = 80, 300
LONGEST = 120
"""Characters of small talk; whoever writes more wants something."""
OURSELVES = "tertulia"
FORMAT = {
    "type": "json_schema",
    "json_schema": {
        "name": "reply",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {"answer": {"type": "string"}},
            "required": ["answer"],
            "additionalProperties": False,
        },
    },
}


def small_talk_in(text: str) -> str:
    """The language of a message that is small talk from end to end; empty where it is none."""
    spelled = re.sub(r"['’]s\b", " is", fold(text[: LONGEST + 1]))
    words = " ".join(re.findall(r"[^\W\d_]+", spelled))
    if not words or len(text) > LONGEST:
        return ""
    return next((language for language, one in _phrases().items() if one.fullmatch(words)), "")


@cache
def _phrases() -> dict[str, re.Pattern[str]]:
    """For each language what a whole message of small talk looks like."""
    text = resources.files("pipelines").joinpath("small_talk.yaml").read_text("utf-8")
    found = {}
    for language, listed in yaml.safe_load(text).items():
        phrases = sorted({fold(one.strip()) for one in listed.split("|")} | {OURSELVES}, key=len)
        one = "|".join(map(re.escape, reversed(phrases)))
        found[language] = re.compile(rf"(?:{one})(?: (?:{one}))*")
    return found


async def returned(
    text: str, language: str, *, model: ChatModel, persona: Persona, watcher: Watcher
) -> str:
    """What is said in return; empty where the model says more than that.

    Nothing here rests on a page, so nothing may be said that would have to: no number, no name,
    no address.

    Args:
        text: what somebody says.
        language: of that; it is returned in the persona's, where it speaks only one.
        model: words it.
        persona: in whose name.
        watcher: is shown what is written.
    """
    language = persona.only_language or language
    name = LANGUAGE_NAMES[language]
    messages = filled(
        prompt(PROMPT),
        persona=persona,
        manners=rules_of(persona.voice),
        text=" ".join(text.split()),
        language=name,
        manner=reminder(persona.voice, name),
    )
    options = generation_options(persona, FORMAT) | {"max_tokens": MOST_TOKENS}
    outputs = await model.generator().run_async(messages, watcher.take, options)
    watcher.count(outputs["replies"][0])
    said, _ = reply_fields(outputs["replies"][0].text or "")
    return said if _is_harmless(said, language) else ""


def _is_harmless(said: str, language: str) -> bool:
    strange = names(said) - {OURSELVES}
    is_plain = not exact_parts(said) and not re.search(r"[@/<>\[\]`|]|www", folded(said))
    is_right = language_of_part(said, language) == language
    return 0 < len(said) <= MOST_CHARACTERS and is_plain and is_right and not strange
