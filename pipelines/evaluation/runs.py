"""Keeps runs: a folder each, with its settings, a line for every question, and a chart.

    runs/2026-11-21-3/run.json        what was asked of whom; at the end also the figures
    runs/2026-11-21-3/results.jsonl   a line a question, written as soon as it is answered
    runs/2026-11-21-3/chart.png

A run is named by its day and its number on that day. One that is killed keeps every question that
it had measured.
"""

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from knowledge.errors import OperatorError, UsageError, suggestion
from knowledge.text_files import lines_of, write_whole
from pipelines.evaluation.cases import CaseSet
from pipelines.evaluation.figures import by_kind, figures
from pipelines.evaluation.results import Result

LAST = "last"
"""Names the newest run."""
_NAME = re.compile(r"(\d{4}-\d\d-\d\d)-(\d+)")


class RunMissingError(UsageError):
    """There is no run of this name."""


class RunDamagedError(OperatorError):
    """A run's files cannot be read or written."""


@dataclass(slots=True)
class Run:
    """One measurement, under way or done.

    Attributes:
        about: name of the set, settings and the like, as they are written to `run.json`.
        results: so far.
    """

    name: str
    folder: Path
    about: dict[str, Any]
    results: list[Result] = field(default_factory=list)

    @property
    def chart(self) -> Path:
        """Where its chart is drawn."""
        return self.folder / "chart.png"

    async def add(self, result: Result) -> None:
        """Keep a result at once."""
        self.results.append(result)
        line = json.dumps(result.as_json(), ensure_ascii=False) + "\n"
        await asyncio.to_thread(self._append, line)

    def _append(self, line: str) -> None:
        try:
            with (self.folder / "results.jsonl").open("a", encoding="utf-8") as file:
                file.write(line)
        except OSError as error:
            raise _unwritable(self.folder, error) from error

    async def finish(self) -> None:
        """Write the figures beside the settings."""
        await asyncio.to_thread(_write, self.folder, self.value())

    def value(self) -> dict[str, Any]:
        """The run as `tertulia eval --json` prints it."""
        asked = len(self.results)
        return {
            "run": self.name,
            **self.about,
            "asked": asked,
            "is_complete": asked == self.about["questions"],
            "figures": [figure.as_json() for figure in figures(self.results)],
            "by_kind": {kind: one.as_json() for kind, one in by_kind(self.results).items()},
            "folder": str(self.folder),
        }


@dataclass(frozen=True, slots=True)
class Runs:
    """All runs that are kept in a folder."""

    folder: Path

    async def begin(self, cases: CaseSet, settings: Mapping[str, Any]) -> Run:
        """A new run, named by the day.

        Args:
            cases: that will be asked.
            settings: whatever the answers depend on; two runs with the same fingerprint differ
                by chance alone.
        """
        about = {
            "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "set": {"name": cases.name, "fingerprint": cases.fingerprint},
            "questions": len(cases.cases),
            "settings": dict(settings) | {"fingerprint": fingerprint(settings)},
        }
        return await asyncio.to_thread(self._begun, about)

    def _begun(self, about: dict[str, Any]) -> Run:
        day = about["started_at"][:10]
        number = 1 + max([n for when, n in map(_order, self.names()) if when == day], default=0)
        while True:
            name = f"{day}-{number}"
            try:
                (self.folder / name).mkdir(parents=True)
            except FileExistsError:  # somebody else began one just now
                number += 1
                continue
            except OSError as error:
                raise _unwritable(self.folder, error) from error
            run = Run(name, self.folder / name, about)
            _write(run.folder, {"run": name, **about})
            return run

    def names(self) -> list[str]:
        """All runs, oldest first."""
        found = (path.parent.name for path in self.folder.glob("*/run.json"))
        return sorted((name for name in found if _NAME.fullmatch(name)), key=_order)

    async def read(self, name: str) -> Run:
        """A run that was kept; `last` is the newest one.

        Raises:
            RunMissingError: names the nearest one and all there are.
            RunDamagedError: its files are no longer what was written.
        """
        return await asyncio.to_thread(self._read, name)

    def _read(self, name: str) -> Run:
        names = self.names()
        if not names:
            raise RunMissingError(
                "There is no run yet to compare with.", what_to_do="Run it once without --against."
            )
        chosen = names[-1] if name == LAST else name
        if chosen not in names:
            raise RunMissingError(
                f"There is no run '{name}'.", what_to_do=suggestion(name, [LAST, *names])
            )
        folder = self.folder / chosen
        about = _value(folder / "run.json")
        path = folder / "results.jsonl"
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        lines = [line for line in lines_of(text) if line]
        whole = lines if not lines or _is_whole(lines[-1]) else lines[:-1]
        return Run(chosen, folder, about, [_result(path, line) for line in whole])


def _order(name: str) -> tuple[str, int]:
    """The day and the number of a run."""
    match = _NAME.fullmatch(name)
    return (match[1], int(match[2])) if match else ("", 0)


def _is_whole(line: str) -> bool:
    """Whether a line was written to its end, which a run that is killed may not do."""
    return line.endswith("}")


def fingerprint(settings: Mapping[str, Any]) -> str:
    """A short hash of settings."""
    return sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:12]


def _value(path: Path) -> dict[str, Any]:
    try:
        value: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _damaged(path) from error
    return value


def _result(path: Path, line: str) -> Result:
    try:
        return Result.from_json(json.loads(line))
    except (ValueError, TypeError) as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> RunDamagedError:
    return RunDamagedError(
        f"{path} is not what a run writes.", what_to_do="Remove that run's folder."
    )


def _unwritable(folder: Path, error: OSError) -> RunDamagedError:
    return RunDamagedError(
        f"{folder} cannot be written: {error.strerror}.", what_to_do="Check free space and rights."
    )


def _write(folder: Path, value: Mapping[str, Any]) -> None:
    try:
        text = json.dumps(value, ensure_ascii=False, indent=2) + "\n"
        write_whole(folder / "run.json", text)
    except OSError as error:
        raise _unwritable(folder, error) from error
