"""Sources and receipts of an answer in words, for people."""

from collections.abc import Iterator
from typing import Protocol

from bot.wording import say
from knowledge.articles import is_attached
from knowledge.conversations import Answer, Citation, Receipt


def sources_text(answer: Answer, *, quotes: bool = False) -> str:
    """The numbered sources of an answer; nothing where it names none."""
    if not answer.citations:
        return ""
    lines = [f"{say('sources', answer.language)}:"]
    for citation in answer.citations:
        lines.append(_source_line(citation))
        if quotes:
            lines.append(f"      “{' '.join(citation.quote.split())}”")
    return "\n".join(lines)


def _source_line(citation: Citation) -> str:
    chunk = citation.chunk
    page = f", p. {chunk.page}" if chunk.page else ""
    where = "" if is_attached(chunk.article) else f" - {chunk.url or chunk.article}"
    return f"  [{citation.n}] {chunk.label}{page}{where}"


class Explained(Protocol):
    """An answer, just given or kept."""

    @property
    def reference(self) -> str:
        """Its name."""

    @property
    def receipt(self) -> Receipt:
        """How it came about."""


def why_text(answer: Explained, language: str) -> str:
    """How an answer came about: persona, model, passages with scores, timings."""
    receipt = answer.receipt
    # A model that is served with what it learnt mostly says so itself.
    adapter = receipt.adapter if receipt.adapter and receipt.adapter not in receipt.model else ""
    model = f"{receipt.model} + {adapter}" if adapter else receipt.model
    lines = [
        say(
            "why-answer",
            language,
            reference=answer.reference,
            persona=receipt.persona,
            version=receipt.prompt_version,
            model=model,
        ),
        say("why-time", language, steps=", ".join(_steps(receipt, language))),
        say("why-tokens", language, read=_count(receipt, "prompt"), said=_count(receipt, "answer")),
        *_knowledge(receipt, language),
        *_route(receipt, language),
        *_tools(receipt, language),
        say("why-passages", language) if receipt.chunks else say("why-no-passages", language),
    ]
    passages = [
        f"{'*' if use.used else '-'} {use.score:.3f}  {use.article} #{use.position}"
        for use in receipt.chunks
    ]
    return "\n".join([*lines, *passages])


def _steps(receipt: Receipt, language: str) -> Iterator[str]:
    for step, seconds in receipt.timings_s.items():
        yield say("why-step", language, step=step, seconds=f"{seconds:.1f}")


def _count(receipt: Receipt, name: str) -> str:
    return str(receipt.tokens.get(name, "?"))


def _knowledge(receipt: Receipt, language: str) -> Iterator[str]:
    """What is worth knowing of the search."""
    if not receipt.knowledge.get("is_complete", True):
        yield say("why-incomplete", language)
    if reworded := receipt.knowledge.get("reworded"):
        yield say("why-reworded", language, question=reworded)
    if "answerable" in receipt.knowledge:
        share = f"{100 * receipt.knowledge['answerable']:.0f}"
        yield say("why-answerable", language, percent=share)


def _route(receipt: Receipt, language: str) -> Iterator[str]:
    """What the question was taken to need, where somebody could tell."""
    if needs := receipt.route.get("needs"):
        percent = f"{100 * receipt.route['confidence']:.0f}"
        yield say("why-route", language, needs=needs, percent=percent)


def _tools(receipt: Receipt, language: str) -> Iterator[str]:
    """Each call of a tool, and what came of it."""
    for used in receipt.tools:
        outcome = say("tool-outcome", language, outcome=used.outcome)
        seconds = f"{used.seconds:.1f}"
        yield say("why-tool", language, call=used.call, outcome=outcome, seconds=seconds)
