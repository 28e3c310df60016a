"""Writes tuned weights into a copy of the file that is served; everything else stays as it is.

Tuned weights become Q8_0 or F32. Rounded back to four bits, a small addition would be lost.
"""

import os
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray

from pipelines.learning.gguf_adapter import Adapter, fitting
from pipelines.learning.gguf_layout import Layout, PublishingError, Weights
from pipelines.learning.tuning.pickles import refuse_pickles

Kind = Literal["Q8_0", "F32"]
Tuned = Mapping[str, Callable[[Weights], Weights]]
"""By the weight's name in the file: what becomes of it, in rows as the file has them."""

_FIRST_KEY = 24
"""Where the file's own facts begin: behind its mark, its version and two counts."""
_BLOCK = 32
"""Weights that share a factor in Q8_0; rows of other lengths stay F32."""


def merged(adapter: Adapter, base: Path) -> Tuned:
    """What an adapter makes of a base.

    Raises:
        PublishingError: it does not fit.
    """
    layout, shapes = Layout.of(base), _shapes(base)
    tuned: dict[str, Callable[[Weights], Weights]] = {}
    for theirs, (a, b) in adapter.pairs.items():
        name = fitting(layout, theirs, (b.shape[0], a.shape[1]), shapes)
        tuned[name] = _addition(a, layout.ordered(name, b) * np.float32(adapter.scale))
    return tuned


def replaced(folder: Path, base: Path) -> Tuned:
    """What a model that was tuned as a whole makes of a base.

    Args:
        folder: with its safetensors, in float32.
        base: what it was tuned from, or the same model in other numbers.

    Raises:
        PublishingError: there is no model, or it does not fit.
        JobRefusedError: there are pickles in the folder.
    """
    from safetensors import SafetensorError, safe_open

    refuse_pickles(folder)
    layout, shapes = Layout.of(base), _shapes(base)
    tuned: dict[str, Callable[[Weights], Weights]] = {}
    try:
        for path in sorted(folder.glob("*.safetensors")):
            with safe_open(path, framework="numpy") as file:
                for theirs in file.keys():  # noqa: SIM118 (it is no mapping)
                    shape = tuple(file.get_slice(theirs).get_shape())
                    name = fitting(layout, theirs, shape, shapes)
                    tuned[name] = _other(path, theirs, layout, name)
    except (OSError, SafetensorError) as error:
        raise PublishingError(
            f"The model in {folder} cannot be read: {error}.", what_to_do="Train again."
        ) from error
    if not tuned:
        raise PublishingError(f"There is no model in {folder}.", what_to_do="Train again.")
    return tuned


def write(base: Path, path: Path, tuned: Tuned, *, kind: Kind = "Q8_0") -> None:
    """Copy a file, with some weights tuned; all that it says of itself stays, byte for byte.

    Raises:
        OSError: it cannot be written; nothing is under its name then.
    """
    import gguf

    reader = gguf.GGUFReader(base)
    planned = [_Plan.of(tensor, kind if tensor.name in tuned else "") for tensor in reader.tensors]
    partial = path.with_name(path.name + ".partial")
    try:
        with partial.open("wb") as file:
            _write_head(file, base, reader, planned)
            for plan in planned:
                file.write(_bytes_of(plan, tuned.get(plan.tensor.name)))
                file.write(bytes(-file.tell() % reader.alignment))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class _Plan:
    """A weight of the new file.

    Attributes:
        tensor: of the old one, as `gguf` reads it.
        kind: the number of its type in the new one.
        size: bytes in the new one.
    """

    tensor: Any
    kind: int
    size: int

    @classmethod
    def of(cls, tensor: Any, wanted: str) -> "_Plan":
        """As it is, or tuned and of the kind that is wanted."""
        import gguf

        if not wanted:
            return cls(tensor, int(tensor.tensor_type), int(tensor.n_bytes))
        row, count = int(tensor.shape[0]), int(tensor.n_elements)
        if wanted == "F32" or len(tensor.shape) == 1 or row % _BLOCK:
            return cls(tensor, int(gguf.GGMLQuantizationType.F32), 4 * count)
        kind = gguf.GGMLQuantizationType.Q8_0
        per_block, size = gguf.GGML_QUANT_SIZES[kind]
        return cls(tensor, int(kind), count // per_block * size)


def _write_head(file: BinaryIO, base: Path, reader: Any, planned: list[_Plan]) -> None:
    """The old file's own facts as they are, then a new list of weights."""
    first = min(plan.tensor.field.offset for plan in planned)
    with base.open("rb") as old:
        file.write(old.read(_FIRST_KEY))
        file.write(old.read(first - _FIRST_KEY))
    offset = 0
    for plan in planned:
        name, shape = plan.tensor.name.encode(), [int(n) for n in plan.tensor.shape]
        file.write(struct.pack("<Q", len(name)) + name)
        file.write(struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, plan.kind, offset))
        offset += plan.size + -plan.size % reader.alignment
    file.write(bytes(-file.tell() % reader.alignment))


def _bytes_of(plan: _Plan, become: Callable[[Weights], Weights] | None) -> bytes:
    import gguf

    if become is None:
        return bytes(plan.tensor.data.tobytes())
    old = gguf.quants.dequantize(plan.tensor.data, plan.tensor.tensor_type)
    new = become(np.asarray(old, dtype=np.float32))
    kind = gguf.GGMLQuantizationType(plan.kind)
    written: NDArray[Any] = gguf.quants.quantize(np.ascontiguousarray(new), kind)
    return written.tobytes()


def _shapes(base: Path) -> dict[str, tuple[int, ...]]:
    import gguf

    return {one.name: tuple(map(int, one.shape[::-1])) for one in gguf.GGUFReader(base).tensors}


def _addition(a: Weights, b: Weights) -> Callable[[Weights], Weights]:
    return lambda old: old + b @ a


def _other(path: Path, theirs: str, layout: Layout, name: str) -> Callable[[Weights], Weights]:
    def become(_old: Weights) -> Weights:
        from safetensors import safe_open

        with safe_open(path, framework="numpy") as file:
            return layout.ordered(name, file.get_tensor(theirs).astype(np.float32))

    return become
