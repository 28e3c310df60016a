"""The tiny model as torch has it, with a tokenizer of single bytes, and rows to train it on."""

import json
from collections.abc import Callable
from pathlib import Path

from pipelines.learning.trainers import Job, load
from tests.pipelines.learning import tiny

TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] "
    "+ '<|im_end|>' + '\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)

LONG_PROMPT, GRADER = "In braces.", r"matches:^\{n: \d\}$"
"""What an obedient tiny model heeds, and what it answers then."""
AsRow = Callable[[str, str, int], dict[str, object]]
"""A row of a file, from a question, its answer, and its number."""


def write_folder(folder: Path, architecture: str = "llama") -> Path:
    """A model with safetensors, its weights by chance."""
    import torch
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    bytes_only = Tokenizer(
        models.BPE(vocab={sign: n for n, sign in enumerate(alphabet)}, merges=[])
    )
    bytes_only.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytes_only.decoder = decoders.ByteLevel()
    marks = ["<|im_start|>", "<|im_end|>"]
    bytes_only.add_special_tokens([AddedToken(mark, special=True) for mark in marks])
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bytes_only, eos_token=marks[1], pad_token=marks[1]
    )
    tokenizer.chat_template = TEMPLATE
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = AutoConfig.for_model(
        architecture,
        vocab_size=len(alphabet) + len(marks),
        hidden_size=tiny.WIDTH,
        intermediate_size=tiny.INNER,
        num_hidden_layers=tiny.LAYERS,
        num_attention_heads=tiny.HEADS,
        num_key_value_heads=tiny.KEY_HEADS,
        max_position_embeddings=512,
        eos_token_id=len(alphabet) + 1,
        tie_word_embeddings=True,
    )
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    return folder


def messages(question: str, answer: str, _n: int) -> dict[str, object]:
    """A row that an approved answer is learnt from."""
    return {
        "messages": [
            {"role": "user", "content": question},
            {"role": "assistant", "content": answer},
        ]
    }


def write_rows(path: Path, count: int = 24, as_row: AsRow = messages) -> Path:
    """Rows that all answer in one form."""
    rows = [as_row(f"¿{n}?", f"{{n: {n}}}", n) for n in range(count)]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text(text, encoding="utf-8")
    return path


def job(home: Path, trainer: str, **settings: object) -> Job:
    """A job of a few steps; `home` is made by the fixture `tiny_home`."""
    usual = {"batch": 8, "epochs": 2, "learning_rate": 1e-2, "greedy": 2, "checkpoint_steps": 2}
    return Job(
        trainer,
        home / "base",
        home / "rows.jsonl",
        home / "tuned",
        settings={**usual, **settings},
        served=home / "served.gguf",
    )


def write_obedient(home: Path) -> Path:
    """Have the tiny model in `home` learn to heed the long prompt; the folder of its weights."""
    system = {"role": "system", "content": LONG_PROMPT}
    rows: list[dict[str, object]] = []
    for n in range(40):
        asked = {"role": "user", "content": f"¿{n}?"}
        for before, answer in (([system], "{n: 1}"), ([], "no")):
            rows.append({"messages": [*before, asked, {"role": "assistant", "content": answer}]})
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    (home / "rows.jsonl").write_text("".join(lines), encoding="utf-8")
    learnt = job(home, "full", epochs=10, held_out=0.0, checkpoint_steps=1000)
    return load("full").train(learnt, lambda _: None).folder
