"""Sources and receipts of an answer in words, for people."""

from typing import Protocol

from bot.wording import say
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
    return f"  [{citation.n}] {chunk.label}{page} - {chunk.url or chunk.article}"


class Explained(Protocol):
    """An answer, just given or kept."""

    @property
    def reference(self) -> str:
        """Its name."""

    @property
    def receipt(self) -> Receipt:
        """How it came about."""


def why_text(answer: Explained) -> str:
    """How an answer came about: persona, model, passages with scores, timings."""
    receipt = answer.receipt
    timings = "  ".join(f"{step} {seconds:.2f} s" for step, seconds in receipt.timings_s.items())
    tokens = "  ".join(f"{name} {count}" for name, count in receipt.tokens.items())
    knowledge = "  ".join(f"{name} {value}" for name, value in receipt.knowledge.items())
    passages = [
        f"  {'*' if use.used else ' '} {use.score:.3f}  {use.article} #{use.position}"
        for use in receipt.chunks
    ]
    return "\n".join(
        [
            f"{answer.reference}  persona {receipt.persona} ({receipt.prompt_version})  "
            f"model {receipt.model}" + (f" + {receipt.adapter}" if receipt.adapter else ""),
            f"timings    {timings}",
            f"tokens     {tokens}",
            f"knowledge  {knowledge}",
            "passages   (* cited)",
            *passages,
        ]
    )
