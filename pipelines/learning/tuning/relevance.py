"""A language model learns to tell the passages that answer a question: a cross-encoder.

It reads question and passage together and says yes or no, in the words that it is served with; how
likely the yes is beside the no is its score, and by that passages are put in order. What a step
makes smaller is the surprise at the right one of the two words: their binary cross-entropy, and on
top of it how far neither of them was expected. Without that, a server that tells only the likeliest
words might name neither.

Source: Qwen3 Embedding (the reranker), arXiv 2506.05176.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.learning.gate import LEAST_MCC
from pipelines.learning.row_files import Row
from pipelines.learning.trainers import Job, JobRefusedError, TrainingFailedError
from pipelines.learning.tuning.aims import Likelihood
from pipelines.learning.tuning.loop import Tuning
from pipelines.learning.tuning.naming import FEWEST_HELD_OUT, figures_of
from pipelines.learning.tuning.preparing import Prepared
from pipelines.learning.tuning.rendering import Rendered, answer_logits, rendered
from pipelines.learning.tuning.rows import bad, check_signs, enough, objects
from pipelines.learning.tuning.settings import Settings
from pipelines.reranking.tuned import NO, YES, asked

FEWEST = 500
"""Rows, each a question with one passage."""
DEEPEST = 10
"""Places that nDCG looks at."""
SURE = 0.5
"""From this probability of a yes on, it is one."""
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Relevance(Likelihood):
    """The right one of yes and no becomes likelier after a question and a passage."""

    def read(self, job: Job, settings: Settings) -> list[Row]:
        """Passages that answer their question, and such that do not."""
        rows = [_row(said, where, line) for said, where, line in objects(job)]
        if not settings.is_test:
            enough(job, len(rows), FEWEST)
        answering = sum(bool(row.label) for row in rows)
        if answering in (0, len(rows)):
            raise JobRefusedError(
                f"In {job.rows} {'every' if answering else 'no'} passage answers its question: "
                "nothing tells one from the other.",
                what_to_do="Add rows of the other kind.",
            )
        return rows

    def rendered(self, tokenizer: Any, rows: Sequence[Row], settings: Settings) -> list[Rendered]:
        """One by one, each beside the same question with the wrong word."""
        return [_rendered(tokenizer, row) for row in rows]

    def measured(self, tuning: Tuning, prepared: Prepared) -> Mapping[str, float]:
        """How well passages are told and put in order, beside the model as it was."""
        rows, is_test = prepared.held_out, prepared.settings.is_test
        if len(rows) < FEWEST_HELD_OUT and not is_test:
            raise TrainingFailedError(
                f"{len(rows)} rows were held out; {FEWEST_HELD_OUT} are the least to tell by.",
                what_to_do="Give it more rows, or raise `held_out`.",
            )
        after = _scores(tuning, rows)
        with tuning.reference():
            before = _scores(tuning, rows)
        right = [row.opinion > 0 for row in rows]
        groups = [row.group for row in rows]
        figures = figures_of(right, [bool(score >= SURE) for score in after])
        figures |= {f"{k}_before": value for k, value in order_of(groups, right, before).items()}
        figures |= order_of(groups, right, after)
        if not is_test:
            check(figures, len(rows))
        return figures


def order_of(
    groups: Sequence[str], right: Sequence[bool], scores: Sequence[float] | Numbers
) -> dict[str, float]:
    """How high the passages that answer stand among those of their question: `ndcg` and `mrr`.

    Means over the questions that have passages of both kinds; 0 where there is none. Of passages
    with the same score those that do not answer come first.

    Args:
        groups: the question of each passage.
        right: whether it answers.
        scores: more is earlier.
    """
    of_group: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    for group, is_right, score in zip(groups, right, scores, strict=True):
        of_group[group].append((-float(score), is_right))
    found = []
    for some in of_group.values():
        hits = np.array([is_right for _, is_right in sorted(some)])
        if hits.any() and not hits.all():
            worth = 1 / np.log2(np.arange(len(hits)) + 2.0)
            worth[DEEPEST:] = 0.0
            best = worth[: hits.sum()].sum()
            found.append((worth[hits].sum() / best, 1 / (hits.argmax() + 1)))
    ndcg, mrr = np.mean(found, axis=0) if found else (0.0, 0.0)
    return {"ndcg": float(ndcg), "mrr": float(mrr)}


def check(figures: Mapping[str, float], count: int) -> None:
    """Go on only with what has learnt something.

    Args:
        figures: as they are measured.
        count: of the rows that were held out.

    Raises:
        TrainingFailedError: it tells nothing, or its order is no better than before.
    """
    told = (
        f"{figures['accuracy']:.0%} of {count} rows are told rightly, {figures['majority']:.0%} "
        f"are of the larger kind (Matthews' coefficient {figures['mcc']:.2f}), and nDCG@10 among "
        f"the passages of a question went from {figures['ndcg_before']:.3f} to "
        f"{figures['ndcg']:.3f}"
    )
    more = "Give it more rows or `epochs`, or raise `learning_rate`."
    if figures["mcc"] < LEAST_MCC:
        raise TrainingFailedError(f"It has learnt nothing: {told}.", what_to_do=more)
    if figures["ndcg"] <= figures["ndcg_before"]:
        raise TrainingFailedError(
            f"Its order is no better than that of the model as it was: {told}.", what_to_do=more
        )


def _scores(tuning: Tuning, rows: Sequence[Rendered]) -> Numbers:
    """How likely a yes is beside a no, shape (rows,)."""
    import torch

    tuning.model.eval()
    leads = np.zeros(len(rows))
    with torch.no_grad():
        for n, row in enumerate(rows):
            with tuning.precision():
                logits, _ = answer_logits(tuning.model, tuning.tensors([row]))
            wrong = row.beside.ids[-1] if row.beside else row.ids[-1]
            leads[n] = float(logits[0, 0, row.ids[-1]] - logits[0, 0, wrong])
    toward_yes = leads * np.array([row.opinion for row in rows])
    likely: Numbers = 1 / (1 + np.exp(-toward_yes))
    return likely


def _rendered(tokenizer: Any, row: Row) -> Rendered:
    """A row of which the first token of its word is learnt: it is all that a server weighs."""
    whole = rendered(tokenizer, row.messages)
    other = {"role": "assistant", "content": NO if row.label else YES}
    wrong = rendered(tokenizer, (*row.messages[:-1], other))
    first, second = (one.ids[len(one.asked)] for one in (whole, wrong))
    if first == second:
        raise JobRefusedError(
            f"This model spells `{YES}` and `{NO}` with the same first token.",
            what_to_do="Choose another base model.",
        )
    return replace(
        whole.answered((first,)),
        beside=whole.answered((second,)),
        opinion=1.0 if row.label else -1.0,
        group=row.group,
    )


def _row(said: Any, where: str, line: int) -> Row:
    if not isinstance(said, Mapping):
        raise bad(where, "is no object with `question`, `passage` and `label`")
    texts = [said.get(key) for key in ("question", "passage")]
    for key, value in zip(("question", "passage"), texts, strict=True):
        if not isinstance(value, str) or not value.strip():
            raise bad(where, f"has no `{key}`")
        check_signs(value, where)
    label = said.get("label")
    if not isinstance(label, bool):
        raise bad(where, "does not say with `label` whether the passage answers, true or false")
    question, passage = map(str, texts)
    turns = [{"role": m.role.value, "content": str(m.text)} for m in asked(question, passage)]
    turns.append({"role": "assistant", "content": YES if label else NO})
    group = " ".join(question.casefold().split())
    return Row(tuple(turns), line, label=label, group=group)
