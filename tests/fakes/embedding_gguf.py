"""Turns the file of a small language model into that of a tiny embedder, for wiring tests.

No embedder comes from where our models come from. Ollama takes a file with a kind of pooling for
one; with two of its thirty layers it is quick, and its vectors mean little.
"""

import re
import struct
from pathlib import Path

ALIGNMENT = 32
LAYERS = 2
MEAN = 1
TEXT, LIST, UINT32 = 8, 9, 4
SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}


def write_embedder(model: Path, target: Path) -> None:
    """Write the file with few layers and `llama.pooling_type`."""
    content = model.read_bytes()
    version, tensors, values = struct.unpack_from("<IQQ", content, 4)
    added, end_of_values = _value(b"llama.pooling_type", MEAN), _after_values(content, values)
    count = _value(b"llama.block_count", 30)
    assert count in content[:end_of_values], "another model than expected"
    described = content[24:end_of_values].replace(count, _value(b"llama.block_count", LAYERS))
    infos, data = _few_tensors(content, end_of_values, tensors)
    head = b"GGUF" + struct.pack("<IQQ", version, len(infos), values + 1)
    head += added + described + b"".join(infos)
    target.write_bytes(head + bytes(-len(head) % ALIGNMENT) + data)


def _value(key: bytes, number: int) -> bytes:
    return struct.pack("<Q", len(key)) + key + struct.pack("<II", UINT32, number)


def _few_tensors(content: bytes, at: int, count: int) -> tuple[list[bytes], bytes]:
    """What describes the tensors of the first layers, and their numbers without the others'."""
    described: list[tuple[str, bytes, int]] = []
    for _ in range(count):
        start, at = at, _after_text(content, at)
        name = content[start + 8 : at].decode()
        at += 4 + 8 * int(struct.unpack_from("<I", content, at)[0]) + 4
        described.append((name, content[start:at], struct.unpack_from("<Q", content, at)[0]))
        at += 8
    numbers = content[at + -at % ALIGNMENT :]
    ends = [offset for _, _, offset in described[1:]] + [len(numbers)]
    infos, data = [], b""
    for (name, info, offset), end in zip(described, ends, strict=True):
        layer = re.match(r"blk\.(\d+)\.", name)
        if layer is None or int(layer[1]) < LAYERS:
            infos.append(info + struct.pack("<Q", len(data)))
            data += numbers[offset:end]
    return infos, data


def _after_values(content: bytes, values: int) -> int:
    at = 24
    for _ in range(values):
        at = _after_text(content, at)
        (kind,) = struct.unpack_from("<I", content, at)
        at = _after_value(content, at + 4, kind)
    return at


def _after_text(content: bytes, at: int) -> int:
    return at + 8 + int(struct.unpack_from("<Q", content, at)[0])


def _after_value(content: bytes, at: int, kind: int) -> int:
    if kind == TEXT:
        return _after_text(content, at)
    if kind != LIST:
        return at + SIZES[kind]
    kind, count = struct.unpack_from("<IQ", content, at)
    at += 12
    for _ in range(count):
        at = _after_value(content, at, kind)
    return at
