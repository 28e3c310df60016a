"""Finds the Java that Elasticsearch runs on."""

import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from docker.services.errors import UnavailableError
from docker.services.wishes import java_home

FOLDERS = ("/usr/lib/jvm", "/Library/Java/JavaVirtualMachines")
INSTALL = (
    "brew install temurin maven"
    if sys.platform == "darwin"
    else "apt-get install openjdk-17-jre-headless maven"
)


def newest(least: int, folders: Sequence[str] = FOLDERS) -> Path:
    """The home folder of a Java: JAVA_HOME's, else the newest, one of Eclipse Temurin first.

    Raises:
        UnavailableError: none is as new as `least`.
    """
    found = {home: _version(home) for home in _homes(folders)}
    right = [home for home, version in found.items() if version >= least]
    if not right:
        seen = ", ".join(str(version) for version in sorted(filter(None, found.values()))) or "none"
        raise UnavailableError(
            f"Java {least} or newer is needed (found: {seen})",
            what_to_do=f"Install it, for example: {INSTALL}",
        )
    if java_home() in right:
        return java_home()
    return max(right, key=lambda home: ("temurin" in home.name, found[home]))


def _homes(folders: Sequence[str]) -> Iterator[Path]:
    yield java_home()
    for folder in map(Path, folders):
        yield from (release.parent for release in folder.glob("*/release"))
        yield from (release.parent for release in folder.glob("*/Contents/Home/release"))
    program = shutil.which("java")
    if program:
        yield Path(program).resolve().parents[1]


def _version(home: Path) -> int:
    """21 for a Java 21; 0 where there is no Java."""
    try:
        text = (home / "release").read_text(encoding="utf-8")
    except OSError:
        return 0
    match = re.search(r'^JAVA_VERSION="(?:1\.)?(\d+)', text, re.MULTILINE)
    is_whole = (home / "bin" / "java").exists()
    return int(match[1]) if match and is_whole else 0
