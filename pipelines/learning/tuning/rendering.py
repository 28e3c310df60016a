"""Writes rows as the model will see them, with the template of the file that is served.

Only the last answer is learnt: it is the one that was approved. What was said before is read.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from knowledge.learning_examples import Turns
from pipelines.learning.trainers import JobRefusedError


@dataclass(frozen=True, slots=True)
class Rendered:
    """A row as tokens.

    Attributes:
        ids: of the whole.
        learnt: how many of the last ones count; the end of the answer is one of them.
        prompt: what stands before the answer, as text.
        beside: what is read besides: a worse answer, the answer to another question, or the same
            answer after another prompt, whatever the aim of a training compares with.
        opinion: above 0 where the answer was liked, below 0 where not; as much as the row counts.
        right: what the answer should be, where somebody else is to write one.
        group: as in its row.
    """

    ids: tuple[int, ...]
    learnt: int
    prompt: str
    beside: "Rendered | None" = None
    opinion: float = 0.0
    right: str = ""
    group: str = ""

    @property
    def asked(self) -> tuple[int, ...]:
        """What stands before the answer."""
        return self.ids[: len(self.ids) - self.learnt]

    def answered(self, answer: Sequence[int]) -> "Rendered":
        """The same question with another answer, which may be empty."""
        ids = (*self.asked, *answer)
        return replace(self, ids=ids, learnt=len(answer), beside=None, opinion=0.0)


def asked(tokenizer: Any, turns: Turns) -> Rendered:
    """A question that waits for its answer."""
    prompt = tokenizer.apply_chat_template(list(turns), tokenize=False, add_generation_prompt=True)
    ids = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    return Rendered(tuple(ids), 0, prompt)


def rendered(tokenizer: Any, turns: Turns) -> Rendered:
    """One row.

    Raises:
        JobRefusedError: the template writes a question differently once it is answered, so that no
            token can be told to be the answer's.
    """
    question = asked(tokenizer, turns[:-1])
    whole = tokenizer.apply_chat_template(list(turns), tokenize=False)
    ids = tokenizer(whole, add_special_tokens=False)["input_ids"]
    before, prompt = list(question.ids), question.prompt
    if not whole.startswith(prompt) or ids[: len(before)] != before or len(ids) == len(before):
        raise JobRefusedError(
            "The template of this model writes a question differently once it is answered.",
            what_to_do="Choose another base model.",
        )
    ids = _until_the_end(ids, len(before), tokenizer.eos_token_id)
    return Rendered(tuple(ids), len(ids) - len(before), prompt)


def _until_the_end(ids: list[int], begin: int, end: int | None) -> list[int]:
    """Without what the template writes behind the end of an answer: no model ever writes it."""
    if end in ids[begin:]:
        return ids[: len(ids) - ids[::-1].index(end)]
    return ids


def template_hash(template: str) -> str:
    """What two templates have in common if they write the same."""
    return hashlib.sha256(template.strip().encode()).hexdigest()[:16]


def batch(rows: Sequence[Rendered], *, pad: int, device: str) -> dict[str, Any]:
    """Rows of different lengths as tensors, filled up on the left.

    All answers end together, so that the words of the vocabulary are weighed for them alone: that
    is most of the memory, where prompts are long.
    """
    import torch

    longest = max(len(row.ids) for row in rows)
    ids = torch.full((len(rows), longest), pad)
    mask = torch.zeros((len(rows), longest), dtype=torch.long)
    labels = torch.full((len(rows), longest), -100)
    for n, row in enumerate(rows):
        ids[n, longest - len(row.ids) :] = torch.tensor(row.ids)
        mask[n, longest - len(row.ids) :] = 1
        labels[n, longest - row.learnt :] = torch.tensor(row.ids[-row.learnt :])
    places = (mask.cumsum(1) - 1).clamp(min=0)
    tensors = {"input_ids": ids, "attention_mask": mask, "position_ids": places, "labels": labels}
    return {name: tensor.to(device) for name, tensor in tensors.items()}


def answer_logits(model: Any, tensors: dict[str, Any]) -> tuple[Any, Any]:
    """What the model expects at the places of the answers, and what stands there.

    Returns:
        Of shape (rows, longest answer, vocabulary), and (rows, longest answer) with -100 where a
        shorter answer has not begun yet.
    """
    labels = tensors["labels"]
    kept = int((labels != -100).sum(1).max())
    # What is weighed at one place is the next token: one place more than there are labels.
    given = {name: tensor for name, tensor in tensors.items() if name != "labels"}
    logits = model(**given, logits_to_keep=kept + 1, use_cache=False).logits[:, :-1]
    return logits.float(), labels[:, -kept:]


def log_probabilities(model: Any, tensors: dict[str, Any]) -> Any:
    """How likely each whole answer is after its question, as a logarithm; shape (rows,)."""
    from torch.nn.functional import cross_entropy

    logits, wanted = answer_logits(model, tensors)
    losses = cross_entropy(
        logits.flatten(0, 1), wanted.flatten(), ignore_index=-100, reduction="none"
    )
    return -losses.view_as(wanted).sum(1)
