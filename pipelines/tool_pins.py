"""By what a tool is told from one of the same name that does something else."""

import json
from collections.abc import Set
from hashlib import sha256
from pathlib import Path
from types import ModuleType

from pydantic import BaseModel

from knowledge.hashing import sha256_of


def pin_of(module: ModuleType | None) -> str:
    """What is the same only for the same bytes of the file of a module; empty without a file."""
    file = getattr(module, "__file__", None)
    try:
        return sha256_of(Path(file)) if file else ""
    except OSError:
        return ""


def pinned(pin: str, settings: BaseModel) -> str:
    """A pin that differs with the settings, too; what is secret in them takes no part."""
    # Not their `repr`: sets stand in it in another order in each process.
    said = json.dumps(settings.model_dump(), sort_keys=True, default=_plain)
    return sha256(f"{pin} {said}".encode()).hexdigest()


def _plain(value: object) -> object:
    return sorted(map(str, value)) if isinstance(value, Set) else str(value)
