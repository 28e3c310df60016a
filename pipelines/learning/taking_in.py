"""Rows that a team brings along become examples: without personal data, for curators to see."""

from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import cast

from knowledge.articles import EVERYONE, Audience
from knowledge.conversations import now
from knowledge.learning_examples import Example
from pipelines.learning.formats import Format
from pipelines.learning.redaction import RedactionError, Redactor
from pipelines.learning.row_files import Row, WrongRowsError, read_rows


def taken_in(path: Path, form: str, redactor: Redactor, terms: str, curator: str) -> list[Example]:
    """The rows of a file as examples.

    Args:
        path: a file of rows.
        form: one of the formats.
        redactor: takes personal data out.
        terms: on which the rows may be used, in the words of who brings them.
        curator: who brings them.

    Raises:
        WrongRowsError: a row is wrong, or holds personal data that cannot be taken out.
    """
    moment = now()
    consent = {"imported_by": curator, "terms": terms, "at": moment.isoformat()}
    found = {}
    for row in read_rows(path, cast("Format", form)):
        try:
            example = _example(row, path, redactor, consent, moment)
        except RedactionError as error:
            raise WrongRowsError(
                f"{path}, line {row.line}: {error}", what_to_do="Take that row out."
            ) from error
        found[example.id] = example
    return list(found.values())


def _example(
    row: Row, path: Path, redactor: Redactor, consent: dict[str, str], moment: datetime
) -> Example:
    said = [one["content"] for one in row.messages]
    texts = redactor.redacted([*said, row.rejected]).texts
    name = sha256("\n".join([*said, row.rejected, str(row.label)]).encode()).hexdigest()
    turns = tuple(
        {"role": one["role"], "content": text}
        for one, text in zip(row.messages, texts, strict=False)
    )
    return Example(
        f"I-{name[:10].upper()}",
        "answer",
        turns,
        Audience.of(EVERYONE),
        provenance={"file": path.name, "line": row.line, "content": name},
        consent=consent,
        given=texts[-1],
        opinion="" if row.label is None else "up" if row.label else "down",
        asked_at=moment,
        made_at=moment,
    )
