"""A server that may be killed, with a language model and an embedder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.models.catalogue import entry
from tests.fakes.embedding_gguf import write_embedder
from tests.fakes.own_ollama import OwnOllama, own_ollama

SMALL, EMBEDDER, BARE = "smollm2-135m", "small-embedder", "no-template"


@pytest.fixture(scope="package")
def own_server(
    ollama_program: Path, models_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OwnOllama]:
    """A server of ours with three models made from one file."""
    folder = tmp_path_factory.mktemp("ollama")
    small = models_folder / entry(SMALL).file
    write_embedder(small, folder / "embedder.gguf")
    with own_ollama(str(ollama_program), folder) as server:
        server.create(SMALL, f"FROM {small}\nPARAMETER num_ctx 1024\n")
        server.create(EMBEDDER, f"FROM {folder / 'embedder.gguf'}\n")
        server.create(BARE, f"FROM {small}\nTEMPLATE {{{{ .Prompt }}}}\n")
        (folder / "embedder.gguf").unlink()
        yield server
