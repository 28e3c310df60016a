"""The model that is tuned: looked at without loading it, and loaded."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge.hashing import sha256_of
from pipelines.learning.gguf_layout import ARCHITECTURES
from pipelines.learning.trainers import Job, JobRefusedError
from pipelines.learning.tuning.pickles import refuse_pickles


@dataclass(frozen=True, slots=True)
class Looks:
    """What the file that is served says of itself.

    Attributes:
        weights: how many there are.
        template: how conversations are written; empty where the file has none.
    """

    architecture: str
    weights: int
    template: str
    layers: int
    width: int
    inner_width: int
    vocabulary: int


def look(path: Path) -> Looks:
    """Read the head of a GGUF.

    Raises:
        JobRefusedError: it is none, or of an architecture that we cannot write.
    """
    from gguf import GGUFReader

    try:
        reader = GGUFReader(path)
        architecture = str(reader.fields["general.architecture"].contents())
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise JobRefusedError(
            f"The base {path} is no GGUF file: {error}.",
            what_to_do="`tertulia models fetch` brings one.",
        ) from error
    if architecture not in ARCHITECTURES:
        raise JobRefusedError(
            f"Models of the architecture {architecture} cannot be tuned here.",
            what_to_do=f"Choose a base of {', '.join(ARCHITECTURES)}.",
        )
    fields = reader.fields
    template = fields.get("tokenizer.chat_template")
    layers, width, inner_width = (
        int(fields[f"{architecture}.{name}"].contents()) for name in _SIZES
    )
    return Looks(
        architecture,
        sum(int(tensor.n_elements) for tensor in reader.tensors),
        str(template.contents()) if template else "",
        layers,
        width,
        inner_width,
        len(fields["tokenizer.ggml.tokens"].data),
    )


_SIZES = ("block_count", "embedding_length", "feed_forward_length")


def check(job: Job) -> None:
    """See that the base is what the job means, and nothing in it runs when it is read.

    Raises:
        JobRefusedError: it is not.
    """
    if job.base.is_dir():
        refuse_pickles(job.base)
        if not list(job.base.glob("*.safetensors")) or not (job.base / "config.json").is_file():
            raise JobRefusedError(
                f"The base {job.base} holds no model: no safetensors with a config.json.",
                what_to_do="Name a folder of a model, or its GGUF file.",
            )
        _check_sizes(job)
        return
    if not job.base.is_file():
        raise JobRefusedError(
            f"There is no base {job.base}.", what_to_do="`tertulia models fetch` brings one."
        )
    if job.base_sha256 and sha256_of(job.base) != job.base_sha256:
        raise JobRefusedError(
            f"The base {job.base} is not the model that was meant: its hash differs.",
            what_to_do="`tertulia models fetch` replaces it.",
        )


def _check_sizes(job: Job) -> None:
    """See that what is served is the base in other numbers: found out later, all was in vain."""
    said = json.loads((job.base / "config.json").read_text(encoding="utf-8"))
    looks = look(job.gguf)
    theirs = [said.get(name) for name in ("num_hidden_layers", "hidden_size", "intermediate_size")]
    if theirs != [looks.layers, looks.width, looks.inner_width]:
        raise JobRefusedError(
            f"{job.gguf} is another model than the one in {job.base}.",
            what_to_do="Name the GGUF of the same model in `served`.",
        )


def device() -> str:
    """Where there is a graphics card, it computes."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def has_bf16() -> bool:
    """Whether this machine computes with numbers of half the size, and does not only imitate it."""
    import torch

    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags


def tokenizer_of(job: Job) -> Any:
    """The tokenizer of the base, with its own template."""
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(*_where(job), **_which(job))


def load(job: Job, *, half: bool) -> Any:
    """The base as a model, dequantised; all of it on the device.

    Args:
        job: names it.
        half: whether its numbers have half the size.

    Raises:
        JobRefusedError: its files cannot be read.
    """
    import torch
    from transformers import AutoModelForCausalLM, GgufConfig, set_seed
    from transformers.utils import logging

    logging.disable_progress_bar()
    set_seed(job.seed)
    # Without this, a model that was read from a GGUF counts as quantised, and cannot be saved.
    how = {"quantization_config": GgufConfig(dequantize=True)} if job.base.is_file() else {}
    kind = torch.bfloat16 if half else torch.float32
    try:
        model = AutoModelForCausalLM.from_pretrained(
            *_where(job), **_which(job), **how, dtype=kind, use_safetensors=True
        )
    except (OSError, ValueError, KeyError, json.JSONDecodeError) as error:
        raise JobRefusedError(
            f"The base {job.base} cannot be loaded: {error}.", what_to_do="Choose another one."
        ) from error
    return model.to(device())


def _where(job: Job) -> tuple[str]:
    return (str(job.base if job.base.is_dir() else job.base.parent),)


def _which(job: Job) -> dict[str, str]:
    return {} if job.base.is_dir() else {"gguf_file": job.base.name}
