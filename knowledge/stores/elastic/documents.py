"""Chunks become documents of Elasticsearch and back."""

import base64
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

import numpy as np

from knowledge import words
from knowledge.articles import Audience, Chunk
from knowledge.stores import Vector
from knowledge.stores.word_groups import group_of

SHOWN = ["key", "article", "position", "title", "heading", "text", "language", "audience", "url"]
SHOWN += ["page", "updated_at", "embedded"]


def document(chunk: Chunk) -> dict[str, Any]:
    """A chunk without its vectors."""
    facts: dict[str, Any] = {
        "key": chunk.id,
        "source": _source(chunk.article),
        "article": chunk.article,
        "position": chunk.position,
        "title": chunk.title,
        "heading": list(chunk.heading),
        "text": chunk.text,
        "language": chunk.language,
        "audience": sorted(chunk.audience.principals),
        "readers": readers(chunk.audience),
        "url": chunk.url,
        "page": chunk.page,
        "updated_at": chunk.updated_at.isoformat() if chunk.updated_at else None,
        "text_hash": chunk.text_hash,
        "embedded": False,
    }
    return facts | {"digest": digest(facts)}


def _source(article: str) -> str:
    """The source that an article's id names; none where it has no colon."""
    source, colon, _ = article.partition(":")
    return source if colon else ""


def terms(chunk: Chunk) -> dict[str, str]:
    """The words of a chunk as they are searched, in the fields of its language's group."""
    group = group_of(chunk.language)
    headline = words.index_terms(" ".join((chunk.title, *chunk.heading)), chunk.language)
    return {
        f"headline_{group}": " ".join(headline),
        f"words_{group}": " ".join(words.index_terms(chunk.text, chunk.language)),
    }


def chunk_of(facts: Mapping[str, Any]) -> Chunk:
    """The chunk of a document."""
    updated_at = facts["updated_at"]
    return Chunk(
        id=facts["key"],
        article=facts["article"],
        position=facts["position"],
        title=facts["title"],
        text=facts["text"],
        language=facts["language"],
        audience=Audience.of(*facts["audience"]),
        heading=tuple(facts["heading"]),
        url=facts["url"],
        page=facts["page"],
        updated_at=datetime.fromisoformat(updated_at) if updated_at else None,
    )


def digest(facts: Mapping[str, Any]) -> str:
    """A hash of all that a document says; the same one need not be written again."""
    return sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:32]


def readers(audience: Audience) -> str:
    """An audience as one word, to find the documents that have just this one."""
    return sha256(json.dumps(sorted(audience.principals)).encode()).hexdigest()[:32]


def packed(vector: Vector) -> str:
    """A vector as text, exact to the last bit."""
    return base64.b64encode(vector.astype("<f4").tobytes()).decode()


def unpacked(text: str) -> Vector:
    """A packed vector."""
    return np.frombuffer(base64.b64decode(text), dtype="<f4").astype(np.float32)


def numbers(vector: Vector) -> list[float]:
    """A vector as JSON has it; seven digits are all that a float32 holds."""
    return [float(f"{number:.7g}") for number in vector.tolist()]


def lines(operations: Iterable[Mapping[str, Any]]) -> list[bytes]:
    """The lines of a bulk request."""
    return [json.dumps(operation).encode("utf-8", "replace") + b"\n" for operation in operations]
