"""Dockerfile, compose.yaml and docs/deploy.md: what they name exists, and what they promise holds.

No engine runs where this is developed, so that these rules stand in for a build.
"""

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot import extensions
from bot.__main__ import run
from bot.settings import every_key
from docker.services.elasticsearch_archive import archive_of

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "docker/Dockerfile").read_text(encoding="utf-8")
COMPOSE_TEXT = (ROOT / "docker/compose.yaml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
GUIDE = (ROOT / "docs/deploy.md").read_text(encoding="utf-8")
OURS = ("bot", "train")
PROFILES = {"postgres": ["postgres"], "gpu": ["ollama-gpu"], "vllm": ["vllm"], "train": ["train"]}
# Variables that docker/compose.yaml itself reads; everything else in capitals is a setting.
OF_COMPOSE = {"PAGES_DIR", "OLLAMA_SERVICE", "VLLM_MODEL", "POSTGRES_PASSWORD", "COMPOSE_PROFILES"}


def instructions(name: str) -> list[str]:
    """The arguments of every instruction of this name, continued lines joined."""
    joined = DOCKERFILE.replace("\\\n", " ")
    return re.findall(rf"^\s*{name} +(.*)$", joined, re.MULTILINE)


def lines_of_commands() -> Iterator[list[str]]:
    """The words of every command line in the guide's blocks."""
    for block in re.findall(r"^ *```\n(.*?)^ *```", GUIDE, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            if not re.match(r"\s*[A-Z_]+=", line):
                yield shlex.split(line)


def variables(text: str) -> set[str]:
    return set(re.findall(r"\$\{([A-Z_]+)", text))


def test_every_setting_is_one_that_tertulia_reads() -> None:
    known = set(every_key())
    assert {*SERVICES["bot"]["environment"], *SERVICES["train"]["environment"]} <= known
    named = set(re.findall(r"(?:`|^ *|Environment=)([A-Z]+(?:_[A-Z]+)+)=", GUIDE, re.MULTILINE))
    assert named
    assert named <= known | OF_COMPOSE | variables(COMPOSE_TEXT)
    mentioned = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`", GUIDE))
    assert mentioned <= known | OF_COMPOSE | variables(COMPOSE_TEXT)
    set_in_image = set(re.findall(r"\b(TERTULIA_[A-Z]+)=", DOCKERFILE))
    assert set_in_image <= known
    assert OF_COMPOSE - {"COMPOSE_PROFILES"} <= variables(COMPOSE_TEXT)


def test_every_command_exists(capsys: pytest.CaptureFixture[str]) -> None:
    commands = set(extensions.names_in("bot.commands"))
    assert SERVICES["bot"]["command"][0] in commands
    (health,) = re.findall(r"HEALTHCHECK.*?CMD +(\[.*\])", DOCKERFILE.replace("\\\n", " "))
    assert yaml.safe_load(health) == ["tertulia", "serve", "--check"]
    run(["doctor", "--help"])
    assert "--quick" in capsys.readouterr().out
    named = set(re.findall(r"(?:exec bot |/bin/|`)tertulia ([a-z]+)", GUIDE))
    assert {"ask", "doctor", "refresh", "serve", "source"} <= named
    assert named <= commands
    run(["refresh", "--help"])
    run(["source", "add", "--help"])
    helped = capsys.readouterr().out
    assert all(option in helped for option in ("--full", "--path", "--audience"))


def test_every_path_is_in_the_checkout() -> None:
    for source in instructions("COPY"):
        if not source.startswith("--from"):
            for path in source.split()[:-1]:
                assert (ROOT / path).exists(), path
    ignored = (ROOT / "docker/Dockerfile.dockerignore").read_text(encoding="utf-8")
    assert "*" in ignored.splitlines()
    for path in re.findall(r"^!(.*)$", ignored, re.MULTILINE):
        assert (ROOT / path).exists(), path
    built = SERVICES["bot"]["build"]
    assert (ROOT / "docker" / built["context"]).resolve() == ROOT
    assert (ROOT / built["dockerfile"]).exists()
    ours = r"`((?:docker|docs|tests|bot)/\w[\w./-]*|[A-Z]+\.md|\.env\.example)`"
    for path in re.findall(ours, GUIDE):
        assert (ROOT / path).exists(), path


def test_services_named_on_command_lines_exist() -> None:
    named = set()
    for words in lines_of_commands():
        if words[:2] == ["docker", "compose"] and words[2] in {"exec", "stop", "start"}:
            named.add(next(word for word in words[3:] if not word.startswith("-")))
    assert named == {"ollama", "bot"}
    for profile in re.findall(r"--profile (\w+)", GUIDE):
        assert profile in PROFILES


def test_the_parts_and_profiles_are_there() -> None:
    usual = {name for name, service in SERVICES.items() if "profiles" not in service}
    assert usual == {"bot", "elasticsearch", "ollama"}
    for profile, names in PROFILES.items():
        assert [n for n, s in SERVICES.items() if profile in s.get("profiles", [])] == names
        assert f"| `{profile}` |" in GUIDE


def test_images_are_pinned_by_version_or_digest() -> None:
    (base,) = re.findall(r"^ARG PYTHON_IMAGE=(\S+)$", DOCKERFILE, re.MULTILINE)
    assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)) == {"${PYTHON_IMAGE}"}
    images = [re.sub(r"^\$\{\w+:-(.*)\}$", r"\1", s["image"]) for s in SERVICES.values()]
    for image in (base, *images):
        default = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", image)
        assert re.search(r":v?\d+\.\d+(\.\d+)?[\w.-]*$|@sha256:[0-9a-f]{64}$", default), image
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert SERVICES["bot"]["image"] == f"tertulia:{project['version']}"
    assert f":-{archive_of('').version}}}" in SERVICES["elasticsearch"]["image"]


@pytest.mark.parametrize("name", list(SERVICES))
def test_no_port_is_published_and_nothing_may_gain_rights(name: str) -> None:
    service = SERVICES[name]
    assert not {"ports", "privileged", "network_mode", "pid", "devices"} & set(service)
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["cap_drop"] == ["ALL"]
    assert service["pids_limit"]
    assert "docker.sock" not in str(service)
    mounts = [v for v in service["volumes"] if v.split(":")[0] not in COMPOSE["volumes"]]
    assert all(mount.endswith(":ro") for mount in mounts)


@pytest.mark.parametrize("name", list(SERVICES))
def test_memory_is_limited_data_is_kept_and_health_is_watched(name: str) -> None:
    service = SERVICES[name]
    assert re.fullmatch(r"\$\{[A-Z]+_MEMORY:-\d+g\}", service["mem_limit"])
    assert any(volume.split(":")[0] in COMPOSE["volumes"] for volume in service["volumes"])
    if name not in OURS:
        assert service["healthcheck"]["test"][0] == "CMD"
    assert service["restart"] == ("no" if name == "train" else "unless-stopped")


def test_ports_for_development_are_on_loopback() -> None:
    added = yaml.safe_load((ROOT / "docker/services/ports.yaml").read_text(encoding="utf-8"))
    for service in added["services"].values():
        for port in service["ports"]:
            assert port.startswith("127.0.0.1:")
    assert "127.0.0.1:${ELASTICSEARCH_PORT" in added["services"]["elasticsearch"]["ports"][0]


def test_what_holds_no_password_is_on_a_network_that_leads_nowhere() -> None:
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    for name in ("elasticsearch", "postgres"):
        assert SERVICES[name]["networks"] == ["inside"]


def test_the_bot_runs_without_root_on_a_read_only_file_system() -> None:
    last_stage = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.search(r"^USER (\d+):\1$", last_stage, re.MULTILINE)
    assert "--uid 10001" in last_stage
    for name in OURS:
        assert SERVICES[name]["read_only"] is True
        assert any(entry.startswith("/tmp") for entry in SERVICES[name]["tmpfs"])  # noqa: S108 (a folder of the container)
        assert SERVICES[name]["volumes"][0] == "tertulia:/var/lib/tertulia"


def test_no_secret_stands_in_the_files() -> None:
    for text in (DOCKERFILE, COMPOSE_TEXT):
        for value in re.findall(r"(?:PASSWORD|TOKEN|SECRET|KEY)\s*[:=]\s*(\S+)", text):
            assert value == "${POSTGRES_PASSWORD:-}"
    assert SERVICES["bot"]["env_file"] == [{"path": ".env", "required": False}]


def test_the_dockerfile_keeps_to_the_rules_of_hadolint() -> None:
    assert not instructions("ADD")  # DL3020
    assert len(instructions("FROM")) == 2
    for command in instructions("RUN"):
        assert "sudo" not in command  # DL3004
        assert "apt-get upgrade" not in command
        if "apt-get install" in command:
            assert "--no-install-recommends" in command  # DL3015
            assert " -y " in command  # DL3014
            assert "rm -rf /var/lib/apt/lists/*" in command  # DL3009
    for form in ("CMD", "ENTRYPOINT"):
        for arguments in instructions(form):
            assert arguments.startswith("["), arguments  # DL3025
    assert all(folder.startswith("/") for folder in instructions("WORKDIR"))  # DL3000
    assert "PIP_NO_CACHE_DIR=1" in DOCKERFILE  # DL3042
    assert "--require-hashes" in DOCKERFILE  # DL3013
    assert instructions("HEALTHCHECK")


def test_the_guide_installs_as_the_image_does() -> None:
    for command in instructions("RUN"):
        if "pip install" in command:
            options = command.partition("pip install ")[2]
            assert f".venv/bin/pip install {options}\n" in GUIDE


def test_the_unit_starts_what_the_image_starts() -> None:
    (unit,) = re.findall(r"```ini\n(.*?)```", GUIDE, re.DOTALL)
    assert "ExecStart=/opt/tertulia/.venv/bin/tertulia serve\n" in unit
    assert "User=tertulia\n" in unit
    assert "NoNewPrivileges=true\n" in unit
    home = re.search(r"Environment=TERTULIA_HOME=(\S+)", unit)
    assert home
    assert f"ReadWritePaths={home[1]}\n" in unit
