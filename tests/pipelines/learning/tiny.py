"""A model of a few weights as a GGUF, and an adapter for it: layouts are compared by numbers."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

WIDTH, INNER, HEADS, KEY_HEADS, RANK = 32, 64, 4, 2, 2
KEYS = WIDTH * KEY_HEADS // HEADS
VOCABULARY = 258
"""All bytes, and two marks."""
# By what torch calls a projection: the name in a GGUF, outputs, inputs.
PROJECTIONS = {
    "self_attn.q_proj": ("attn_q", WIDTH, WIDTH),
    "self_attn.k_proj": ("attn_k", KEYS, WIDTH),
    "self_attn.v_proj": ("attn_v", KEYS, WIDTH),
    "self_attn.o_proj": ("attn_output", WIDTH, WIDTH),
    "mlp.gate_proj": ("ffn_gate", INNER, WIDTH),
    "mlp.up_proj": ("ffn_up", INNER, WIDTH),
    "mlp.down_proj": ("ffn_down", WIDTH, INNER),
}
LAYERS = 2
CONFIG: dict[str, Any] = {
    "peft_type": "LORA",
    "r": RANK,
    "lora_alpha": 4,
    "bias": "none",
    "use_dora": False,
    "use_rslora": False,
    "target_modules": [name.partition(".")[2] for name in PROJECTIONS],
}


def numbers(rows: int, columns: int, salt: int) -> NDArray[np.float32]:
    """Numbers that half precision holds exactly, and that tell their places apart."""
    flat = (np.arange(rows * columns) * 7 + salt * 13) % 127 - 63
    return np.asarray(flat.reshape(rows, columns) / 64, dtype=np.float32)


def adapter_tensors() -> dict[str, NDArray[np.float32]]:
    """A and B for every projection, as PEFT names them."""
    tensors = {}
    for layer in range(LAYERS):
        for n, (theirs, (_, outputs, inputs)) in enumerate(PROJECTIONS.items()):
            name = f"base_model.model.model.layers.{layer}.{theirs}"
            tensors[f"{name}.lora_A.weight"] = numbers(RANK, inputs, 10 * layer + n)
            tensors[f"{name}.lora_B.weight"] = numbers(outputs, RANK, 100 + 10 * layer + n)
    return tensors


def write_adapter(folder: Path, **changes: Any) -> Path:
    """The adapter's folder; `changes` are for its config."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    config = json.dumps(CONFIG | changes)
    (folder / "adapter_config.json").write_text(config, encoding="utf-8")
    save_file(adapter_tensors(), folder / "adapter_model.safetensors")
    return folder


def write_base(
    path: Path,
    architecture: str = "llama",
    *,
    kind: str = "Q8_0",
    template: str = "{{ messages }}",
) -> Path:
    """The model as a GGUF; its projections are of this kind."""
    import gguf

    writer = gguf.GGUFWriter(path, architecture)
    _say(writer, template)
    quantised = gguf.GGMLQuantizationType[kind]
    writer.add_tensor("token_embd.weight", numbers(VOCABULARY, WIDTH, 1))
    writer.add_tensor("output_norm.weight", numbers(1, WIDTH, 3)[0])
    for layer in range(LAYERS):
        for norm in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"blk.{layer}.{norm}.weight", numbers(1, WIDTH, 2)[0])
        for n, (name, outputs, inputs) in enumerate(PROJECTIONS.values()):
            weights = gguf.quants.quantize(numbers(outputs, inputs, 50 + n + layer), quantised)
            writer.add_tensor(f"blk.{layer}.{name}.weight", weights, raw_dtype=quantised)
            if architecture == "qwen2" and name in ("attn_q", "attn_k", "attn_v"):
                writer.add_tensor(f"blk.{layer}.{name}.bias", numbers(1, outputs, n)[0])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _say(writer: Any, template: str) -> None:
    """What the file says of itself."""
    writer.add_name("tiny")
    writer.add_block_count(LAYERS)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KEY_HEADS)
    writer.add_context_length(512)
    writer.add_rope_freq_base(10_000.0)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_vocab_size(VOCABULARY)
    writer.add_chat_template(template)
    writer.add_token_list([f"t{n}" for n in range(VOCABULARY)])


def tensors_of(path: Path) -> dict[str, Any]:
    """What a GGUF holds, dequantised, by name."""
    import gguf

    return {
        str(one.name): gguf.quants.dequantize(one.data, one.tensor_type)
        for one in gguf.GGUFReader(path).tensors
    }
