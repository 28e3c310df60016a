"""What is to be confirmed, or was done: in words, with every argument, for people."""

import re
from collections.abc import Sequence

from bot.egress import cleaned
from bot.wording import say
from knowledge.conversations import Act

_TICKS = re.compile(r"`+")


def acts_text(acts: Sequence[Act], language: str) -> str:
    """Markdown that says how each of these stands; what a tool said is shown as it is."""
    return "\n\n".join(_act_text(one, language) for one in acts)


def _act_text(act: Act, language: str) -> str:
    pieces = [say("act", language, outcome=act.outcome), fenced(act.call)]
    pieces += [say("act-said", language), fenced(act.text)] if act.text else []
    pieces += [say("act-tainted", language)] if act.is_tainted and act.confirmation else []
    return "\n\n".join(pieces)


def fenced(text: str) -> str:
    """Lines between fences that nothing in them can end."""
    text = cleaned(text)
    fence = "`" * max(3, 1 + max(map(len, _TICKS.findall(text)), default=0))
    return f"{fence}\n{text}\n{fence}"
