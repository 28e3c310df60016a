"""Keeps a triage: a line for every case as soon as it is judged, so that nothing is asked twice.

    learning/triage/questions/triage.json    what was asked of whom, and at the end the counts
    learning/triage/questions/cases.jsonl    a line a case
    learning/triage/questions/chart.png

One that was stopped is gone on with, as long as the same is asked of the same; one that came to
its end is made anew.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from knowledge.errors import OperatorError
from knowledge.text_files import lines_of, write_whole
from pipelines.evaluation.runs import fingerprint
from pipelines.learning.triage import Summary, Test, Verdict, summed_up

DONE = "done"


class TriageFolderError(OperatorError):
    """The folder of a triage cannot be written."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One case with its verdict and what it was made from.

    Attributes:
        question: empty where whoever looks into it may not read it.
        rank: where the first passage that holds the answer stands, from 0.
    """

    id: str
    question: str
    verdict: Verdict
    shares: Mapping[Test, float]
    rank: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The row as it is written."""
        shares = {test: round(share, 3) for test, share in self.shares.items()}
        more = {"way": self.verdict.way, "steps": list(self.verdict.steps)}
        return asdict(self) | {"shares": shares} | more

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Judged":
        """The row as it was written."""
        verdict = Verdict(**value["verdict"])
        return cls(value["id"], value["question"], verdict, value["shares"], value["rank"])


@dataclass(slots=True)
class Sheet:
    """The cases of one triage, so far.

    Attributes:
        about: what was asked of whom; the same for the same.
        left_out: cases that were not judged, by the reason.
    """

    folder: Path
    about: Mapping[str, Any]
    rows: list[Judged] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)

    @classmethod
    def open(cls, folder: Path, about: Mapping[str, Any], *, keeps: bool = False) -> "Sheet":
        """The sheet of a triage that was stopped, if it asked the same of the same; else a new one.

        Args:
            folder: its own.
            about: what is asked of whom.
            keeps: whether one that came to its end is gone on with as well, as new cases come.

        Raises:
            TriageFolderError: it cannot be written to.
        """
        about = dict(about) | {"fingerprint": fingerprint(about)}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            rows = _rows(folder, about["fingerprint"], keeps=keeps)
            if rows is None:
                (folder / "cases.jsonl").unlink(missing_ok=True)
            sheet = cls(folder, about, rows or [])
            sheet._write({})
        except OSError as error:
            raise _unwritable(folder, error) from error
        return sheet

    @property
    def summary(self) -> Summary:
        """What all of it comes to."""
        return summed_up([one.verdict for one in self.rows])

    @property
    def chart(self) -> Path:
        """Where it is drawn."""
        return self.folder / "chart.png"

    def add(self, row: Judged) -> None:
        """Keep a case at once."""
        self.rows.append(row)
        line = json.dumps(row.as_json(), ensure_ascii=False) + "\n"
        try:
            with (self.folder / "cases.jsonl").open("a", encoding="utf-8") as file:
                file.write(line)
        except OSError as error:
            raise _unwritable(self.folder, error) from error

    def finish(self) -> None:
        """Write down that it came to its end."""
        try:
            self._write({DONE: True} | self.value())
        except OSError as error:
            raise _unwritable(self.folder, error) from error

    def value(self) -> dict[str, Any]:
        """The whole of it, but for the cases."""
        summary = self.summary
        return {
            "kinds": dict(summary.kinds),
            "ways": dict(summary.ways),
            "best": list(summary.best),
            "failing": summary.failing,
            "left_out": self.left_out,
            "folder": str(self.folder),
        }

    def _write(self, value: Mapping[str, Any]) -> None:
        text = json.dumps({**self.about, **value}, ensure_ascii=False, indent=2)
        write_whole(self.folder / "triage.json", text)


def _rows(folder: Path, wanted: str, *, keeps: bool) -> list[Judged] | None:
    """The cases of a triage that can be gone on with; None where there is none."""
    try:
        about = json.loads((folder / "triage.json").read_text(encoding="utf-8"))
        lines = lines_of((folder / "cases.jsonl").read_text(encoding="utf-8"))
        if (about.get(DONE) and not keeps) or about.get("fingerprint") != wanted:
            return None
        # The last line of one that was killed may be cut short.
        return [Judged.from_json(json.loads(line)) for line in lines[:-1]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _unwritable(folder: Path, error: OSError) -> TriageFolderError:
    return TriageFolderError(
        f"{folder} cannot be written: {error.strerror}.", what_to_do="Check free space and rights."
    )
