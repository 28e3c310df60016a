"""A run as a person reads it: figures with their intervals, what changed, what went wrong."""

from collections.abc import Iterator

from bot.evaluating import Outcome
from pipelines.evaluation.comparing import Comparison, Difference
from pipelines.evaluation.figures import BY_NAME, Figure, by_kind, figures
from pipelines.evaluation.results import Result
from pipelines.evaluation.runs import Run

MOST_NAMED = 8
"""Questions of a sort that are written out; the files of the run hold all."""


def text(outcome: Outcome) -> str:
    """Everything worth saying on one page."""
    return "\n".join(_lines(outcome)).rstrip()


def _lines(outcome: Outcome) -> Iterator[str]:
    run = outcome.run
    about, count = run.about, len(run.results)
    of = f"{count} of " if count < about["questions"] else ""
    yield f"Run {run.name}: {of}{_questions(about['questions'])} of {about['set']['name']}"
    yield f"{_who(run)}"
    yield ""
    for figure in figures(run.results):
        yield _figure(figure.metric.label, figure)
    kinds = by_kind(run.results)
    if len(kinds) > 1:
        yield ""
        yield f"By kind of question: {next(iter(kinds.values())).metric.label}"
        for kind, figure in kinds.items():
            yield _figure(kind, figure)
    if outcome.older and (found := outcome.comparison):
        yield from _compared(outcome.older.name, found)
    yield from _wrong(run)
    yield ""
    yield f"Kept in {run.folder}"


def _who(run: Run) -> str:
    settings = run.about["settings"]
    knowledge = f"{settings['passages']} passages in the {settings['store']} store"
    if settings["retrieval_only"]:
        return f"The search alone, {knowledge}"
    return f"{settings['model']} as {settings['persona']}, {knowledge}"


def _figure(label: str, figure: Figure) -> str:
    value, low, high = (_number(figure.name, n) for n in (figure.value, figure.low, figure.high))
    # Of one question only a share has an interval: nothing else shows how far the next one may lie.
    spread = f"{low} to {high}, " if figure.count > 1 or figure.low < figure.high else ""
    return f"  {label[:32]:32} {value:>8}   {spread}{_questions(figure.count)}"


def _questions(count: int) -> str:
    return f"{count} question{'' if count == 1 else 's'}"


def _number(name: str, value: float, *, signed: bool = False) -> str:
    metric, sign = BY_NAME[name], "+" if signed else ""
    if name == "ndcg_at_10":
        return f"{value:{sign}.3f}"
    if metric.is_share:
        return f"{100 * value:{sign}.0f} %"
    return f"{value:{sign}.1f}" if metric.unit == "s" else f"{value:{sign}.0f}"


def _compared(older: str, found: Comparison) -> Iterator[str]:
    yield ""
    if not found.shared:
        yield f"Run {older} has no question in common with this one: nothing can be compared."
        return
    yield f"Against run {older}, over the {_questions(found.shared)} of both: {found.verdict}"
    yield from map(_difference, found.differences)
    yield from _named("Right now, and wrong before", found.better)
    yield from _named("Wrong now, and right before", found.worse)


def _difference(one: Difference) -> str:
    before, after = (_number(one.name, n) for n in (one.before, one.after))
    low, high = (_number(one.name, n, signed=True) for n in (one.low, one.high))
    return (
        f"  {BY_NAME[one.name].label[:32]:32} {before} -> {after}   {low} to {high}, {one.verdict}"
    )


def _wrong(run: Run) -> Iterator[str]:
    wrong = [result for result in run.results if result.scores.get("right", 1.0) < 1]
    if wrong:
        yield ""
        yield f"What went wrong ({len(wrong)})"
        for result in wrong[:MOST_NAMED]:
            yield f"  {' '.join(result.question.split())[:80]}: {reason(result)}"
        yield from _more(len(wrong))


def _named(heading: str, questions: tuple[str, ...]) -> Iterator[str]:
    if questions:
        yield f"{heading} ({len(questions)})"
        for question in questions[:MOST_NAMED]:
            yield f"  {' '.join(question.split())[:100]}"
        yield from _more(len(questions))


def _more(count: int) -> Iterator[str]:
    if count > MOST_NAMED:
        yield f"  ... and {count - MOST_NAMED} more, in results.jsonl"


def reason(result: Result) -> str:
    """Why a result is not right, in a few words."""
    if result.error:
        return f"failed ({result.error})"
    if result.expected == "refusal":
        return "answered, and our knowledge has no answer"
    if result.reason:
        return f"no answer given ({result.reason})"
    if result.missing:
        return f"does not say {'; '.join(result.missing)}"
    return f"cites {', '.join(result.cited) or 'nothing'}"
