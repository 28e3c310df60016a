"""What the tuned model writes where nothing is left to chance; the served one must, too."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pipelines.learning.tuning.loop import Tuning
from pipelines.learning.tuning.rendering import Rendered

GREEDY = "greedy.jsonl"
AT_ONCE = 10
WRITTEN = 16
"""Tokens of each answer: the first ones decide."""


def write(tuning: Tuning, tokenizer: Any, rows: Sequence[Rendered], folder: Path) -> None:
    """Have the model answer, and keep the answers piece by piece."""
    asked = rows[: tuning.settings.greedy]
    answers = continued(tuning, [row.asked for row in asked], tokens=WRITTEN)
    lines = [
        {"prompt": row.prompt, "steps": list(_steps(tokenizer, written))}
        for row, written in zip(asked, answers, strict=True)
    ]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (folder / GREEDY).write_text(text, encoding="utf-8")


def continued(tuning: Tuning, prompts: Sequence[Sequence[int]], *, tokens: int) -> list[list[int]]:
    """What the model goes on with, at most so many tokens; behind its end nothing is meant."""
    written: list[list[int]] = []
    for first in range(0, len(prompts), AT_ONCE):
        written += _continued(tuning, prompts[first : first + AT_ONCE], tokens)
    return written


def _continued(
    tuning: Tuning, prompts: Sequence[Sequence[int]], tokens: int
) -> Sequence[list[int]]:
    import torch

    # As if their last token were to be learnt: no answer is shown.
    given = tuning.tensors([Rendered(tuple(ids), 1, "") for ids in prompts])
    ids, mask = given["input_ids"], given["attention_mask"]
    tuning.model.eval()
    with torch.no_grad():
        whole = tuning.model.generate(
            input_ids=ids,
            attention_mask=mask,
            max_new_tokens=tokens,
            do_sample=False,
            pad_token_id=tuning.pad,
        )
    answers: list[list[int]] = whole[:, ids.shape[1] :].tolist()
    return answers


def _steps(tokenizer: Any, written: Sequence[int]) -> Iterator[tuple[str, str]]:
    """What was written so far, and the next piece; empty where the answer ends."""
    end = tokenizer.eos_token_id
    for n, token in enumerate(written):
        so_far = tokenizer.decode(written[:n])
        if token == end:
            yield so_far, ""
            return
        piece = tokenizer.decode(written[: n + 1])[len(so_far) :]
        # Half a letter is no text that a server could be asked to go on with.
        if "\ufffd" not in so_far + piece:
            yield so_far, piece
