"""Tuned weights as GGUF: the layout of llama.cpp's own converter, and merges that are exact."""

import hashlib
import json
import math
from pathlib import Path

import numpy as np
import pytest

from knowledge.errors import OperatorError
from pipelines.learning import gguf_adapter, gguf_merge
from pipelines.learning.gguf_layout import Layout, PublishingError, permuted
from pipelines.learning.trainers import JobRefusedError
from tests.pipelines.learning import tiny

gguf = pytest.importorskip("gguf")
pytest.importorskip("safetensors")

CONVERTED = json.loads(
    Path(__file__).with_name("converted_adapters.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("architecture", ["llama", "qwen2"])
def test_an_adapter_is_written_as_the_converter_of_llama_cpp_writes_it(
    architecture: str, tmp_path: Path
) -> None:
    base = tiny.write_base(tmp_path / "base.gguf", architecture)
    adapter = gguf_adapter.read(tiny.write_adapter(tmp_path / "adapter"))
    gguf_adapter.write(adapter, base, tmp_path / "adapter.gguf")
    reader = gguf.GGUFReader(tmp_path / "adapter.gguf")
    written = {
        tensor.name: [
            *map(int, tensor.shape),
            tensor.tensor_type.name,
            hashlib.sha256(tensor.data.tobytes()).hexdigest()[:16],
        ]
        for tensor in reader.tensors
    }
    assert written == CONVERTED[architecture]["tensors"]
    facts = CONVERTED[architecture]["facts"]
    assert {name: reader.fields[name].contents() for name in facts} == facts


def test_rows_are_ordered_so_that_positions_turn_the_same_pairs() -> None:
    heads, width = 2, 8
    weights = tiny.numbers(heads * width, 12, 5)
    queries, keys = weights @ tiny.numbers(12, 1, 1), weights @ tiny.numbers(12, 1, 2)
    theirs = _turned_as_halves(queries, heads, 3) @ _turned_as_halves(keys, heads, 7).T
    ours = _turned_as_pairs(permuted(queries, heads), heads, 3)
    ours = ours @ _turned_as_pairs(permuted(keys, heads), heads, 7).T
    assert np.allclose(np.diag(ours), np.diag(theirs), atol=1e-5)
    unordered = _turned_as_pairs(queries, heads, 3) @ _turned_as_pairs(keys, heads, 7).T
    assert not np.allclose(np.diag(unordered), np.diag(theirs), atol=1e-2)


def _angles(width: int, position: int) -> tuple[np.ndarray, np.ndarray]:
    angles = position / 10_000 ** (np.arange(0, width, 2) / width)
    return np.cos(angles), np.sin(angles)


def _turned_as_halves(rows: np.ndarray, heads: int, position: int) -> np.ndarray:
    """As torch turns a head: its first half with its second one."""
    first, second = np.split(rows.reshape(heads, -1), 2, axis=1)
    cos, sin = _angles(first.shape[1] * 2, position)
    return np.hstack([first * cos - second * sin, second * cos + first * sin])


def _turned_as_pairs(rows: np.ndarray, heads: int, position: int) -> np.ndarray:
    """As llama.cpp turns a head of the architecture llama: neighbours."""
    pairs = rows.reshape(heads, -1, 2)
    cos, sin = _angles(pairs.shape[1] * 2, position)
    even, odd = pairs[..., 0], pairs[..., 1]
    return np.hstack([even * cos - odd * sin, odd * cos + even * sin])


@pytest.mark.parametrize("architecture", ["llama", "qwen2"])
def test_a_merge_adds_exactly_what_was_tuned_and_nothing_else(
    architecture: str, tmp_path: Path
) -> None:
    base = tiny.write_base(tmp_path / "base.gguf", architecture)
    adapter = gguf_adapter.read(tiny.write_adapter(tmp_path / "adapter"))
    gguf_merge.write(base, tmp_path / "new.gguf", gguf_merge.merged(adapter, base), kind="F32")
    old, new = tiny.tensors_of(base), tiny.tensors_of(tmp_path / "new.gguf")
    assert list(old) == list(new)
    turned = {"attn_q": tiny.HEADS, "attn_k": tiny.KEY_HEADS} if architecture == "llama" else {}
    for theirs, (a, b) in adapter.pairs.items():
        layer, projection = int(theirs.split(".")[2]), theirs.split(".", 3)[3]
        place = tiny.PROJECTIONS[projection.removesuffix(".weight")][0]
        rows = permuted(b, turned[place]) if place in turned else b
        name = f"blk.{layer}.{place}.weight"
        assert np.allclose(new.pop(name), old.pop(name) + 2.0 * rows @ a, atol=1e-6)
    assert all(np.array_equal(new[name], old[name]) for name in old)


def test_a_merged_file_says_of_itself_what_the_base_said_byte_for_byte(tmp_path: Path) -> None:
    base = tiny.write_base(tmp_path / "base.gguf", kind="Q4_1")
    adapter = gguf_adapter.read(tiny.write_adapter(tmp_path / "adapter"))
    gguf_merge.write(base, tmp_path / "new.gguf", gguf_merge.merged(adapter, base))
    old, new = gguf.GGUFReader(base), gguf.GGUFReader(tmp_path / "new.gguf")
    ends = [min(tensor.field.offset for tensor in one.tensors) for one in (old, new)]
    heads = [path.read_bytes() for path in (base, tmp_path / "new.gguf")]
    assert ends[0] == ends[1]
    assert heads[0][: ends[0]] == heads[1][: ends[1]]
    kinds = [(tensor.name, tensor.tensor_type.name) for tensor in new.tensors]
    assert ("blk.0.attn_q.weight", "Q8_0") in kinds
    assert ("token_embd.weight", "F32") in kinds
    assert not list(tmp_path.glob("*.partial"))


def test_eight_bits_keep_an_adapter_that_four_bits_would_lose(tmp_path: Path) -> None:
    base = tiny.write_base(tmp_path / "base.gguf", kind="Q4_1")
    adapter = gguf_adapter.read(tiny.write_adapter(tmp_path / "adapter"))
    tuned = gguf_merge.merged(adapter, base)
    gguf_merge.write(base, tmp_path / "f32.gguf", tuned, kind="F32")
    gguf_merge.write(base, tmp_path / "q8.gguf", tuned)
    exact, eight = tiny.tensors_of(tmp_path / "f32.gguf"), tiny.tensors_of(tmp_path / "q8.gguf")
    name = "blk.1.ffn_up.weight"
    off = np.abs(eight[name] - exact[name]).max()
    assert off <= np.abs(exact[name]).max() / 127
    four = gguf.GGMLQuantizationType.Q4_1
    rounded = gguf.quants.dequantize(gguf.quants.quantize(exact[name], four), four)
    assert off < np.abs(rounded - exact[name]).max() / 4


def test_a_model_that_was_tuned_as_a_whole_takes_the_place_of_the_base(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    base = tiny.write_base(tmp_path / "base.gguf")
    theirs = tiny.numbers(tiny.WIDTH, tiny.WIDTH, 99)
    norm = tiny.numbers(1, tiny.WIDTH, 98)[0]
    folder = tmp_path / "full"
    folder.mkdir()
    tuned = {
        "model.layers.0.self_attn.q_proj.weight": theirs,
        "model.layers.0.input_layernorm.weight": norm,
    }
    save_file(tuned, folder / "model.safetensors")
    gguf_merge.write(base, tmp_path / "new.gguf", gguf_merge.replaced(folder, base), kind="F32")
    new = tiny.tensors_of(tmp_path / "new.gguf")
    assert np.array_equal(new["blk.0.attn_q.weight"], permuted(theirs, tiny.HEADS))
    assert np.array_equal(new["blk.0.attn_norm.weight"], norm)


def test_a_stabilised_adapter_counts_as_it_was_trained(tmp_path: Path) -> None:
    plain = gguf_adapter.read(tiny.write_adapter(tmp_path / "plain"))
    stabilised = gguf_adapter.read(tiny.write_adapter(tmp_path / "other", use_rslora=True))
    assert plain.scale == pytest.approx(4 / tiny.RANK)
    assert stabilised.scale == pytest.approx(4 / math.sqrt(tiny.RANK))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"use_dora": True}, "DoRA"),
        ({"rank_pattern": {"q_proj": 4}}, "rank"),
        ({"alpha_pattern": {"q_proj": 4}}, "alpha"),
        ({"bias": "all"}, "biases"),
        ({"modules_to_save": ["lm_head"]}, "whole weights"),
        ({"peft_type": "IA3"}, "IA3"),
    ],
)
def test_what_no_file_can_hold_is_refused(
    changes: dict[str, object], words: str, tmp_path: Path
) -> None:
    with pytest.raises(PublishingError, match=words):
        gguf_adapter.read(tiny.write_adapter(tmp_path / "adapter", **changes))


@pytest.mark.parametrize(
    "key",
    [
        "base_model.model.model.embed_tokens.lora_embedding_A",
        "base_model.model.lm_head.lora_A.weight",
        "base_model.model.model.layers.0.self_attn.q_proj.lora_magnitude_vector",
    ],
)
def test_tuned_embeddings_and_heads_are_refused(key: str, tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    folder = tiny.write_adapter(tmp_path / "adapter")
    tensors = tiny.adapter_tensors() | {key: tiny.numbers(2, 8, 1)}
    save_file(tensors, folder / "adapter_model.safetensors")
    with pytest.raises(PublishingError, match=r"no file of llama\.cpp"):
        gguf_adapter.read(folder)


def test_an_adapter_of_another_model_is_refused(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    base = tiny.write_base(tmp_path / "base.gguf")
    folder = tiny.write_adapter(tmp_path / "adapter")
    name = "base_model.model.model.layers.0.self_attn.q_proj"
    tensors = tiny.adapter_tensors() | {f"{name}.lora_B.weight": tiny.numbers(64, 2, 1)}
    save_file(tensors, folder / "adapter_model.safetensors")
    adapter = gguf_adapter.read(folder)
    with pytest.raises(PublishingError, match=r"shape \(64, 32\), and the base has \(32, 32\)"):
        gguf_merge.merged(adapter, base)
    with pytest.raises(PublishingError, match="shape"):
        gguf_adapter.write(adapter, base, tmp_path / "adapter.gguf")
    assert not (tmp_path / "adapter.gguf").exists()


def test_an_unknown_weight_is_refused(tmp_path: Path) -> None:
    layout = Layout.of(tiny.write_base(tmp_path / "base.gguf"))
    with pytest.raises(PublishingError, match=r"no place for the weight model\.strange\.weight"):
        layout.name("model.strange.weight")


def test_an_architecture_whose_places_we_do_not_know_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PublishingError, match="architecture gemma2"):
        Layout.of(tiny.write_base(tmp_path / "base.gguf", "gemma2"))


def test_what_is_no_gguf_is_refused(tmp_path: Path) -> None:
    (tmp_path / "base.gguf").write_bytes(b"GGML" * 100)
    with pytest.raises(PublishingError, match="no GGUF"):
        Layout.of(tmp_path / "base.gguf")


@pytest.mark.parametrize("name", ["adapter_model.bin", "optimizer.pt", "rows.pkl"])
def test_pickles_are_refused_before_anything_is_read(name: str, tmp_path: Path) -> None:
    folder = tiny.write_adapter(tmp_path / "adapter")
    (folder / name).write_bytes(b"\x80\x04.")
    with pytest.raises(JobRefusedError, match="pickle") as refused:
        gguf_adapter.read(folder)
    assert name in str(refused.value)


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff" * 64])
def test_an_adapter_that_cannot_be_read_is_an_error_for_the_operator(
    content: bytes, tmp_path: Path
) -> None:
    folder = tiny.write_adapter(tmp_path / "adapter")
    (folder / "adapter_model.safetensors").write_bytes(content)
    with pytest.raises(OperatorError, match="no adapter"):
        gguf_adapter.read(folder)


def test_nothing_half_written_is_left_where_a_merge_fails(tmp_path: Path) -> None:
    base = tiny.write_base(tmp_path / "base.gguf")

    def fails(_old: object) -> np.ndarray:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        gguf_merge.write(base, tmp_path / "new.gguf", {"blk.1.attn_q.weight": fails})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["base.gguf"]
