"""A triage as a person reads it: what would help most, what was found, and what was left out."""

from collections.abc import Iterator
from typing import Any

from bot.triaging import Outcome
from bot.wording import say
from pipelines.learning.counterfactuals import shares_told
from pipelines.learning.triage import Kind, Summary, Way
from pipelines.learning.triage_sheet import Judged

MOST_NAMED = 20
"""Cases that are written out; the files hold all."""
KINDS: dict[Kind, str] = {
    "fixed": "triage-fixed",
    "rights": "triage-rights",
    "knowledge": "triage-knowledge",
    "prompt": "triage-prompt",
    "budget": "triage-budget",
    "tool": "triage-tool",
    "retrieval": "triage-retrieval",
    "distractors": "triage-distractors",
    "tuning": "triage-tuning",
    "preference": "triage-preference",
    "weak": "triage-weak",
}
ADVICE: dict[Way, str] = {
    "prompt": "triage-way-prompt",
    "retrieval": "triage-way-retrieval",
    "tools": "triage-way-tools",
    "tuning": "triage-way-tuning",
}
MISSING = {
    "corrections": "triage-missing-corrections",
    "labels": "triage-missing-labels",
    "voters": "triage-missing-voters",
}


def text(outcome: Outcome, language: str) -> str:
    """Everything worth saying on one page."""
    return "\n".join(_lines(outcome, language)).rstrip()


def _lines(outcome: Outcome, language: str) -> Iterator[str]:
    sheet = outcome.sheet
    summary = sheet.summary
    yield say("triage-head", language, count=len(sheet.rows), set=str(sheet.about["set"]))
    yield from advice(summary, language)
    yield ""
    for kind, count in summary.kinds.items():
        yield f"{count:5}  {say(KINDS[kind], language)}"
    if sheet.rows:
        yield ""
    for row in sheet.rows[:MOST_NAMED]:
        yield from _case(row, language)
    if len(sheet.rows) > MOST_NAMED:
        yield say("triage-more", language, count=len(sheet.rows) - MOST_NAMED)
    for name, why in sheet.left_out.items():
        yield say("triage-left-out", language, name=name, why=why)
    yield say("triage-kept", language, folder=str(sheet.folder))


def advice(summary: Summary, language: str) -> Iterator[str]:
    """Which of the four ways would help this team most, in plain words."""
    if not summary.failing:
        yield say("triage-nothing-wrong", language)
        return
    count: dict[str, Any] = {"failing": summary.failing}
    if summary.best:
        ways = say("triage-or", language).join(say(ADVICE[way], language) for way in summary.best)
        most = summary.ways[summary.best[0]]
        yield say("triage-best", language, way=ways, count=most, **count)
    else:
        yield say("triage-best-none", language, **count)
    if missing := summary.kinds.get("knowledge", 0):
        yield say("triage-ingest", language, count=missing)
    if summary.may_distil:
        yield say("triage-distil", language, count=summary.kinds["prompt"])


def _case(row: Judged, language: str) -> Iterator[str]:
    question = " ".join(row.question.split())[:80] or row.id
    yield f"- {question}: {say(KINDS[row.verdict.kind], language)}"
    if row.shares:
        yield f"    {shares_told(row.shares)}"
    for name, count in row.verdict.missing.items():
        yield f"    {say(MISSING[name], language, count=count)}"
