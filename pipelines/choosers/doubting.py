"""Asks the model once more about the only call that it has chosen.

Small models call something rather than nothing. Asked for a plain yes or no they notice most of
what fits badly: of 26 questions that no tool answers, 1.5 billion parameters called nothing for 15
and doubted 8 more of their calls, and 2 of 56 right ones. Examples in the prompt, or how likely an
empty list was, told less. The half as large model knows no better afterwards, and is not asked.
"""

from pipelines.choosers import Choice
from pipelines.choosers.signatures import signature
from pipelines.models import ChatModel, catalogue
from pipelines.prompting import filled, prompt
from pipelines.tool import Tool
from pipelines.tool_call import Call, shown

PROMPT = "check_call"
LEAST_AGREEMENT = 0.8
"""Below this probability of "yes" nothing is called."""
_KIND = "embedded"


def helps(model: ChatModel) -> bool:
    """Whether it was measured that a model notices; others would only take longer."""
    kind, _, name = model.name.partition(":")
    base = name.partition("+")[0]
    return kind == _KIND and base in (known := catalogue.models()) and known[base].doubts


async def is_wanted(model: ChatModel, call: Call, tool: Tool, choice: Choice) -> bool:
    """Whether the model stands by a call.

    Raises:
        TertuliaError: the model cannot be used.
    """
    question = "\n".join(filter(None, (choice.earlier, choice.line)))
    values = {"tool": signature(tool), "question": question, "call": shown(call)}
    weights = await model.weigh(filled(prompt(PROMPT), **values), ("yes", "no"))
    return not any(weights.values()) or weights["yes"] >= LEAST_AGREEMENT
