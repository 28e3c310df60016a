"""A home with the tiny model, what it is served with, and rows."""

import shutil
from pathlib import Path

import pytest

from tests.pipelines.learning import tiny, tiny_torch


@pytest.fixture(scope="session")
def tiny_original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once; tests copy it."""
    pytest.importorskip("torch")
    home = tmp_path_factory.mktemp("tiny")
    tiny_torch.write_folder(home / "base")
    tiny_torch.write_rows(home / "rows.jsonl")
    tiny.write_base(home / "served.gguf", template=tiny_torch.TEMPLATE)
    return home


@pytest.fixture
def tiny_home(tiny_original: Path, tmp_path: Path) -> Path:
    """A home of one's own."""
    shutil.copytree(tiny_original, tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture(scope="session")
def obedient(tiny_original: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of a tiny model that answers in braces where it is told to, and only there."""
    home = tmp_path_factory.mktemp("obedient") / "home"
    shutil.copytree(tiny_original, home)
    return tiny_torch.write_obedient(home)
