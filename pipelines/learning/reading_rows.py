"""Rows that teach to read: questions with what a search finds for them, in the prompt as served.

Distractors are what the search really found besides. Every fifth row has no passage that holds the
answer, and the refusal is learnt: else a model learns that there always is one.

Source: RAFT, arXiv 2403.10131.
"""

import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from knowledge.articles import Audience
from knowledge.conversations import Conversation, Message
from knowledge.learning_examples import Example
from knowledge.text_files import write_whole
from pipelines.answering import PROMPT, within
from pipelines.citing import Cited, cite
from pipelines.context import Passage
from pipelines.learning.examples import LeftOut
from pipelines.learning.redaction import PLACEHOLDER, RedactionError, Redactor
from pipelines.models import ChatModel
from pipelines.personas import Persona
from pipelines.progress import Watcher
from pipelines.retrieval import Retriever
from pipelines.steps import Evidence, Prompt, Search

WITHOUT = 0.2
"""The share of rows without gold."""
REFUSALS = {"en": "NOT FOUND", "es": "NO ENCONTRADO"}
"""What is answered where no passage tells it: the step behind the model knows both."""
LEARNER = "learning"
"""Who asks; what may be read is decided by the audience alone."""


@dataclass(slots=True)
class Built:
    """Rows, and what became of the other examples.

    Attributes:
        rows: as a file holds them: `messages`, `gold` and the id of the `example`.
        left_out: how many examples gave no row, by the reason.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)

    @property
    def wants_refusal(self) -> bool:
        """Whether the next row is to be one without gold."""
        without = sum(not row["gold"] for row in self.rows)
        return without + 1 <= WITHOUT * (len(self.rows) + 1)


@dataclass(frozen=True, slots=True)
class Reading:
    """Builds the rows.

    Attributes:
        model: that is served: by its speed it is decided how much is read.
        redactor: takes personal data out of the passages, too.
        audience: whom the tuned model will serve; nothing is shown to it that they may not read.
    """

    retriever: Retriever
    model: ChatModel
    persona: Persona
    redactor: Redactor
    audience: Audience

    async def built(self, examples: Sequence[Example], *, seed: int = 0) -> Built:
        """A row of each example that can be one; the same rows for the same seed."""
        found, order = Built(), list(examples)
        random.Random(seed).shuffle(order)  # noqa: S311 (no secret)
        for example in order:
            try:
                found.rows.append(await self._row(example, found.wants_refusal))
            except LeftOut as error:
                found.left_out[str(error)] += 1
        return found

    async def _row(self, example: Example, wants_refusal: bool) -> dict[str, Any]:
        if PLACEHOLDER.search(f"{example.question} {example.target}"):
            raise LeftOut("placeholders")  # nobody knows any more whom of a passage they mean
        if example.kind == "refusal":
            return self._refused(example, await self._evidence(self.retriever, example))
        if wants_refusal and (evidence := await self._without_gold(example)):
            return self._refused(example, evidence)
        evidence, cited = await self._with_gold(example)
        told = {one.chunk.id for one in cited.citations}
        sources = [one.number for one in evidence.passages if one.chunk.id in told]
        return self._written(example, evidence, example.target, sources)

    async def _with_gold(self, example: Example) -> tuple[Evidence, Cited]:
        """What the search finds; with the gold put first only where it does not find it."""
        named = [one["chunk"] for one in example.provenance.get("passages", ())]
        for retriever in (self.retriever, self.retriever.preferring(named)):
            evidence = await self._evidence(retriever, example)
            if any(_is_gold(one, example) for one in evidence.passages):
                cited = await self._held(example, evidence.passages)
                if cited.text and not cited.dropped:
                    return evidence, cited
        raise LeftOut("not-held")

    async def _without_gold(self, example: Example) -> Evidence | None:
        """What the search finds besides; None where that holds the answer, too, or is nothing."""
        ranking = await self.retriever.ranking(self._asked(example))
        others = [one.id for one in ranking if one.text_hash not in example.passages]
        try:
            evidence = await self._evidence(self.retriever.preferring((), only=others), example)
        except LeftOut:
            return None
        return None if (await self._held(example, evidence.passages)).text else evidence

    async def _held(self, example: Example, passages: Sequence[Passage]) -> Cited:
        """What of the answer stands in these passages, as far as the model gets to see them."""
        chunks = [replace(one.chunk, text=one.text) for one in passages]
        return await cite(
            example.target,
            question=example.question,
            chunks=chunks,
            coverage=self.retriever.coverage,
        )

    async def _evidence(self, retriever: Retriever, example: Example) -> Evidence:
        """What the prompt is made from, by the step that makes it for everybody.

        Raises:
            LeftOut: the model would not even be asked.
        """
        search = Search(retriever, self.model, only_language=self.persona.only_language)
        found = await search.run_async(self._asked(example), Watcher(None))
        if "evidence" not in found:
            raise LeftOut("nothing-found")
        evidence: Evidence = found["evidence"]
        return evidence

    def _asked(self, example: Example) -> Conversation:
        question = Message(example.id, LEARNER, example.question)
        sources = within((), self.persona.sources)
        return Conversation(example.id, (question,), self.audience, sources=sources)

    def _refused(self, example: Example, evidence: Evidence) -> dict[str, Any]:
        refusal = REFUSALS.get(evidence.reply_in, REFUSALS["en"])
        return self._written(example, evidence, refusal, [])

    def _written(
        self, example: Example, evidence: Evidence, answer: str, sources: Sequence[int]
    ) -> dict[str, Any]:
        """A row, without the personal data of its passages.

        Raises:
            LeftOut: some may be left in it.
        """
        *fixed, asked = Prompt(PROMPT, self.persona).run(evidence=[evidence])["messages"]
        pages = [one.chunk.searchable_text for one in evidence.passages]
        try:
            clean = self.redactor.redacted([asked.text or "", answer], pages).texts
        except RedactionError as error:
            raise LeftOut("personal-data") from error
        reply = json.dumps({"answer": clean[1], "sources": list(sources)}, ensure_ascii=False)
        turns = [{"role": one.role.value, "content": one.text} for one in fixed]
        turns.append({"role": "user", "content": clean[0]})
        turns.append({"role": "assistant", "content": reply})
        return {"messages": turns, "gold": bool(sources), "example": example.id}


def write(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Write the rows for the trainer `raft`.

    Raises:
        OSError: they cannot be written.
    """
    write_whole(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def _is_gold(passage: Passage, example: Example) -> bool:
    return passage.chunk.text_hash in example.passages
