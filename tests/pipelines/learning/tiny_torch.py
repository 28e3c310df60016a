"""The tiny model as torch has it, with a tokenizer of single bytes, and rows to train it on."""

import json
from pathlib import Path

from pipelines.learning.trainers import Job
from tests.pipelines.learning import tiny

TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] "
    "+ '<|im_end|>' + '\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


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


def write_rows(path: Path, count: int = 24) -> Path:
    """Rows that all answer in one form."""
    rows = [
        {
            "messages": [
                {"role": "user", "content": f"¿{n}?"},
                {"role": "assistant", "content": f"{{n: {n}}}"},
            ]
        }
        for n in range(count)
    ]
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
