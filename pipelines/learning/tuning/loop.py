"""The training itself: AdamW over batches of rows, with checkpoints and an early end."""

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from pipelines.learning.trainers import Report, Step, TrainingFailedError
from pipelines.learning.tuning.aims import Aim
from pipelines.learning.tuning.checkpoints import Checkpoints, State
from pipelines.learning.tuning.rendering import Rendered, batch
from pipelines.learning.tuning.settings import Settings
from pipelines.learning.tuning.spending import Meter

WARM_STEPS = 5
LONGEST_SLOPE = 1.0
"""Longer ones are shortened: a single strange row must not throw the weights about."""


@dataclass(frozen=True, slots=True)
class Tuning:
    """A model that is ready to be tuned, and how.

    Attributes:
        model: of torch; the weights to be tuned are those that want a gradient.
        aim: what a step wants of its rows.
        pad: the token that rows are filled up with; no row is told apart by it.
        halves: whether sums are computed with numbers of half the size around whole weights.
    """

    model: Any
    settings: Settings
    aim: Aim
    seed: int
    pad: int
    device: str
    halves: bool = False

    @property
    def weights(self) -> dict[str, Any]:
        """Those that are tuned, by their names."""
        return {name: one for name, one in self.model.named_parameters() if one.requires_grad}

    def optimiser(self, rate: float) -> Any:
        """AdamW over the weights that are tuned."""
        import torch

        return torch.optim.AdamW(list(self.weights.values()), lr=rate, weight_decay=0.0)

    def learn(self, optimiser: Any, rows: Sequence[Rendered]) -> float:
        """One step; the mean loss of what the aim counts.

        Raises:
            TrainingFailedError: the loss is no number any more.
        """
        import torch

        self.model.train()
        optimiser.zero_grad(set_to_none=True)
        count, total = self.aim.count(rows), 0.0
        for loss in self.aim.losses(self, rows):
            (loss / count).backward()
            total += float(loss.detach())
        slope = torch.nn.utils.clip_grad_norm_(list(self.weights.values()), LONGEST_SLOPE)
        if not math.isfinite(total) or not math.isfinite(float(slope)):
            raise TrainingFailedError(
                f"The loss became {total / count}: the weights have left what can be computed.",
                what_to_do="Lower `learning_rate`, to a third for instance.",
            )
        optimiser.step()
        return total / count

    def loss(self, rows: Sequence[Rendered]) -> float:
        """The mean loss of what the aim counts, nothing learnt."""
        import torch

        self.model.eval()
        with torch.no_grad():
            total = sum(float(loss) for loss in self.aim.losses(self, rows))
        return total / max(1, self.aim.count(rows))

    def tensors(self, rows: Sequence[Rendered]) -> dict[str, Any]:
        """Rows as the model reads them together."""
        return batch(rows, pad=self.pad, device=self.device)

    def pieces(self, rows: Sequence[Rendered], *, at_once: int = 0) -> Iterator[Sequence[Rendered]]:
        """Rows that are in memory together, of like lengths: less is filled up."""
        size = at_once or self.settings.at_once
        ordered = sorted(rows, key=lambda row: len(row.ids))
        return (ordered[n : n + size] for n in range(0, len(ordered), size))

    @contextmanager
    def reference(self) -> Iterator[None]:
        """The model as it was before: without its addition, and nothing learnt."""
        import torch

        with torch.no_grad(), self.model.disable_adapter(), self.precision():
            yield

    def precision(self) -> AbstractContextManager[object]:
        """How sums are computed."""
        import torch

        if not self.halves:
            return nullcontext()
        context: AbstractContextManager[object] = torch.autocast(self.device, torch.bfloat16)
        return context


def steps_of(count: int, settings: Settings) -> int:
    """How many steps a training on so many rows has at most."""
    steps = settings.epochs * math.ceil(count / settings.batch)
    return min(steps, settings.most_steps or steps)


def tune(
    tuning: Tuning,
    rows: Sequence[Rendered],
    held_out: Sequence[Rendered],
    *,
    checkpoints: Checkpoints,
    report: Report,
) -> State:
    """Learn the rows, from the last checkpoint on; the model holds the best weights at the end.

    Raises:
        TrainingFailedError: the loss is no number any more.
        JobRefusedError: the checkpoint is not ours.
    """
    settings, meter = tuning.settings, Meter()
    optimiser = tuning.optimiser(settings.learning_rate)
    state = _resumed(tuning, optimiser, checkpoints) or State(0, (), (), meter.taken())
    meter.before = state.cost if state.step else meter.before
    a_pass, total = math.ceil(len(rows) / settings.batch), steps_of(len(rows), settings)
    for step in range(state.step, total):
        if _got_worse(state.held_out):
            break
        _warm_up(optimiser, settings.learning_rate, step)
        loss = tuning.learn(optimiser, _batch_of(step, rows, settings.batch, tuning.seed))
        ends_pass = (step + 1) % a_pass == 0 or step + 1 == total
        measured = (tuning.loss(held_out),) if held_out and ends_pass else ()
        state = State(step + 1, (*state.losses, loss), (*state.held_out, *measured), meter.taken())
        if measured and measured[0] == min(state.held_out):
            checkpoints.save_best(state, tuning.weights)
        if state.step % settings.checkpoint_steps == 0 and state.step < total:
            checkpoints.save(state, _all_of(tuning, optimiser))
        report(Step(state.step, total, loss))
    best = checkpoints.best()
    if best and best[0].step < state.step:
        _fill(tuning.weights, best[1])
    return state


def _got_worse(held_out: Sequence[float]) -> bool:
    return len(held_out) > 1 and held_out[-1] > min(held_out)


def _warm_up(optimiser: Any, rate: float, step: int) -> None:
    for group in optimiser.param_groups:
        group["lr"] = rate * min(1.0, (step + 1) / WARM_STEPS)


def _batch_of(step: int, rows: Sequence[Rendered], size: int, seed: int) -> list[Rendered]:
    """The rows of a step: always the same ones, so that a training can go on anywhere."""
    a_pass = math.ceil(len(rows) / size)
    order = list(range(len(rows)))
    random.Random(f"{seed}:{step // a_pass}").shuffle(order)  # noqa: S311 (no secret)
    first = step % a_pass * size
    return [rows[n] for n in order[first : first + size]]


def _all_of(tuning: Tuning, optimiser: Any) -> dict[str, Any]:
    """Weights and the optimiser's moments, by names that lead back to them."""
    kept = dict[str, Any]()
    for name, weight in tuning.weights.items():
        kept[f"weights:{name}"] = weight
        for kind, tensor in optimiser.state[weight].items():
            kept[f"{kind}:{name}"] = tensor
    return kept


def _resumed(
    tuning: Tuning,
    optimiser: Any,
    checkpoints: Checkpoints,
) -> State | None:
    found = checkpoints.last()
    if found is None:
        return None
    state, tensors = found
    by_kind = dict[str, dict[str, Any]]()
    for key, tensor in tensors.items():
        kind, _, name = key.partition(":")
        by_kind.setdefault(kind, {})[name] = tensor
    weights = tuning.weights
    _fill(weights, by_kind.pop("weights"))
    for kind, some in by_kind.items():
        for name, tensor in some.items():
            place = tensor if kind == "step" else tensor.to(tuning.device)
            optimiser.state[weights[name]][kind] = place
    return state


def _fill(weights: Mapping[str, Any], tensors: Mapping[str, Any]) -> None:
    import torch

    with torch.no_grad():
        for name, weight in weights.items():
            weight.copy_(tensors[name])
