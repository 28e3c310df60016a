"""`make bench`: runs the benchmarks and writes what they measured into docs/benchmarks.md.

A benchmark is a file `bench_NAME.py` with `measure() -> str`, which returns a section in Markdown
or raises `SkippedError`. Each runs in a process of its own, so that none finds another's memory.
A section that is not measured again stays as it was.
"""

import argparse
import re
import subprocess
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from tests.benchmarks.chart import drawn
from tests.benchmarks.report import SkippedError, machine

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
INTRODUCTION = """# Benchmarks

What was measured, as it came out, the figures that fall short included. `make bench` measures
everything anew, `make bench ONLY=NAME` one part. Times are CPU seconds or ratios of two things
that took turns in one run; five repeats, median, in brackets the smallest and the largest.
The public data sets are not part of the project: where `../shared/data` is absent, their parts
are skipped. Goals stand beside the figures; **short** marks those that were missed.
"""


def names() -> list[str]:
    """All benchmarks there are."""
    files = Path(__file__).parent.glob("bench_*.py")
    return sorted(path.stem.removeprefix("bench_") for path in files)


def write(name: str, text: str) -> None:
    """Put a section into the page, in place of its last version."""
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else INTRODUCTION
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    section = f"{begin}\n{text.strip()}\n{end}"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if pattern.search(page):
        page = pattern.sub(lambda _: section, page)
    else:
        page = f"{page.rstrip()}\n\n{section}\n"
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page, encoding="utf-8")


def measure(name: str) -> int:
    """Run one benchmark in this process."""
    try:
        text = import_module(f"tests.benchmarks.bench_{name}").measure()
    except SkippedError as reason:
        sys.stderr.write(f"{name}: skipped, {reason}\n")
        return 0
    day = datetime.now(UTC).date().isoformat()
    command = f"Measured on {day} by `make bench ONLY={name}`.\n{machine()}"
    text += drawn(name, text)
    heading, _, rest = text.strip().partition("\n")
    write(name, f"{heading}\n\n{command}\n{rest.strip()}\n")
    return 0


def main() -> int:
    """Run all benchmarks, or the one that `--only` names."""
    parser = argparse.ArgumentParser(prog="make bench ONLY=NAME")
    parser.add_argument("--only", choices=names())
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.only and arguments.here:
        return measure(arguments.only)
    failed = 0
    for name in [arguments.only] if arguments.only else names():
        sys.stderr.write(f"{name} ...\n")
        command = [sys.executable, "-m", "tests.benchmarks", "--only", name, "--here"]
        failed += subprocess.run(command, check=False).returncode != 0
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
