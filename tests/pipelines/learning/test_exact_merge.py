"""A merged file, read back by torch, says the same as the model that was tuned, to the digit."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from pipelines.learning import gguf_merge, publishing
from pipelines.learning.trainers import load
from tests.pipelines.learning import tiny, tiny_torch

torch = pytest.importorskip("torch")


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("architecture", ["llama", "qwen2"])
@pytest.mark.parametrize("trainer", ["sft_lora", "full"])
def test_a_merge_has_the_logits_of_the_tuned_model(
    trainer: str, architecture: str, tiny_home: Path
) -> None:
    from transformers import AutoModelForCausalLM

    tiny_torch.write_folder(tiny_home / "base", architecture)
    served = tiny_home / "served.gguf"
    tiny.write_base(served, architecture, template=tiny_torch.TEMPLATE)
    _give_the_served_file_the_weights_of_torch(tiny_home)
    job = tiny_torch.job(tiny_home, trainer, rank_stabilised=True)
    load(trainer).train(job, lambda _step: None)
    asyncio.run(publishing.write_merged(job.folder, tiny_home / "merged.gguf", kind="F32"))
    whole = AutoModelForCausalLM.from_pretrained(tiny_home / "base", dtype=torch.float32)
    untuned = _logits(whole)
    if trainer == "sft_lora":
        from peft import PeftModel

        tuned = _logits(PeftModel.from_pretrained(whole, job.folder))
    else:
        tuned = _logits(AutoModelForCausalLM.from_pretrained(job.folder, dtype=torch.float32))
    merged = AutoModelForCausalLM.from_pretrained(
        tiny_home, gguf_file="merged.gguf", dtype=torch.float32
    )
    assert (tuned - untuned).abs().max() > 0.05
    assert (tuned - _logits(merged)).abs().max() < 1e-3


def _logits(model: Any) -> Any:
    model.eval()
    with torch.no_grad():
        return model(torch.arange(3, 40)[None]).logits


def _give_the_served_file_the_weights_of_torch(home: Path) -> None:
    base = home / "served.gguf"
    gguf_merge.write(base, home / "new.gguf", gguf_merge.replaced(home / "base", base), kind="F32")
    (home / "new.gguf").replace(base)
