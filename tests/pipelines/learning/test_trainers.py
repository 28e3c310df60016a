"""The trainers that change weights, by their contract."""

import pytest

from pipelines.learning.trainers import JobRefusedError, load, names
from tests.contracts.trainer_contract import TrainerContract


class TestSftLora(TrainerContract):
    name = "sft_lora"


class TestFull(TrainerContract):
    name = "full"


def test_every_trainer_offers_build() -> None:
    for name in names():
        assert callable(load(name).train), name


def test_a_wrong_name_is_answered_with_the_nearest_right_one() -> None:
    with pytest.raises(JobRefusedError) as refused:
        load("sft-lora")
    assert "sft_lora" in refused.value.what_to_do
