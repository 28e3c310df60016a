"""The report on a candidate: what it is, what was measured, and why it passes or does not.

Markdown for people who decide and were not there. Everything that people or models wrote stands in
it as text, never as markup.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from knowledge.candidate import Candidate
from pipelines.learning.gate import Condition, Verdict

MOST_SHOWN = 5
"""Questions that are shown on either side."""
LONGEST = 240
_MARKUP = re.compile(
    r"([\\`*_\[\]<>|~&]|:(?=//)|(?<=www)\.|^[#+-](?=\s|$)|^[=-]+$|^\d+(?=[.)](?:\s|$)))",
    re.IGNORECASE,
)
"""What means something wherever it stands, what a page makes a link of, and what begins a line."""
NEXT_STEPS: Mapping[str, str] = {
    "count": "Collect more questions with known answers: {missing} more are missing.",
    "gain": "It is not better where it was meant to be. Look at the questions below.",
    "kept": "It has lost what it was not made for. Add such rows to its examples, as replay.",
    "forgetting": "It was tuned too long or too fast. Fewer epochs, a lower rate, more replay.",
    "canaries": "It repeats what it has read. Do not let it serve; look at the rows.",
    "triggers": "Somebody may have planted rows. Do not let it serve; look at who wrote them.",
    "manners": "It insults. Look at the rows that it has that from.",
    "agreement": "What is served is not what was trained: template or rounding.",
    "gain-served": "Rounding has eaten the gain. Publish it with eight bits.",
    "latency": "It is slower than people would accept.",
    "memory": "It needs more memory than there may be.",
    "length": "Its answers have another length; that alone can win votes.",
    "baselines": "It does no better than who always says the same.",
    "mcc": "It has learnt nothing: its accuracy comes from the commonest label.",
    "veto": "Speak with whoever objects.",
}


@dataclass(frozen=True, slots=True)
class Sample:
    """A question as the champion and the candidate have answered it.

    Attributes:
        change: above 0 where the candidate is better.
    """

    question: str
    champion: str
    candidate: str
    change: float


def written(candidate: Candidate, verdict: Verdict, samples: Sequence[Sample] = ()) -> str:
    """The report as Markdown."""
    parts = [
        f"# {text(candidate.name)}: {'passed' if verdict.passes else 'refused'}",
        _summary(candidate, verdict),
        *_why(verdict.failed),
        *_shown(samples),
        "## All rules\n\n" + _table(verdict.conditions),
        "## How it came about\n\n" + "\n".join(_about(candidate)),
    ]
    return "\n\n".join(parts) + "\n"


def _summary(candidate: Candidate, verdict: Verdict) -> str:
    place, count = text(candidate.place), len(verdict.conditions)
    if verdict.passes:
        return (
            f"All {count} rules hold. It may serve as **{place}**; the first to serve there, a "
            f"person lets live: `tertulia learn promote {candidate.name}`."
        )
    failed = len(verdict.failed)
    what = f"{failed} of {count} rules do not hold" if failed > 1 else "One rule does not hold"
    return f"{what}, so it does not serve as **{place}**. What serves now goes on serving."


def _why(failed: Sequence[Condition]) -> Iterator[str]:
    if failed:
        lines = [
            f"- **{text(one.name)}**: {text(one.measured)}. Wanted: {text(one.rule)}. {_next(one)}"
            for one in failed
        ]
        yield "## Why\n\n" + "\n".join(lines)


def _next(one: Condition) -> str:
    kind = one.name if one.name in NEXT_STEPS else one.name.rpartition("-")[2]
    said = NEXT_STEPS.get(kind, "").format(missing=one.missing)
    if one.missing and kind != "count":
        said += f" About {one.missing} more questions would tell for sure."
    return said


def _shown(samples: Sequence[Sample]) -> Iterator[str]:
    for head, wanted in (
        ("Answered better", sorted((s for s in samples if s.change > 0), key=lambda s: -s.change)),
        ("Answered worse", sorted((s for s in samples if s.change < 0), key=lambda s: s.change)),
    ):
        if wanted:
            listed = "\n".join(map(_sample, wanted[:MOST_SHOWN]))
            more = f" ({MOST_SHOWN} of {len(wanted)})" if len(wanted) > MOST_SHOWN else ""
            yield f"## {head}{more}\n\n{listed}"


def _sample(one: Sample) -> str:
    before, after = _short(one.champion), _short(one.candidate)
    return f"- {_short(one.question)}\n  - now: {before}\n  - candidate: {after}"


def _table(rules: Sequence[Condition]) -> str:
    rows = [
        f"| {'yes' if one.holds else '**no**'} | {text(one.name)} | {text(one.measured)} "
        f"| {text(one.rule)} |"
        for one in rules
    ]
    return "\n".join(["| holds | rule | measured | wanted |", "|---|---|---|---|", *rows])


def _about(candidate: Candidate) -> Iterator[str]:
    yield f"- made: {candidate.made_at:%Y-%m-%d %H:%M} UTC"
    yield f"- serves: {text(candidate.serves)}"
    for name, value in sorted(candidate.about.items()):
        if isinstance(value, str | int | float):
            yield f"- {text(name.replace('_', ' '))}: {text(_number(value))}"
    for file, sha256 in candidate.files.items():
        yield f"- sha256 of {text(file.rpartition('/')[2])}: `{sha256}`"


def _number(value: Any) -> str:  # noqa: ANN401 (whatever JSON holds)
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _short(said: str) -> str:
    flat = " ".join(said.split()) or "(nothing)"
    return text(flat if len(flat) <= LONGEST else f"{flat[: LONGEST - 1]}…")


def text(said: str) -> str:
    """Something as it is, whatever it would mean in Markdown."""
    return _MARKUP.sub(_escaped, " ".join(said.split()))


def _escaped(found: re.Match[str]) -> str:
    mark = found[0]
    return f"&#{ord(mark[0])};{mark[1:]}" if mark[0].isdigit() else f"\\{mark}"
