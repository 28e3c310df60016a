"""Answers, receipts and chunks as JSON values, in the shapes that programs outside rely on."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from knowledge.articles import Chunk
from knowledge.conversations import Answer, Citation, Receipt


def answer_value(answer: Answer, files: Sequence[Path] = ()) -> dict[str, Any]:
    """The value that `tertulia ask --json` prints.

    Args:
        answer: what was said.
        files: where its pictures are; without any nothing is said of them.
    """
    drawn = [
        {"path": str(file), "description": one.description}
        for file, one in zip(files, answer.pictures, strict=False)
    ]
    return {
        "reference": answer.reference,
        "answer": answer.text,
        "language": answer.language,
        "abstained": answer.abstained,
        "reason": answer.reason,
        "citations": [citation_value(citation) for citation in answer.citations],
        **({"pictures": drawn} if drawn else {}),
        **({"unhelpful": asdict(answer.unhelpful)} if answer.unhelpful else {}),
        "receipt": receipt_value(answer.receipt),
    }


def citation_value(citation: Citation) -> dict[str, Any]:
    """A citation with its article and the words that it quotes."""
    return {
        "n": citation.n,
        "article": citation.chunk.article,
        "title": citation.chunk.title,
        "url": citation.chunk.url,
        "quote": citation.quote,
        "score": round(citation.score, 2),
    }


def receipt_value(receipt: Receipt) -> dict[str, Any]:
    """How an answer came about; `route` and `learnt` only where there is any."""
    return {
        "persona": receipt.persona,
        "prompt_version": receipt.prompt_version,
        "model": receipt.model,
        "adapter": receipt.adapter,
        "chunks": [
            {
                "article": u.article,
                "position": u.position,
                "score": round(u.score, 4),
                "used": u.used,
            }
            for u in receipt.chunks
        ],
        "tools": [asdict(used) for used in receipt.tools],
        "knowledge": receipt.knowledge,
        "timings_s": {step: round(s, 2) for step, s in receipt.timings_s.items()},
        "tokens": receipt.tokens,
        **({"route": receipt.route} if receipt.route else {}),
        **({"learnt": receipt.learnt} if receipt.learnt else {}),
    }


def found_value(query: str, found: Sequence[tuple[Chunk, float]]) -> dict[str, Any]:
    """The value that `tertulia search --json` prints: chunks and scores, best first."""
    return {
        "query": query,
        "chunks": [
            {
                "article": chunk.article,
                "title": chunk.title,
                "text": chunk.text,
                "url": chunk.url,
                "language": chunk.language,
                "score": round(score, 4),
            }
            for chunk, score in found
        ],
    }
