"""Turns a setting such as `embedded:qwen2.5-coder-1.5b` into a model."""

import pkgutil
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from types import ModuleType

from knowledge.errors import suggestion
from pipelines.models import ChatModel, Embedder, catalogue, kinds
from pipelines.models.errors import ModelDamagedError, UnknownModelError
from pipelines.models.kinds import Access, Use, embedded

# With less free memory, the large model would push everything else out of it.
MEMORY_FOR_LARGE_BYTES = 4 << 30
LARGE, SMALL = "qwen2.5-coder-1.5b", "qwen2.5-coder-0.5b"


def kind_names() -> list[str]:
    """The kinds there are, in alphabetical order."""
    return sorted(module.name for module in pkgutil.iter_modules(kinds.__path__))


def problem_with(setting: str, use: Use) -> str | None:
    """What is wrong with a model's setting and what would be right; None if nothing is."""
    kind, colon, name = setting.partition(":")
    if not colon:
        right = [f"embedded:{known}" for known in embedded.names(use)]
        nearest = [*get_close_matches(f"embedded:{setting}", right, n=1), right[0]][0]
        return f"'{setting}' is not of the form KIND:NAME, for instance {nearest}."
    if kind not in kind_names():
        return f"There is no kind of model '{kind}'. {suggestion(kind, kind_names())}"
    problem: str | None = _kind(kind).problem_with(name, use)
    return problem


def chat_model(setting: str, access: Access) -> ChatModel:
    """The chat model of a setting, not started yet.

    Raises:
        UnknownModelError: no such kind or name; names the nearest one and all there are.
    """
    kind, name = _checked(setting, "chat")
    model: ChatModel = _kind(kind).chat_model(name, access)
    return model


async def embedder(setting: str, access: Access) -> Embedder:
    """The embedder of a setting, ready.

    Raises:
        UnknownModelError: no such kind or name; names the nearest one and all there are.
    """
    kind, name = _checked(setting, "embedding")
    found: Embedder = await _kind(kind).embedder(name, access)
    return found


async def notes(setting: str, access: Access) -> list[tuple[str, str]]:
    """What is worth knowing about a model and what to do about it; mostly nothing.

    Raises:
        TertuliaError: the model's server cannot be asked.
    """
    kind, name = _checked(setting, "chat")
    ask = getattr(_kind(kind), "notes", None)
    found: list[tuple[str, str]] = await ask(name, access) if ask else []
    return found


def default_chat_model(folder: Path, *, free_bytes: int | None = None) -> str:
    """The setting of the model that suits this machine.

    The large one from 4 GB of free memory on, else the small one. Where only the other one has
    been fetched and there is room for it, that one: memory that is free varies, and a question
    should not wait for a download.

    Args:
        folder: of the model files.
        free_bytes: memory that may be taken; measured where it is not given.
    """
    from pipelines.models.machine import free_memory_bytes

    free = free_memory_bytes() if free_bytes is None else free_bytes
    best, other = (LARGE, SMALL) if free >= MEMORY_FOR_LARGE_BYTES else (SMALL, LARGE)
    has_room = free > catalogue.entry(other).memory_mib * 1.25 * (1 << 20)
    if has_room and _is_here(other, folder) and not _is_here(best, folder):
        return f"embedded:{other}"
    return f"embedded:{best}"


def _is_here(name: str, folder: Path) -> bool:
    from pipelines.models.checking import find

    try:
        return find(catalogue.entry(name), folder) is not None
    except ModelDamagedError:
        return False


def _checked(setting: str, use: Use) -> tuple[str, str]:
    problem = problem_with(setting, use)
    if problem:
        raise UnknownModelError(
            f"The model '{setting}' cannot be used: {problem}",
            what_to_do=f"Put the right name into {use.upper()}_MODEL.",
        )
    kind, _, name = setting.partition(":")
    return kind, name


def _kind(name: str) -> ModuleType:
    return import_module(f"pipelines.models.kinds.{name}")
