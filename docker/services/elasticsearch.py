"""Elasticsearch: whether one answers, and how our own is started."""

import os
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path

import httpx2
import psutil

from docker.services.elasticsearch_archive import Archive, archive_of, program_folder
from docker.services.java import newest
from docker.services.processes import Program, free_port
from docker.services.wishes import Wishes

ROOTS_STAND_IN = "nobody"  # Elasticsearch refuses to run as root
ROOMY_BYTES = 8e9
COPIED = ("jvm.options", "log4j2.properties", "role_mapping.yml", "roles.yml", "users")
HEALTHY = "wait_for_status=yellow&wait_for_no_initializing_shards=true&timeout=1s"
SETTINGS = """\
cluster.name: tertulia-services
discovery.type: single-node
network.host: 127.0.0.1
http.port: {port}
transport.port: {transport}
path.data: {folder}/data
path.logs: {folder}/logs
path.repo: {folder}/snapshots
xpack.security.enabled: false
cluster.routing.allocation.disk.threshold_enabled: false
"""


@dataclass(frozen=True, slots=True)
class Elasticsearch:
    """The search server."""

    wishes: Wishes
    name: str = "elasticsearch"
    title: str = "Elasticsearch"
    variable: str = "ELASTICSEARCH_URL"

    @property
    def asked(self) -> str:
        """Where one is looked for first."""
        return self.wishes.elasticsearch_url

    @property
    def version(self) -> str:
        """The whole version of the one that is started."""
        return archive_of(self.wishes.elasticsearch_version).version

    def answers(self, url: str) -> bool:
        """Whether an Elasticsearch of the wished version is there and can search.

        It answers before its shards are back: until then searches fail.
        """
        try:
            with httpx2.Client(base_url=url, timeout=5, trust_env=False) as client:
                version = str(client.get("/").raise_for_status().json()["version"]["number"])
                health = client.get(f"/_cluster/health?{HEALTHY}")
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, LookupError, TypeError):
            return False
        wished = self.wishes.elasticsearch_version
        is_wished = f"{version}.".startswith(f"{wished}." if wished else "")
        return is_wished and health.is_success

    def program(self, folder: Path, port: int) -> Program:
        """Our own, ready to be started on this port.

        Raises:
            UnavailableError: Java or the program cannot be had.
        """
        archive = archive_of(self.wishes.elasticsearch_version)
        java = newest(archive.least_java)
        home = program_folder(archive, self.wishes.cache)
        _configure(home, folder, port)
        return Program(
            _command(archive, java, home, folder),
            _environment(java, home, folder),
            directory=home,  # that is how version 8 finds itself
            user=ROOTS_STAND_IN if os.geteuid() == 0 else None,
        )

    def furnish(self, url: str) -> None:
        """Nothing to put into it."""


def _configure(home: Path, folder: Path, port: int) -> None:
    config = folder / "config"
    for name in ("config/jvm.options.d", "tmp", "snapshots"):
        (folder / name).mkdir(parents=True)
    for name in (*COPIED, "users_roles"):
        shutil.copyfile(home / "config" / name, config / name)
    transport = free_port()
    text = SETTINGS.format(port=port, transport=transport, folder=folder)
    (config / "elasticsearch.yml").write_text(text, encoding="utf-8")
    heap = "1g" if psutil.virtual_memory().available > ROOMY_BYTES else "512m"
    (config / "jvm.options.d" / "heap.options").write_text(f"-Xms{heap}\n-Xmx{heap}\n")


def _command(archive: Archive, java: Path, home: Path, folder: Path) -> list[str]:
    """What bin/elasticsearch would do: the archive leaves that script out."""
    small = [str(java / "bin" / "java"), "-Xms4m", "-Xmx64m", "-XX:+UseSerialGC"]
    daemon = ["-d", "-p", str(folder / "elasticsearch.pid")]
    if int(archive.version.partition(".")[0]) >= 9:
        launcher = "org.elasticsearch.server.launcher.ServerLauncher"
        return [*small, "-cp", f"{home}/lib/tools/server-launcher/*", launcher, *daemon]
    properties = {
        "cli.name": "server",
        "cli.script": home / "bin/elasticsearch",
        "cli.libs": "lib/tools/server-cli",
        "es.path.home": home,
        "es.path.conf": folder / "config",
        "es.distribution.type": "zip",
        "es.java.type": "ES_JAVA_HOME",
    }
    options = [f"-D{name}={value}" for name, value in properties.items()]
    classes = f"{home}/lib/*:{home}/lib/cli-launcher/*"
    return [*small, *options, "-cp", classes, "org.elasticsearch.launcher.CliToolLauncher", *daemon]


def _environment(java: Path, home: Path, folder: Path) -> dict[str, str]:
    """All that it gets: what a user's shell sets for Java would change it."""
    return {
        "PATH": os.defpath,
        "HOSTNAME": socket.gethostname(),
        "LANG": "C.UTF-8",
        "ES_HOME": str(home),
        "ES_JAVA_HOME": str(java),
        "JAVA": str(java / "bin" / "java"),
        "JAVA_TYPE": "ES_JAVA_HOME",
        "ES_PATH_CONF": str(folder / "config"),
        "ES_TMPDIR": str(folder / "tmp"),
        "ES_DISTRIBUTION_TYPE": "zip",
    }
