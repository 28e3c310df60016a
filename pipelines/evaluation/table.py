"""Reads a team's own table of questions: a CSV file as any spreadsheet writes it."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from knowledge.articles import EVERYONE
from knowledge.errors import UsageError
from pipelines.evaluation import columns
from pipelines.evaluation.cases import Case, CaseSet, Said, distinct

DELIMITERS = ",;\t"
LANGUAGES = {"en": "en", "english": "en", "ingles": "en", "inglés": "en"}
LANGUAGES |= {"es": "es", "spanish": "es", "espanol": "es", "español": "es", "castellano": "es"}
MOST_MISTAKES = 10
MOST_BYTES = 50_000_000
WHAT_TO_DO = "See how such a file looks: tertulia eval template"


class QuestionFileError(UsageError):
    """A table of questions cannot be read; the message has a line for each mistake."""


class _WrongRowError(Exception):
    """What is wrong with one row."""


@dataclass(frozen=True, slots=True)
class _Table:
    """Rows with the lines on which they end."""

    head: Sequence[str]
    rows: Sequence[tuple[int, Sequence[str]]]

    @property
    def known(self) -> dict[str, int]:
        """The place of each of our columns; the first one of several with a name."""
        places = [(columns.column_of(name), n) for n, name in enumerate(self.head)]
        return {column: n for column, n in reversed(places) if column}


def read_table(path: Path, *, is_reader: Callable[[str], bool]) -> CaseSet:
    """The questions of a CSV file.

    Commas, semicolons or tabs; UTF-8 with or without a byte order mark, UTF-16 or what Excel calls
    ANSI; headers in English or Spanish.

    Args:
        path: of the file.
        is_reader: whether a name of the column `as` is of the right form.

    Raises:
        QuestionFileError: no such file, no questions, or rows that are wrong: all at once.
    """
    table = _parsed(_text(path), path)
    known = table.known
    mistakes: list[str] = []
    cases: list[Case] = []
    for line, row in table.rows:
        values = {c: row[n].strip() for c, n in known.items() if n < len(row)}
        if not any(values.values()):
            continue
        try:
            cases.append(_case(values, is_reader))
        except _WrongRowError as error:
            mistakes.append(f"{path}, line {line}: {error}")
    if mistakes:
        more = len(mistakes) - MOST_MISTAKES
        rest = [f"... and {more} more."] if more > 0 else []
        raise QuestionFileError(
            "\n".join([*mistakes[:MOST_MISTAKES], *rest]), what_to_do=WHAT_TO_DO
        )
    if not cases:
        raise QuestionFileError(f"There is no question in {path}.", what_to_do=WHAT_TO_DO)
    return CaseSet(path.name, distinct(cases))


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise QuestionFileError(
                f"{path} has more than {MOST_BYTES // 1_000_000} MB.",
                what_to_do="Name a table of questions.",
            )
        content = path.read_bytes()
    except OSError as error:
        raise QuestionFileError(
            f"{path} cannot be read: {error.strerror}.", what_to_do=WHAT_TO_DO
        ) from error
    if b"\0" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise QuestionFileError(
            f"{path} is no table of text.", what_to_do="Save it as CSV (UTF-8) and name that file."
        )
    return _decoded(content)


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _parsed(text: str, path: Path) -> _Table:
    """The rows, cut at the delimiter that gives the most columns of ours."""
    if not text.strip():
        raise QuestionFileError(f"{path} is empty.", what_to_do=WHAT_TO_DO)
    tables = {delimiter: _cut(text, delimiter) for delimiter in DELIMITERS}
    best = max(tables, key=lambda one: (len(tables[one].known), len(tables[one].head)))
    # A quotation mark that is never closed would swallow the rows behind it.
    table = _cut(text, best, is_strict=True)
    if misspelt := columns.misspelt(table.head):
        name, right = misspelt
        raise QuestionFileError(
            f"{path} has a column '{name}', which is none of ours. Is it '{right}'?",
            what_to_do=WHAT_TO_DO,
        )
    if columns.QUESTION not in table.known:
        raise QuestionFileError(
            f"{path} has no column 'question'. Its first line names: {', '.join(table.head)}.",
            what_to_do=f"Columns: {', '.join(columns.COLUMNS)}. Only the first is needed. "
            f"{WHAT_TO_DO}",
        )
    return table


def _cut(text: str, delimiter: str, *, is_strict: bool = False) -> _Table:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=is_strict)
    try:
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise QuestionFileError(
            f"Line {reader.line_num} cannot be read: {error}.", what_to_do=WHAT_TO_DO
        ) from error
    head = [name.strip() for name in rows[0][1]] if rows else []
    return _Table(head, rows[1:])


def _case(values: Mapping[str, str], is_reader: Callable[[str], bool]) -> Case:
    question = values.get(columns.QUESTION, "")
    if not question:
        raise _WrongRowError("the question is missing.")
    kind = values.get(columns.KIND, "")
    facts = _facts(values.get(columns.ANSWER, ""))
    sources = tuple(_parts(values.get(columns.SOURCE, "")))
    is_refused = columns.is_refused(kind)
    if is_refused and (facts or sources):
        raise _WrongRowError(f"kind '{kind}' means that there is no answer, and one is given.")
    return Case(
        question=question,
        facts=facts,
        sources=sources,
        is_refused=is_refused,
        language=_language(values.get(columns.LANGUAGE, "")),
        readers=_readers(values.get(columns.READERS, ""), is_reader),
        kind=kind,
        before=tuple(Said(text) for text in _parts(values.get(columns.BEFORE, ""))),
    )


def _facts(text: str) -> tuple[tuple[str, ...], ...]:
    """`25 days // 25 días | Marta` is two facts, the first in two wordings."""
    found = (tuple(w.strip() for w in fact.split("//") if w.strip()) for fact in text.split("|"))
    return tuple(wordings for wordings in found if wordings)


def _parts(text: str) -> Iterator[str]:
    return (part.strip() for part in text.split("|") if part.strip())


def _language(text: str) -> str:
    if text and text.casefold() not in LANGUAGES:
        raise _WrongRowError(f"the language is '{text}'. Right: en or es.")
    return LANGUAGES.get(text.casefold(), "")


def _readers(text: str, is_reader: Callable[[str], bool]) -> tuple[str, ...]:
    """Who reads the answer; `todos` is everybody, as `everyone` is."""
    names = tuple(EVERYONE if name.casefold() == "todos" else name for name in _parts(text))
    wrong = [name for name in names if name != EVERYONE and not is_reader(name)]
    if wrong:
        raise _WrongRowError(
            f"'{wrong[0]}' is nobody. Right: {EVERYONE}, or a person such as terminal:ana."
        )
    return names
