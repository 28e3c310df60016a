"""Examples for tests: only what a test is about is said."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from knowledge.articles import Audience
from knowledge.learning_examples import Example
from pipelines.learning.consent import Consents
from pipelines.models import Vectors

START = datetime(2026, 11, 1, 9, tzinfo=UTC)
EVERYBODY = Audience.of("everyone")


def row(name: str, asked: str = "", told: str = "", **more: Any) -> Example:  # noqa: ANN401 (passed on)
    """An approved example; `day`, `passages`, `conversation` say where it comes from."""
    day, passages = more.pop("day", 0), more.pop("passages", [])
    conversation = more.pop("conversation", name)
    people = more.pop("people", ("t:ana",))
    turns = (
        {"role": "user", "content": asked or f"What is {name}?"},
        {"role": "assistant", "content": told or f"It is {name}."},
    )
    about = {"conversation": conversation, "passages": [{"version": one} for one in passages]}
    return Example(
        name,
        more.pop("kind", "answer"),
        turns,
        more.pop("audience", EVERYBODY),
        provenance=about,
        consent={"channel": "terminal:chat", "people": dict.fromkeys(people, "")},
        people=tuple(people),
        state=more.pop("state", "approved"),
        asked_at=START + timedelta(days=day),
        **more,
    )


def all_agree(*people: str, admin: bool = True, channels: bool = True) -> Consents:
    """Consents of these people."""
    known = dict.fromkeys(people or ("t:ana", "t:ben", "t:eva"), START)
    return Consents(admin, ("slack",), lambda _: channels, known)


class Meaning:
    """An embedder for which texts with the same first word mean the same."""

    name, dimensions = "first word", 64

    async def embed_questions(self, texts: list[str]) -> Vectors:
        """A vector for each first word."""
        words = [text.split()[0] if text else "" for text in texts]
        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        for at, word in enumerate(words):
            vectors[at, sum(map(ord, word)) % self.dimensions] = 1
        return vectors

    embed_passages = embed_questions
