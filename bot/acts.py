"""What is to be confirmed, or was done: in words, with every argument, for people."""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.egress import Egress, cleaned
from bot.egress.dialects import DIALECTS
from bot.wording import say
from knowledge.conversations import Act, Answer

_ADDED = str.maketrans("", "", " \n[]`")
"""What the gate adds to make an address or a call harmless: `https[:]//`, `@ everyone`."""
_TICKS = re.compile(r"`+")


def acts_text(acts: Sequence[Act], language: str) -> str:
    """Markdown that says how each of these stands; what a tool said is shown as it is."""
    return "\n\n".join(_act_text(one, language) for one in acts)


def _act_text(act: Act, language: str) -> str:
    pieces = [say("act", language, outcome=act.outcome), fenced(act.call)]
    pieces += [say("act-final", language)] if act.is_final and act.confirmation else []
    pieces += [say("tool-fault", language, fault=act.fault)] if act.fault else []
    pieces += [say("act-said", language), fenced(act.text)] if act.text else []
    pieces += [say("act-outward", language)] if act.is_outward and act.confirmation else []
    pieces += [say("act-tainted", language)] if act.is_tainted and act.confirmation else []
    return "\n\n".join(pieces)


def shown_in_full(answer: Answer) -> Answer:
    """The answer, in which nothing is to be confirmed that the gate would not show whole.

    An address or a call to everybody can still be read where it was made harmless, a secret cannot.
    """
    acts = tuple(_whole_or_not_asked(one, answer.language) for one in answer.acts)
    return replace(answer, acts=acts)


def _whole_or_not_asked(act: Act, language: str) -> Act:
    if not act.confirmation or all(_is_whole(act, platform, language) for platform in DIALECTS):
        return act
    return replace(act, outcome="failed", fault="unseen", confirmation="", is_tainted=False)


def _is_whole(act: Act, platform: str, language: str) -> bool:
    shown = Egress(platform).markdown(_act_text(act, language), language=language)
    return act.call.translate(_ADDED) in shown.translate(_ADDED)


def fenced(text: str) -> str:
    """Lines between fences that nothing in them can end."""
    text = cleaned(text)
    fence = "`" * max(3, 1 + max(map(len, _TICKS.findall(text)), default=0))
    return f"{fence}\n{text}\n{fence}"
