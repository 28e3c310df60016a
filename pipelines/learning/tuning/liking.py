"""What people like becomes likelier: from single votes (KTO), or from pairs of answers (DPO).

Both compare with the model as it was, which is the same one without its addition. The gain of an
answer is by how much its logarithm of probability has grown since then.

Source: KTO, arXiv 2402.01306; DPO, arXiv 2305.18290.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import copysign
from typing import Any

from knowledge.hashing import sha256_of
from knowledge.text_files import lines_of
from pipelines.learning.formats import Format
from pipelines.learning.poisoning import FEWEST_LABELS, FEWEST_VOTERS
from pipelines.learning.row_files import Row, WrongRowsError, read_rows
from pipelines.learning.sets import MANIFEST
from pipelines.learning.trainers import Job, JobRefusedError
from pipelines.learning.tuning.aims import Aim
from pipelines.learning.tuning.loop import Tuning
from pipelines.learning.tuning.rendering import Rendered, log_probabilities, rendered
from pipelines.learning.tuning.rows import check_signs, enough, text_of
from pipelines.learning.tuning.settings import Settings

MOST_GOOD = 4 / 3
"""Good votes count as much as bad ones in all, or up to this much more."""


@dataclass(frozen=True, slots=True)
class Liking(Aim):
    """Answers that were liked gain on those that were not, and on what the model said before."""

    @property
    def by_heart(self) -> float:
        """Losses of likings begin at a half, or .69, and are never far from it."""
        return 0.95

    def read(self, job: Job, settings: Settings) -> list[Row]:
        """Votes or pairs, enough of them, from enough people."""
        form = _form(text_of(job))
        try:
            rows = read_rows(job.rows, form)
        except WrongRowsError as error:
            raise JobRefusedError(str(error), what_to_do=error.what_to_do) from error
        for row in rows:
            told = [turn["content"] for turn in row.messages]
            check_signs("".join([*told, row.rejected]), f"{job.rows}, line {row.line}")
        enough(job, len(rows))
        if not settings.is_test:
            _check_counts(job, len(rows))
        if form == "kto":
            _check_votes(rows, settings)
        return rows

    def rendered(self, tokenizer: Any, rows: Sequence[Row], settings: Settings) -> list[Rendered]:
        """One by one; a pair with its worse answer beside it."""
        return [_rendered(tokenizer, row) for row in rows]

    def arranged(self, rows: Sequence[Rendered]) -> list[Rendered]:
        """Votes with what they count, each beside an answer to another question."""
        good = sum(row.opinion > 0 for row in rows)
        bad = sum(row.opinion < 0 for row in rows)
        if not good + bad:
            return list(rows)
        weights = weights_of(good, bad)
        half = (len(rows) + 1) // 2  # far away: votes on one question often stand together
        others = [*rows[half:], *rows[:half]]
        return [
            replace(
                row,
                beside=row.answered(other.ids[len(other.asked) :]),
                opinion=copysign(weights[row.opinion < 0], row.opinion),
            )
            for row, other in zip(rows, others, strict=True)
        ]

    def work(self, row: Rendered, settings: Settings) -> float:
        """What is only read takes half of what is learnt; both are read by the old model, too."""
        beside = len(row.beside.ids) if row.beside else 0
        return 1.5 * len(row.ids) + (1.0 if row.opinion else 1.5) * beside

    def losses(self, tuning: Tuning, rows: Sequence[Rendered]) -> Iterator[Any]:
        """By the votes, or by the pairs."""
        return _of_votes(tuning, rows) if rows[0].opinion else _of_pairs(tuning, rows)


def vote_losses(gains: Any, opinions: Any, usual_gain: Any, beta: float) -> Any:
    """What each vote loses: from 1 where the model went against it, to 0; half where it stands.

    Args:
        gains: of the answers, shape (rows,).
        opinions: above 0 where they were liked; the size is what a vote counts.
        usual_gain: of answers that have nothing to do with their questions, and never below 0.
        beta: how soon a gain is enough.
    """
    import torch

    return opinions.abs() * torch.sigmoid(-beta * opinions.sign() * (gains - usual_gain))


def pair_losses(better: Any, worse: Any, beta: float) -> Any:
    """What each pair loses, by the gains of its two answers, each of shape (rows,)."""
    from torch.nn.functional import logsigmoid

    return -logsigmoid(beta * (better - worse))


def weights_of(good: int, bad: int) -> tuple[float, float]:
    """What a good and a bad vote count, so that good ones count 1 to 4/3 of the bad ones in all."""
    if not good or not bad:
        return 1.0, 1.0
    return max(1.0, bad / good), max(1.0, good / bad / MOST_GOOD)


def _of_votes(tuning: Tuning, rows: Sequence[Rendered]) -> Iterator[Any]:
    import torch

    with torch.no_grad():
        others = [row.beside for row in rows if row.beside]
        drifts = [_gains(tuning, some) for some in tuning.pieces(others)]
        usual_gain = torch.cat(drifts).mean().clamp(min=0)
    for some in tuning.pieces(rows):
        opinions = torch.tensor([row.opinion for row in some], device=tuning.device)
        gains = _gains(tuning, some)
        yield vote_losses(gains, opinions, usual_gain, tuning.settings.beta).sum()


def _of_pairs(tuning: Tuning, rows: Sequence[Rendered]) -> Iterator[Any]:
    for some in tuning.pieces(rows, at_once=max(1, tuning.settings.at_once // 2)):
        both = [*some, *(row.beside for row in some if row.beside)]
        better, worse = _gains(tuning, both).chunk(2)
        yield pair_losses(better, worse, tuning.settings.beta).sum()


def _gains(tuning: Tuning, rows: Sequence[Rendered]) -> Any:
    """By how much each answer has become likelier."""
    tensors = tuning.tensors(rows)
    with tuning.reference():
        before = log_probabilities(tuning.model, tensors)
    with tuning.precision():
        return log_probabilities(tuning.model, tensors) - before


def _form(text: str) -> Format:
    """What the first row is; `read_rows` refuses all that are no such."""
    first = next((line for line in lines_of(text) if line.strip()), "")
    try:
        said = json.loads(first)
    except (ValueError, RecursionError):
        said = None
    for key, form in _FORMS.items():
        if isinstance(said, dict) and key in said:
            return form
    raise JobRefusedError(
        "These rows hold neither votes nor pairs.",
        what_to_do='Export them with `--format kto` ("label") or `--format preference` '
        '("rejected").',
    )


_FORMS: Mapping[str, Format] = {"rejected": "preference", "label": "kto"}


def _rendered(tokenizer: Any, row: Row) -> Rendered:
    found = rendered(tokenizer, row.messages)
    if row.rejected:
        worse = ({"role": "assistant", "content": row.rejected},)
        return replace(found, beside=rendered(tokenizer, (*row.messages[:-1], *worse)))
    return replace(found, opinion=1.0 if row.label else -1.0)


def _check_counts(job: Job, count: int) -> None:
    """See that it is the taste of many, and no luck."""
    enough(job, count, FEWEST_LABELS)
    voters = _voters(job)
    if voters < FEWEST_VOTERS:
        raise JobRefusedError(
            f"The opinions in {job.rows} are those of {voters} people; {FEWEST_VOTERS} are the "
            "least, else a model learns the taste of a few.",
            what_to_do="Wait for more opinions, and export them with their manifest.",
        )


def _voters(job: Job) -> int:
    """How many people the manifest beside the rows tells of; 0 where it is none of these rows."""
    try:
        said = json.loads(job.rows.with_name(MANIFEST).read_text(encoding="utf-8"))
        is_theirs = said["files"][job.rows.name] == sha256_of(job.rows)
        return int(said["voters"]) if is_theirs else 0
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def _check_votes(rows: Sequence[Row], settings: Settings) -> None:
    good = sum(bool(row.label) for row in rows)
    if good in (0, len(rows)):
        raise JobRefusedError(
            f"All {len(rows)} votes say that an answer was {'good' if good else 'bad'}: nothing "
            "tells one from the other.",
            what_to_do="Wait for others, or learn the good ones with `sft_lora`.",
        )
    if settings.batch < 2:
        raise JobRefusedError(
            "Votes are compared with others of the same step: one alone says nothing.",
            what_to_do="Set `batch` to 2 or more.",
        )
