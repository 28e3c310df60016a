"""The kinds of models, one file each; the file's name is the word before the colon in a setting.

Each file offers `problem_with(name, use)`, `chat_model(name, access)` and `embedder(name, access)`;
one that knows what may be better with a model also `notes(name, access)`.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Use = Literal["chat", "embedding"]
"""What a model is for; each has its own setting."""


@dataclass(frozen=True, slots=True)
class Access:
    """What the kinds need to reach their models.

    Attributes:
        folder: of the model files.
        openai_url: address of a server with the path of the protocol; empty where there is none.
        ollama_url: address of an Ollama server.
        ollama_keep_alive: how long it keeps a model in memory after an answer.
        threads: of an embedded model; 0 takes all cores that are ours.
        timeout_s: the longest silence of a model.
    """

    folder: Path
    openai_url: str = ""
    openai_key: str = field(default="", repr=False)
    ollama_url: str = "http://127.0.0.1:11434"
    ollama_keep_alive: str = "30m"
    threads: int = 0
    timeout_s: float = 120.0
