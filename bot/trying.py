"""Tries a new version of a persona on questions with known answers, beside the one in use.

What proves better is kept as a candidate, a folder with the file and how it was measured. It
never goes live by itself: whoever lets it live copies the file to the team's personas.
"""

import asyncio
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfile
from typing import Any

from bot.app import App
from bot.evaluating import Outcome, Progress, Wish, evaluate
from bot.home_folder import make_folder
from bot.settings import Settings
from knowledge.errors import OperatorError, UsageError, suggestion
from pipelines import personas
from pipelines.personas import Persona

BETTER = "better"
QUESTIONS = "questions"


class TrialError(UsageError):
    """There is nothing to try, or nothing to try it on."""


class CandidateError(OperatorError):
    """A candidate cannot be written."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Two runs over the same questions.

    Attributes:
        before: of the version in use.
        after: of the version that was tried, compared with the other one; None where somebody
            stopped it before that.
        kept: the folder of the candidate; None where it is not better.
    """

    before: Outcome
    after: Outcome | None
    kept: Path | None = None

    @property
    def is_interrupted(self) -> bool:
        """Whether somebody stopped it."""
        return self.after is None or self.after.is_interrupted

    def as_json(self) -> dict[str, Any]:
        """The value that `tertulia prompt try --json` prints."""
        return {
            "before": self.before.as_json(),
            "after": self.after.as_json() if self.after else None,
            "kept": str(self.kept) if self.kept else None,
        }


async def tried(settings: Settings, file: Path, wish: Wish, *, progress: Progress) -> Trial:
    """Ask the version in use, then the one in a file, and keep the file where it is better.

    Args:
        settings: as always.
        file: of the new version.
        wish: what is asked, and of whom; `persona` is the version in use.
        progress: takes a line about how far it is.

    Raises:
        TertuliaError: one of the two cannot be used, or nothing can be asked.
    """
    new = await _new(settings, file, wish.persona)
    before = await evaluate(settings, wish, progress=progress)
    if before.is_interrupted:
        return Trial(before, None)
    name = file.stem
    second = replace(wish, persona=name, file=file, against=before.run.name)
    after = await evaluate(settings, second, progress=progress)
    found = after.comparison
    is_better = found is not None and found.verdict == BETTER and not after.is_interrupted
    kept = await asyncio.to_thread(_kept, settings, file, new, after) if is_better else None
    return Trial(before, after, kept)


async def _new(settings: Settings, file: Path, used: str) -> Persona:
    """The new version, if it can be compared with the persona of this name."""
    await asyncio.to_thread(_look_at, file, used, settings.home.personas)
    async with App(settings) as app:
        new = await app.cast.read(file.stem, file)
    if new.version == personas.load(used, settings.home.personas).version:
        raise TrialError(
            f"{file} says just what persona '{used}' says already.",
            what_to_do="Name the file of a new version, or compare it with another persona: "
            "--against NAME",
        )
    return new


def _look_at(file: Path, used: str, team: Path | None) -> None:
    """Refuse what is no file of a persona, and a comparison with nobody."""
    if not file.is_file() or file.suffix != ".md":
        raise TrialError(
            f"{file} is no file of a persona.",
            what_to_do="Name a Markdown file: tertulia prompt try helpdesk.md",
        )
    if used not in (known := personas.names(team)):
        raise TrialError(
            f"There is no persona '{used}' to compare {file.name} with.",
            what_to_do=f"Name one with --against. {suggestion(used, known)}",
        )


def questions_for(name: str, settings: Settings) -> Path:
    """The team's questions for a persona: its own ones, else those for all.

    Raises:
        TrialError: there are none.
    """
    own = settings.home.personas
    places = [own / QUESTIONS / f"{name}.csv", own / f"{QUESTIONS}.csv"] if own else []
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        where = " and no ".join(map(str, places)) or "no EXTENSIONS_DIR with questions"
        raise TrialError(
            f"There is no {where}." if places else f"There is {where}.",
            what_to_do="Name a table: --questions questions.csv (tertulia eval template).",
        )
    return found


def _kept(settings: Settings, file: Path, new: Persona, after: Outcome) -> Path:
    """The candidate's folder, with the file as it was measured."""
    if personas.load(new.name, settings.home.personas, file=file).version != new.version:
        raise TrialError(
            f"{file} was edited while it was tried, so that nothing is known of it.",
            what_to_do="Try it once more.",
        )
    folder = settings.home.candidates / "prompts" / f"{new.name}-{new.version}"
    about = {
        "kind": "prompt",
        "persona": new.name,
        "version": new.version,
        "in_place_of": after.older.about["settings"].get("prompt_version") if after.older else None,
        "run": after.run.name,
        "against": after.as_json()["against"],
        "kept_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    try:
        make_folder(folder)
        copyfile(file, folder / file.name)
        text = json.dumps(about, ensure_ascii=False, indent=2)
        (folder / "candidate.json").write_text(text, encoding="utf-8")
    except OSError as error:
        raise CandidateError(
            f"The candidate could not be written to {folder}: {error.strerror}.",
            what_to_do="Make room there, or let Tertulia write there.",
        ) from error
    return folder
