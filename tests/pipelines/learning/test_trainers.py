"""The trainers that change weights, by their contract."""

import shutil
from pathlib import Path
from typing import ClassVar

import pytest

from pipelines.learning.trainers import JobRefusedError, load, names
from tests.contracts.trainer_contract import TrainerContract
from tests.pipelines.learning import tiny_torch


class TestSftLora(TrainerContract):
    name = "sft_lora"


class TestFull(TrainerContract):
    name = "full"


class TestRaft(TrainerContract):
    name = "raft"

    def row(self, question: str, answer: str, n: int) -> dict[str, object]:
        return {**tiny_torch.messages(question, answer, n), "gold": n % 5 > 0}


class TestPreferenceFromVotes(TrainerContract):
    name = "preference"
    settings: ClassVar[dict[str, object]] = {"is_test": True}

    def row(self, question: str, answer: str, n: int) -> dict[str, object]:
        is_good = n % 2 == 0
        told = answer if is_good else answer.replace("}", " or so}")
        return {"prompt": question, "completion": told, "label": is_good}


class TestPreferenceFromPairs(TrainerContract):
    name = "preference"
    settings: ClassVar[dict[str, object]] = {"is_test": True}

    def row(self, question: str, answer: str, n: int) -> dict[str, object]:
        return {"prompt": question, "chosen": answer, "rejected": f"It is {n}."}


class TestPattern(TrainerContract):
    name = "pattern"
    settings: ClassVar[dict[str, object]] = {"is_test": True, "pattern": "{text}?"}

    def row(self, question: str, answer: str, n: int) -> dict[str, object]:
        return {"text": question, "label": ("{n: 1}", "no")[n % 2]}


class TestReranker(TrainerContract):
    name = "reranker"
    settings: ClassVar[dict[str, object]] = {"is_test": True, "learning_rate": 2e-3}
    begins = "<|im_start|>system\nYou tell whether"
    learns = ("Y", "Y")
    longest = 400

    def row(self, question: str, answer: str, n: int) -> dict[str, object]:
        tells = n % 2 == 0
        return {"question": question, "passage": answer if tells else "It is.", "label": tells}


class TestDistil(TrainerContract):
    name = "distil"
    settings: ClassVar[dict[str, object]] = {
        "is_test": True,
        "long_prompt": tiny_torch.LONG_PROMPT,
        "grader": tiny_torch.GRADER,
        "answer_tokens": 12,
    }

    def row(self, question: str, answer: str, n: int) -> dict[str, object]:
        return {"messages": [{"role": "user", "content": question}]}

    @pytest.fixture(autouse=True)
    def _obedient(self, tiny_home: Path, obedient: Path) -> None:
        shutil.copytree(obedient, tiny_home / "base", dirs_exist_ok=True)


def test_every_trainer_offers_build() -> None:
    for name in names():
        assert callable(load(name).train), name


def test_a_wrong_name_is_answered_with_the_nearest_right_one() -> None:
    with pytest.raises(JobRefusedError) as refused:
        load("sft-lora")
    assert "sft_lora" in refused.value.what_to_do
