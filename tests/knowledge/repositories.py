"""Real git repositories in a folder, for tests that read them."""

import os
import subprocess
from base64 import b64encode
from pathlib import Path

from knowledge.articles import Audience
from knowledge.sources.git import build
from knowledge.sources.git.source import GitSource
from tests.fakes.loopback import Reply, Request

_SETTINGS = {
    "user.name": "Ana Ruiz",
    "user.email": "ana@example.org",
    "commit.gpgSign": "false",
    "uploadpack.allowFilter": "true",
    "uploadpack.allowAnySHA1InWant": "true",
    "core.autocrlf": "false",
}


class Repository:
    """A repository that changes."""

    def __init__(self, folder: Path, *, partial: bool = True) -> None:
        self.folder = folder
        self.commits = 0
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main", "--template=")
        for key, value in _SETTINGS.items():
            self.git("config", key, value if partial or "upload" not in key else "false")

    def git(self, *arguments: str, stdin: bytes = b"") -> str:
        """What a command prints; each commit is an hour after the one before."""
        date = f"2024-05-{1 + self.commits // 24:02}T{self.commits % 24:02}:00:00+00:00"
        known = {
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_DATE": date,
            "GIT_COMMITTER_DATE": date,
            "PATH": "/usr/bin:/bin:/usr/local/bin:/opt/homebrew/bin",
            "HOME": str(self.folder),
        }
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, env=known, input=stdin, capture_output=True
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().strip()

    def commit(self, files: dict[str, str | bytes] | None = None, *, by: str = "") -> str:
        """Write files, and commit all that has changed; the new commit."""
        for name, text in (files or {}).items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        self.commits += 1
        self.git("add", "--all")
        author = [f"--author={by} <by@example.org>"] if by else []
        self.git("commit", "--quiet", "--allow-empty", "-m", "Change", *author)
        return self.git("rev-parse", "HEAD")

    def move(self, old: str, new: str) -> None:
        """Move a file; commit it afterwards."""
        (self.folder / new).parent.mkdir(parents=True, exist_ok=True)
        self.git("mv", old, new)


def source(
    repository: Path,
    folder: Path,
    *,
    ref: str = "",
    include: str = "",
    exclude: str = "",
    depth: int = 1000,
    max_file_mb: float = 10,
    timeout_s: float = 60,
) -> GitSource:
    """A repository on this machine as a source."""
    return build(
        name="docs",
        audience=Audience.of("everyone"),
        folder=folder,
        path=str(repository),
        ref=ref,
        include=include,
        exclude=exclude,
        depth=depth,
        max_file_mb=max_file_mb,
        timeout_s=timeout_s,
    )


class Host:
    """A server of repositories below a folder, for whoever knows the password."""

    def __init__(self, folder: Path, said: str = "") -> None:
        self.folder, self.said = folder, said

    def respond(self, request: Request) -> Reply:
        """What git's own server answers."""
        known = b64encode(self.said.encode()).decode()
        if self.said and request.headers.get("authorization") != f"Basic {known}":
            return Reply(status=401, headers={"WWW-Authenticate": "Basic"})
        path, _, query = request.path.partition("?")
        program = subprocess.run(["git", "--exec-path"], capture_output=True, check=True).stdout
        done = subprocess.run(
            [f"{program.decode().strip()}/git-http-backend"],
            input=request.body,
            capture_output=True,
            check=True,
            env={
                "GIT_PROJECT_ROOT": str(self.folder),
                "GIT_HTTP_EXPORT_ALL": "1",
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "REQUEST_METHOD": request.method,
                "CONTENT_TYPE": request.headers.get("content-type", ""),
                "HTTP_CONTENT_ENCODING": request.headers.get("content-encoding", ""),
                "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
                "PATH": os.defpath,
            },
        )
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        lines = dict(line.split(": ", 1) for line in head.decode().splitlines())
        status = int(lines.pop("Status", "200").split()[0])
        return Reply(body, status, lines.pop("Content-Type", "text/plain"))
