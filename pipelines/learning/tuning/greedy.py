"""What the tuned model writes where nothing is left to chance; the served one must, too."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipelines.learning.tuning.loop import Tuning
from pipelines.learning.tuning.rendering import Rendered, batch

GREEDY = "greedy.jsonl"
AT_ONCE = 10
WRITTEN = 16
"""Tokens of each answer: the first ones decide."""


def write(tuning: Tuning, tokenizer: Any, rows: Sequence[Rendered], folder: Path) -> None:
    """Have the model answer, and keep the answers piece by piece."""
    asked = rows[: tuning.settings.greedy]
    lines = [
        {"prompt": row.prompt, "steps": list(_steps(tokenizer, written))}
        for first in range(0, len(asked), AT_ONCE)
        for row, written in _answered(tuning, asked[first : first + AT_ONCE])
    ]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (folder / GREEDY).write_text(text, encoding="utf-8")


def _answered(tuning: Tuning, rows: Sequence[Rendered]) -> Iterator[tuple[Rendered, Sequence[int]]]:
    import torch

    # What comes before an answer, as if its last token were to be learnt: no answer is shown.
    asked = [replace(row, ids=row.ids[: len(row.ids) - row.learnt], learnt=1) for row in rows]
    given = batch(asked, pad=tuning.pad, device=tuning.device)
    ids, mask = given["input_ids"], given["attention_mask"]
    tuning.model.eval()
    with torch.no_grad():
        whole = tuning.model.generate(
            input_ids=ids,
            attention_mask=mask,
            max_new_tokens=WRITTEN,
            do_sample=False,
            pad_token_id=tuning.pad,
        )
    return zip(rows, whole[:, ids.shape[1] :].tolist(), strict=True)


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
