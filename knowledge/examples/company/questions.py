"""What is asked about a company, with the answers."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

Language = Literal["en", "es"]
Kind = Literal[
    "single_fact",
    "paraphrase",
    "long_document",
    "qualified",
    "conflicting",
    "complete_list",
    "not_found",
]
LANGUAGES: tuple[Language, ...] = ("en", "es")
KINDS: tuple[Kind, ...] = (
    "single_fact",
    "paraphrase",
    "long_document",
    "qualified",
    "conflicting",
    "complete_list",
    "not_found",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question with its known answer.

    Args:
        answer_keys: one of them stands in a right answer; in one to a `complete_list` all do.
            Empty where no page answers.
        gold: the pages that answer, relative to the folder.
        page_language: of the gold page; empty where there is none.
        absent: strings that stand in no page; only for `not_found`.
    """

    id: str
    kind: Kind
    language: Language
    text: str
    answer_keys: tuple[str, ...] = ()
    gold: tuple[str, ...] = ()
    page_language: Language | Literal[""] = ""
    absent: tuple[str, ...] = ()

    def is_answered_by(self, answer: str) -> bool:
        """Whether an answer holds the keys, whatever else it says; never for `not_found`."""
        said = " ".join(answer.casefold().split())
        found = [key.casefold() in said for key in self.answer_keys]
        return bool(found) and (all(found) if self.kind == "complete_list" else any(found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A generated company: its folder of pages, and what can be asked about it."""

    folder: Path
    questions_file: Path
    pages: int
    seed: int
    questions: tuple[Question, ...]


def write_questions(file: Path, questions: tuple[Question, ...]) -> None:
    """One JSON object a line."""
    lines = [json.dumps(asdict(question), ensure_ascii=False) for question in questions]
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
