"""What every trainer of a language model must hold to; tried with a model of a few weights."""

import json
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest
from PIL import Image

from pipelines.learning import publishing
from pipelines.learning.trainers import (
    Caps,
    Job,
    JobRefusedError,
    Step,
    Trained,
    TrainingFailedError,
    load,
)
from pipelines.learning.tuning.pickles import PICKLES
from tests.pipelines.learning import tiny, tiny_torch


class StoppedError(Exception):
    """Somebody ended the process."""


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
class TrainerContract:
    """Inherit, and name the trainer; also what its rows look like, and what it is to set.

    Attributes:
        begins: how the first row begins, as the model sees it.
        learns: how what is learnt of it begins and ends.
        longest: in tokens, than which no row is longer.
    """

    name: str
    settings: ClassVar[dict[str, object]] = {}
    begins: ClassVar[str] = "<|im_start|>user\n¿"
    learns: ClassVar[tuple[str, str]] = ("{n: ", "<|im_end|>")
    longest: ClassVar[int] = 100

    def row(self, question: str, answer: str, n: int) -> dict[str, object]:
        return tiny_torch.messages(question, answer, n)

    @pytest.fixture(autouse=True)
    def _its_rows(self, tiny_home: Path) -> None:
        tiny_torch.write_rows(tiny_home / "rows.jsonl", as_row=self.row)

    def job(self, home: Path, **settings: object) -> Job:
        return tiny_torch.job(home, self.name, **{**self.settings, **settings})

    def train(self, job: Job, stop_after: int = 0) -> tuple[Trained, list[Step]]:
        steps: list[Step] = []

        def report(step: Step) -> None:
            steps.append(step)
            if step.number == stop_after:
                raise StoppedError

        return load(self.name).train(job, report), steps

    def test_it_learns_and_leaves_all_that_it_takes_to_make_it_again(self, tiny_home: Path) -> None:
        job = self.job(tiny_home, epochs=8)
        trained, steps = self.train(job)
        assert [step.number for step in steps] == list(range(1, steps[0].of + 1))
        assert trained.losses[-1] < 0.98 * trained.losses[0]
        assert len(trained.held_out) >= 1
        assert trained.cost.cpu_s > 0
        assert trained.cost.peak_mb > 0
        assert trained.cost.file_bytes > 0
        found = publishing.trained(job.folder)
        assert replace(found, folder=trained.folder) == trained
        assert found.job == job
        assert {"torch", "gguf"} <= set(found.versions)
        with Image.open(job.folder / "losses.png") as picture:
            assert picture.format == "PNG"

    def test_nothing_but_the_result_is_left_and_no_pickle(self, tiny_home: Path) -> None:
        job = self.job(tiny_home)
        self.train(job)
        assert not job.partial.exists()
        names = {path.suffix for path in job.folder.rglob("*")}
        assert ".safetensors" in names
        assert not names & PICKLES
        assert not list(job.folder.glob("*checkpoint*"))

    def test_a_training_that_was_stopped_goes_on_and_comes_to_the_same(
        self, tiny_home: Path
    ) -> None:
        whole, _ = self.train(self.job(tiny_home))
        other = replace(self.job(tiny_home), folder=tiny_home / "other")
        with pytest.raises(StoppedError):
            self.train(other, stop_after=4)
        assert not other.folder.exists()
        again, steps = self.train(other)
        assert steps[0].number in (4, 5)  # the checkpoint of step 4 is there, or that of step 3
        assert again.losses == pytest.approx(whole.losses, abs=1e-5)
        assert again.cost.cpu_s > 0

    def test_it_ends_where_rows_that_it_does_not_learn_get_worse(self, tiny_home: Path) -> None:
        trained, steps = self.train(self.job(tiny_home, epochs=60, learning_rate=0.1))
        assert len(trained.losses) < steps[0].of
        assert trained.held_out[-1] > min(trained.held_out)

    def test_a_result_is_never_changed(self, tiny_home: Path) -> None:
        job = self.job(tiny_home)
        self.train(job)
        with pytest.raises(JobRefusedError, match="never changed"):
            self.train(job)

    def test_a_dry_run_shows_what_the_model_will_see(self, tiny_home: Path) -> None:
        job = self.job(tiny_home)
        looked = load(self.name).dry_run(job)
        assert not job.partial.exists()
        assert len(looked.shown) == 3
        first = looked.shown[0]
        assert first.text.startswith(self.begins)
        assert first.text.endswith(first.learnt)
        assert first.learnt.startswith(self.learns[0])
        assert first.learnt.endswith(self.learns[1])
        assert 0 < first.learnt_tokens < first.tokens
        assert sum(looked.lengths.values()) == 24
        assert looked.template == looked.served_template
        assert looked.forecast.cpu_s > 0
        assert looked.forecast.peak_mb > 0
        assert looked.overfit[1] < looked.overfit[0]

    def test_its_cost_is_told_before_anything_is_loaded(self, tiny_home: Path) -> None:
        cost = load(self.name).cost(self.job(tiny_home))
        twice = load(self.name).cost(self.job(tiny_home, epochs=4))
        assert twice.cpu_s == pytest.approx(2 * cost.cpu_s, rel=0.01)
        assert cost.file_bytes > 0

    def test_a_template_that_is_not_the_served_one_stops_it(self, tiny_home: Path) -> None:
        tiny.write_base(tiny_home / "served.gguf", template="another one")
        job = self.job(tiny_home)
        assert "template" in load(self.name).dry_run(job).problems[0]
        with pytest.raises(JobRefusedError, match="another template"):
            self.train(job)

    def test_rows_that_are_too_long_are_left_out_and_told(self, tiny_home: Path) -> None:
        rows = tiny_home / "rows.jsonl"
        long = [self.row("x" * 600, "{n: 1}", n) for n in range(6)]
        more = "".join(json.dumps(row) + "\n" for row in long)
        rows.write_text(rows.read_text(encoding="utf-8") + more, encoding="utf-8")
        looked = load(self.name).dry_run(self.job(tiny_home, longest=self.longest))
        assert looked.left_out == 6
        assert f"6 rows have more than {self.longest} tokens" in looked.problems[0]

    def test_more_memory_than_it_may_take_is_known_before(self, tiny_home: Path) -> None:
        job = replace(self.job(tiny_home), caps=Caps(memory_mb=100))
        with pytest.raises(JobRefusedError, match="memory"):
            self.train(job)
        assert not job.partial.exists()

    def test_weights_that_leave_what_can_be_computed_end_it(self, tiny_home: Path) -> None:
        job = self.job(tiny_home, learning_rate=1e30, epochs=20)
        with pytest.raises(TrainingFailedError, match="loss became") as failed:
            self.train(job)
        assert "learning_rate" in failed.value.what_to_do
        assert not job.folder.exists()
        trained, steps = self.train(self.job(tiny_home))
        assert steps[0].number == 1
        assert trained.losses

    def test_a_checkpoint_that_was_changed_is_refused(self, tiny_home: Path) -> None:
        job = self.job(tiny_home)
        with pytest.raises(StoppedError):
            self.train(job, stop_after=3)
        (weights,) = job.partial.glob("checkpoint-*/tensors.safetensors")
        content = bytearray(weights.read_bytes())
        content[-1] ^= 1
        weights.write_bytes(content)
        with pytest.raises(JobRefusedError, match="was changed"):
            self.train(job)

    def test_what_another_job_began_is_refused(self, tiny_home: Path) -> None:
        with pytest.raises(StoppedError):
            self.train(self.job(tiny_home), stop_after=3)
        with pytest.raises(JobRefusedError, match="another job's"):
            self.train(replace(self.job(tiny_home), seed=1))

    def test_a_pickle_in_the_place_of_a_checkpoint_is_refused(self, tiny_home: Path) -> None:
        job = self.job(tiny_home)
        job.partial.mkdir()
        (job.partial / "optimizer.pt").write_bytes(b"\x80\x04.")
        with pytest.raises(JobRefusedError, match="pickle"):
            self.train(job)

    def test_a_base_with_a_pickle_is_refused(self, tiny_home: Path) -> None:
        (tiny_home / "base" / "pytorch_model.bin").write_bytes(b"\x80\x04.")
        with pytest.raises(JobRefusedError, match="pickle"):
            self.train(self.job(tiny_home))
