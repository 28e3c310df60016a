"""A machine of its own for `docker.services`: what is on its PATH is what a test puts there."""

import os
import subprocess
import sys
import textwrap
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from docker.services.processes import MARK, free_port

ROOT = Path(__file__).parents[2]
# Answers as Ollama does as far as `make services` asks, and writes down who it is.
OLLAMA = """\
    import http.server, json, os
    host, port = os.environ["OLLAMA_HOST"].split(":")
    names = ["smollm2-135m:latest", "qwen2.5-coder-0.5b:latest"]
    said = {"/api/version": {"version": "0"}, "/api/tags": {"models": [{"name": n} for n in names]}}

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path in said else 404)
            self.end_headers()
            self.wfile.write(json.dumps(said.get(self.path, {})).encode())

    print("Listening", flush=True)
    http.server.HTTPServer((host, int(port)), Answer).serve_forever()
"""


@dataclass
class Machine:
    """Folders and settings of one test."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.programs.mkdir()
        measured = {name: value for name, value in os.environ.items() if name.startswith("COV")}  # noqa: TID251 (coverage finds processes by it)
        self.settings |= measured | {
            "PATH": str(self.programs),
            "HOME": str(self.folder),
            "SERVICES_CACHE": str(self.cache),
            "OLLAMA_HOST": f"127.0.0.1:{free_port()}",
            "ELASTICSEARCH_URL": f"http://127.0.0.1:{free_port()}",
            "PYTHONPATH": str(ROOT),
        }

    @property
    def programs(self) -> Path:
        """The only folder on the PATH."""
        return self.folder / "bin"

    @property
    def cache(self) -> Path:
        return self.folder / "cache"

    @property
    def running(self) -> Path:
        return self.cache / "running"

    @property
    def ollama(self) -> str:
        """The line that says where Ollama is, where it has the port that it should have."""
        return f"OLLAMA_HOST=http://{self.settings['OLLAMA_HOST']}"

    def put(self, name: str, text: str, *, interpreter: str = sys.executable) -> Path:
        """Put a program on the PATH."""
        path = self.programs / name
        path.write_text(f"#!{interpreter}\n{textwrap.dedent(text)}")
        path.chmod(0o755)
        return path

    def services(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run `python -m docker.services` here."""
        return subprocess.run(
            self.command(*arguments),
            env=self.settings,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "docker.services", *arguments]

    def started(self) -> list[psutil.Process]:
        """Everything that was started here and still runs."""
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            mark = process.environ().get(MARK, "")
        except (psutil.Error, OSError):
            return False
        return bool(mark) and Path(mark).is_relative_to(self.cache)

    def end(self) -> None:
        """Leave nothing behind, not even what no one else here would end."""
        for process in psutil.process_iter(["cmdline"]):
            words = process.info["cmdline"] or ()
            is_program = any(word.startswith(f"{self.programs}/") for word in words)
            if is_program or self._is_ours(process):
                process.kill()
