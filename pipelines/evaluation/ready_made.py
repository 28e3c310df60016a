"""Sets that bring their own knowledge: folders of public data, and an invented company.

A public set is a folder with `corpus.jsonl` (`_id`, `text`, and perhaps `title`) and either
`queries.jsonl` (`text`, `gold`, and perhaps `lang`, `answers`, `gold_other_lang`) or `tasks.jsonl`
(`input`, the turns of a dialogue, and `gold`, a list that is empty where nothing answers).
"""

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from knowledge.articles import EVERYONE, Article, Audience
from knowledge.errors import UsageError
from knowledge.examples.generate import generate
from knowledge.language import language_of
from knowledge.sources import Content, Entry, Notes, Source, files
from pipelines.evaluation.cases import Case, CaseSet, Said, distinct

SOURCE = "set"
"""The name of the one source of a set's own knowledge."""
SEED = 7
_CORPUS, _QUERIES, _TASKS = "corpus.jsonl", "queries.jsonl", "tasks.jsonl"
_PEOPLE = ("user", "human", "person")


class SetError(UsageError):
    """A folder is no set of questions."""


class PublicSet:
    """Texts and questions of a public set.

    Raises:
        SetError: the folder is not one, or a line of it is wrong.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        missing = [] if (folder / _CORPUS).is_file() else [_CORPUS]
        if not any((folder / name).is_file() for name in (_QUERIES, _TASKS)):
            missing.append(f"{_QUERIES} or {_TASKS}")
        if missing:
            raise SetError(
                f"{folder} is no set of questions: {' and '.join(missing)} is missing.",
                what_to_do="Name such a folder, or a table: tertulia eval template prints one.",
            )

    @property
    def name(self) -> str:
        """Of the folder."""
        return self._folder.resolve().name

    def cases(self) -> CaseSet:
        """Its questions."""
        queries = self._folder / _QUERIES
        if queries.is_file():
            found = [_of_query(row) for row in _rows(queries)]
        else:
            found = [_of_task(row) for row in _rows(self._folder / _TASKS)]
        if not found:
            raise SetError(f"{self._folder} holds no question.", what_to_do="Name another set.")
        return CaseSet(self.name, distinct(found))

    def source(self) -> Source:
        """Its texts."""
        return _Corpus(self._folder / _CORPUS)


class Company:
    """An invented bilingual company, written once into a folder, and its questions."""

    def __init__(self, folder: Path, pages: int, *, seed: int = SEED) -> None:
        self._folder, self._pages, self._seed = folder, pages, seed

    @property
    def name(self) -> str:
        """With its size."""
        return f"invented company of {self._pages} pages"

    def cases(self) -> CaseSet:
        """Its questions; the pages are written where they are not there yet."""
        file = self._folder / "questions.jsonl"
        if not file.is_file():  # written last, so a half-written company is written anew
            for path in sorted(self._folder.rglob("*"), reverse=True):
                path.rmdir() if path.is_dir() else path.unlink()
            generate(self._folder / "pages", pages=self._pages, seed=self._seed)
        return CaseSet(self.name, tuple(_of_company(row) for row in _rows(file)))

    def source(self) -> Source:
        """Its pages."""
        pages = self._folder / "pages"
        return files.build(name=SOURCE, path=pages, audience=Audience.of(EVERYONE))


class _Corpus:
    """The texts of a public set as articles that everybody may read."""

    has_own_audiences = False

    def __init__(self, path: Path) -> None:
        self.name, self.audience = SOURCE, Audience.of(EVERYONE)
        self._rows = {str(row["_id"]): row for row in _rows(path)}

    async def entries(self, _since: str, _notes: Notes, /) -> AsyncIterator[Entry]:
        """All texts."""
        for path, row in self._rows.items():
            yield Entry(path, _hash(row))

    async def existing(self) -> AsyncIterator[str]:
        """The ids of all texts."""
        for path in self._rows:
            yield path

    async def content_hash(self, entry: Entry) -> str:
        """Of the row."""
        return _hash(self._rows[entry.path])

    async def read(self, entry: Entry) -> Content:
        """One text."""
        row = self._rows[entry.path]
        title = str(row.get("title", "")).replace("_", " ")
        language = str(row.get("lang") or language_of(row["text"]))
        article = Article(f"{SOURCE}:{entry.path}", title, row["text"], language, self.audience)
        return Content(article, _hash(row))

    async def close(self) -> None:
        """Nothing is open."""


def _hash(row: Mapping[str, Any]) -> str:
    return sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()[:32]


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SetError(
            f"{path} cannot be read: {error}.", what_to_do="Name another set."
        ) from error
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
        except ValueError as error:
            raise _wrong(path, number) from error
        if not isinstance(row, dict) or not _KEYS[path.name] <= row.keys():
            raise _wrong(path, number)
        yield row


_KEYS = {
    _CORPUS: {"_id", "text"},
    _QUERIES: {"text", "gold"},
    _TASKS: {"input", "gold"},
    "questions.jsonl": {"text", "kind", "gold", "answer_keys", "language"},
}
"""What each line of a file must have."""


def _wrong(path: Path, number: int) -> SetError:
    return SetError(
        f"{path}, line {number}, is not of the right form.",
        what_to_do=f"It must be a JSON object with: {', '.join(sorted(_KEYS[path.name]))}.",
    )


def _of_query(row: Mapping[str, Any]) -> Case:
    answers = tuple(str(answer) for answer in row.get("answers", ()))
    gold = dict.fromkeys(filter(None, (row["gold"], row.get("gold_other_lang"))))
    return Case(
        question=row["text"],
        facts=(answers,) if answers else (),
        sources=tuple(f"{SOURCE}:{page}" for page in gold),
        language=row.get("lang", ""),
        kind=row.get("lang", ""),
    )


def _of_task(row: Mapping[str, Any]) -> Case:
    """The last turn of a dialogue; what is too vague to be answered is not judged."""
    *before, last = row["input"]
    kind = str(row.get("answerability", "")).lower()
    return Case(
        question=last["text"],
        sources=tuple(f"{SOURCE}:{page}" for page in row["gold"]),
        is_refused=not row["gold"] and kind != "underspecified",
        kind=kind,
        before=tuple(Said(turn["text"], turn["speaker"] not in _PEOPLE) for turn in before),
    )


def _of_company(row: Mapping[str, Any]) -> Case:
    """The keys of a list are facts of their own, else they are wordings of one."""
    keys, kind = tuple(row["answer_keys"]), row["kind"]
    alone = (keys,) if keys else ()
    return Case(
        question=row["text"],
        facts=tuple((key,) for key in keys) if kind == "complete_list" else alone,
        sources=tuple(f"{SOURCE}:{page}" for page in row["gold"]),
        is_refused=kind == "not_found",
        language=row["language"],
        kind=kind.replace("_", " "),
    )
