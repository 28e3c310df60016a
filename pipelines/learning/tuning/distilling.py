"""What a long prompt brings is learnt, so that it need not be read: context distillation.

The teacher is the same model, untouched, with the long prompt before each question; its pupil gets
the question alone. A teacher that is hardly better than its pupil has nothing to teach.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from knowledge.learning_examples import Turns
from pipelines.learning.row_files import Row
from pipelines.learning.trainers import Job, JobRefusedError, TrainingFailedError
from pipelines.learning.tuning.aims import Aim, Likelihood
from pipelines.learning.tuning.checkpoints import Checkpoints
from pipelines.learning.tuning.graders import BY_ROW, grader
from pipelines.learning.tuning.greedy import continued
from pipelines.learning.tuning.looking import EIGHT
from pipelines.learning.tuning.loop import Tuning
from pipelines.learning.tuning.preparing import Prepared
from pipelines.learning.tuning.rendering import Rendered, answer_logits, asked
from pipelines.learning.tuning.rows import FEWEST, read, read_questions
from pipelines.learning.tuning.settings import Settings

LEAST_GAIN = 0.05
"""Of the answers that the teacher has to get right more often than its pupil."""
LEAST_RECOVERED = 0.8
"""Of this gain, what has to be left without the prompt."""
FEWEST_HELD_OUT = 20
"""Questions on which both are compared: of fewer, one is more than five points."""
Answers = Sequence[Sequence[int]]
"""Tokens of each, its end included; none where it did not come to one, or is not wanted."""


@dataclass(frozen=True, slots=True)
class Distillation(Aim):
    """The pupil writes without the prompt what its teacher writes with it."""

    def read(self, job: Job, settings: Settings) -> list[Row]:
        """Questions; what was answered is read only where the grader goes by it."""
        if not settings.long_prompt.strip():
            raise JobRefusedError(
                "The job does not say what the teacher reads before each question.",
                what_to_do="Set `long_prompt` to its text.",
            )
        grader(settings.grader)
        return read(job) if settings.grader == BY_ROW else read_questions(job)

    def rendered(self, tokenizer: Any, rows: Sequence[Row], settings: Settings) -> list[Rendered]:
        """For the pupil, with the same question for the teacher beside it; no answers yet.

        As long as the longest ones may become, so that what a training takes is known.
        """
        longest = [tokenizer.eos_token_id] * settings.answer_tokens
        found = []
        for row in rows:
            turns, right = _question_of(row)
            pupil = replace(asked(tokenizer, turns), right=right)
            teacher = asked(tokenizer, with_prompt(turns, settings.long_prompt))
            teacher = replace(teacher, right=right).answered(longest)
            found.append(replace(pupil.answered(longest), beside=teacher))
        return found

    def work(self, row: Rendered, settings: Settings) -> float:
        """The pupil learns; where all that it might have written counts, the teacher reads."""
        beside = len(row.beside.ids) if row.beside and settings.soft else 0
        return len(row.ids) + beside / 2

    def count(self, rows: Sequence[Rendered]) -> int:
        """Tokens that are learnt."""
        return sum(row.learnt for row in rows)

    def losses(self, tuning: Tuning, rows: Sequence[Rendered]) -> Iterator[Any]:
        """The surprise at what the teacher wrote, or at all that it might have written."""
        if tuning.settings.soft:
            return _of_all_words(tuning, rows)
        return Likelihood().losses(tuning, rows)

    def taught(
        self, tuning: Tuning, prepared: Prepared, checkpoints: Checkpoints | None
    ) -> Prepared:
        """The teacher's answers that are wanted; it is measured first, and so is its pupil."""
        said = checkpoints.taught() if checkpoints else None
        if said is None:
            wanted = prepared.learnt if checkpoints else prepared.learnt[:EIGHT]
            said = _said(tuning, prepared, wanted)
            if checkpoints:
                checkpoints.keep_taught(said)
        learnt = _with_answers(prepared.learnt, said["learnt"])
        return replace(
            prepared,
            # In a dry run the others stay as long as they may become.
            learnt=[*learnt, *prepared.learnt[len(said["learnt"]) :]],
            held_out=_with_answers(prepared.held_out, said["held_out"]),
            compared=prepared.held_out,
            measured={"teacher": said["teacher"], "before": said["before"]},
        )

    def measured(self, tuning: Tuning, prepared: Prepared) -> Mapping[str, float]:
        """How much of the teacher's gain is left without the prompt."""
        teacher, before = prepared.measured["teacher"], prepared.measured["before"]
        tuned = _share(_written(tuning, prepared, prepared.compared))
        recovered = (tuned - before) / (teacher - before)
        if recovered < LEAST_RECOVERED and not prepared.settings.is_test:
            raise TrainingFailedError(
                f"Without the prompt {100 * tuned:.0f} % of the answers are as wanted, with it "
                f"{100 * teacher:.0f} %, before {100 * before:.0f} %: {100 * recovered:.0f} % of "
                f"what it brings is left, and {100 * LEAST_RECOVERED:.0f} % has to be.",
                what_to_do="Give it more questions or `epochs`, or raise `learning_rate`.",
            )
        return {"teacher": teacher, "before": before, "tuned": tuned, "recovered": recovered}


def _question_of(row: Row) -> tuple[Turns, str]:
    """What is asked, and the right answer where the row has one."""
    last = row.messages[-1]
    return (row.messages[:-1], last["content"]) if last["role"] != "user" else (row.messages, "")


def with_prompt(turns: Turns, long_prompt: str) -> Turns:
    """A question as the teacher reads it: the long prompt before all that it says already."""
    if turns[0]["role"] != "system":
        return ({"role": "system", "content": long_prompt}, *turns)
    both = f"{long_prompt}\n\n{turns[0]['content']}"
    return ({"role": "system", "content": both}, *turns[1:])


def _said(tuning: Tuning, prepared: Prepared, learnt: Sequence[Rendered]) -> dict[str, Any]:
    """How often both are right, and what the teacher writes.

    Raises:
        JobRefusedError: it has nothing to teach, or there is too little to tell.
    """
    held_out = prepared.held_out
    if len(held_out) < FEWEST_HELD_OUT and not prepared.settings.is_test:
        raise JobRefusedError(
            f"Teacher and pupil would be compared on {len(held_out)} questions only; "
            f"{FEWEST_HELD_OUT} are the least.",
            what_to_do="Give it more questions, or raise `held_out`.",
        )
    measuring = _written(tuning, prepared, _for_the_teacher(held_out))
    teacher, before = _share(measuring), _share(_written(tuning, prepared, held_out))
    if teacher - before < LEAST_GAIN:
        raise JobRefusedError(
            f"With the long prompt {100 * teacher:.0f} % of {len(held_out)} answers are as wanted, "
            f"without it {100 * before:.0f} %: it has to bring {100 * LEAST_GAIN:.0f} points to be "
            "worth teaching.",
            what_to_do="Improve the prompt, or look whether `grader` asks for the right thing.",
        )
    answers = _written(tuning, prepared, _for_the_teacher(learnt))
    wanted = sum(map(bool, answers))
    if wanted < min(FEWEST, len(learnt)):
        raise JobRefusedError(
            f"The teacher wrote {wanted} answers as wanted; {FEWEST} is the least.",
            what_to_do="Improve the prompt, or raise `answer_tokens` if its answers are longer.",
        )
    return {"teacher": teacher, "before": before, "learnt": answers, "held_out": measuring}


def _for_the_teacher(rows: Sequence[Rendered]) -> list[Rendered]:
    return [row.beside for row in rows if row.beside]


def _written(tuning: Tuning, prepared: Prepared, rows: Sequence[Rendered]) -> Answers:
    """What the model answers; nothing where that has no end, or is not as wanted."""
    keeps, tokenizer = grader(prepared.settings.grader), prepared.tokenizer
    questions = [row.asked for row in rows]
    answers = []
    written = continued(tuning, questions, tokens=prepared.settings.answer_tokens)
    for row, ids in zip(rows, written, strict=True):
        end = ids.index(tokenizer.eos_token_id) + 1 if tokenizer.eos_token_id in ids else 0
        is_wanted = end and keeps(tokenizer.decode(ids[: end - 1]), row.right)
        answers.append(ids[:end] if is_wanted else [])
    return answers


def _share(answers: Answers) -> float:
    return sum(map(bool, answers)) / max(1, len(answers))


def _with_answers(rows: Sequence[Rendered], answers: Answers) -> list[Rendered]:
    """The rows whose answers are wanted, with these."""
    return [
        replace(row.answered(answer), beside=row.beside.answered(answer))
        for row, answer in zip(rows, answers, strict=False)
        if answer and row.beside
    ]


def _of_all_words(tuning: Tuning, rows: Sequence[Rendered]) -> Iterator[Any]:
    """How far the pupil's expectations are from its teacher's at each place of the answers."""
    from torch.nn.functional import kl_div, log_softmax

    for some in tuning.pieces(rows):
        with tuning.reference():
            logits, _ = answer_logits(tuning.model, tuning.tensors(_for_the_teacher(some)))
            expected = log_softmax(logits, -1)
        with tuning.precision():
            logits, wanted = answer_logits(tuning.model, tuning.tensors(some))
            said = log_softmax(logits, -1)
        apart = kl_div(said, expected, log_target=True, reduction="none").sum(-1)
        yield apart[wanted != -100].sum()
