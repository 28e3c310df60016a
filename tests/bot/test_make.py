"""`make run` on machines that lack something, and in a second checkout."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.bot.team import ROOT, Tertulia, write

NEEDED = ("make", "sh", "touch", "mkdir", "rm", "ln", "true")
PIP_FAILS_ONCE = """#!/bin/sh
echo "$*" >>asked
case "$*" in *"pip install"*)
  [ -e tried ] || { touch tried; exit 1; }
  ln -s "$PWD/tools/true" .venv/bin/uv 2>/dev/null || exit 0
esac
"""

pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="there is no make here")


def a_script(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with a Python that has no network at first, on a machine without uv."""
    (tmp_path / "tools").mkdir()
    for name in NEEDED:
        (tmp_path / "tools" / name).symlink_to(str(shutil.which(name)))
    (tmp_path / ".venv/bin").mkdir(parents=True)
    a_script(tmp_path / ".venv/bin/python", PIP_FAILS_ONCE)
    shutil.copy(ROOT / "Makefile", tmp_path)
    return write(
        tmp_path,
        dict.fromkeys(("requirements.lock", "requirements-dev.lock", "pyproject.toml"), ""),
    )


def make(checkout: Path, target: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(checkout / "tools"), "HOME": os.fspath(checkout)}
    command = ["make", "PYTHON=python3", target]
    return subprocess.run(
        command, cwd=checkout, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("target", [".venv/.ready-run", ".venv/.ready-dev"])
def test_setting_up_goes_on_where_fetching_uv_failed_before(checkout: Path, target: str) -> None:
    assert make(checkout, target).returncode != 0
    assert not (checkout / target).exists()
    again = make(checkout, target)
    assert again.returncode == 0, again.stderr
    assert (checkout / target).exists()
    asked = (checkout / "asked").read_text()
    assert asked.count("pip install") == 2
    make(checkout, target)
    assert (checkout / "asked").read_text() == asked, "what is set up needs no network"


def test_a_uv_that_is_there_is_taken(checkout: Path) -> None:
    a_script(checkout / "tools/uv", '#!/bin/sh\necho "$*" >>asked-of-uv\n')
    assert make(checkout, ".venv/.ready-run").returncode == 0
    assert "pip install" not in (checkout / "asked").read_text()
    assert "--require-hashes" in (checkout / "asked-of-uv").read_text()


def test_a_second_checkout_takes_over_the_example(
    empty_home: Path, tertulia: Tertulia, tmp_path: Path
) -> None:
    recipe = (ROOT / "Makefile").read_text().replace("\\\n", " ")
    (line,) = re.findall(r"tertulia (source add .*) </dev/null", recipe)
    for name in ("first", "second"):
        example = str(write(tmp_path / name / "knowledge/examples/handbook", {"a.md": "# A\n\nB."}))
        arguments = line.replace('"', "").replace("$(CURDIR)", str(tmp_path / name)).split()
        outcome = tertulia(*arguments)
        assert outcome.code == 0
        (source,) = tertulia("source", "list", "--json").value["sources"]
        assert (source["name"], source["options"]) == ("example", {"path": example})
