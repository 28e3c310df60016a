"""Invents a bilingual company of any size, with questions whose answers are known.

    python -m knowledge.examples.generate FOLDER --pages 1000 --seed 7

The same size and seed give the same bytes. Pages go to FOLDER, the questions to `questions.jsonl`
beside it.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from knowledge.examples.company.families import FAMILY_SIZE, Plan, family, plan
from knowledge.examples.company.pages import Page, rendered
from knowledge.examples.company.questions import KINDS, Company, Question, write_questions
from knowledge.examples.company.values import Values, name

_MOST_QUESTIONS_OF_A_KIND = 500


def generate(folder: Path, *, pages: int, seed: int) -> Company:
    """Write a company and say what can be asked about it.

    Args:
        folder: where the pages go; it must be new or empty.
        pages: at least 4; every kind of question occurs from 28 on, every kind in every pair of
            languages from 112 on.
        seed: another seed gives another company.

    Raises:
        ValueError: too few pages.
        FileExistsError: there is something in the folder.
    """
    if pages < FAMILY_SIZE:
        raise ValueError(f"A company has at least {FAMILY_SIZE} pages, not {pages}.")
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(f"There is something in {folder}. Name a new or empty folder.")
    questions = tuple(_write(folder, _plans(pages, seed), Values(seed), seed))
    file = folder.parent / "questions.jsonl"
    write_questions(file, questions)
    return Company(folder=folder, questions_file=file, pages=pages, seed=seed, questions=questions)


def _plans(pages: int, seed: int) -> Iterator[Plan]:
    """All families; the last one has the pages that are left over as further siblings."""
    families, left = divmod(pages, FAMILY_SIZE)
    for number in range(families):
        size = FAMILY_SIZE + (left if number == families - 1 else 0)
        yield plan(number, size=size, seed=seed, families=families)


def _write(folder: Path, plans: Iterator[Plan], values: Values, seed: int) -> Iterator[Question]:
    """Write family after family and give the questions that are kept."""
    for shared in plans:
        stranger = name(shared.families + shared.number, seed=seed)
        written, question = family(shared, values, stranger=stranger)
        for page in written:
            _save(folder, page)
        if shared.number // len(KINDS) % _every(shared.families) == 0:
            yield question


def _every(families: int) -> int:
    """Of how many families one is asked about; odd, so that all pairs of languages occur."""
    return max(1, families // len(KINDS) // _MOST_QUESTIONS_OF_A_KIND) | 1


def _save(folder: Path, page: Page) -> None:
    path = folder / page.path
    if not path.parent.exists():
        path.parent.mkdir(parents=True)
    path.write_text(rendered(page), encoding="utf-8", newline="\n")


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and write the company."""
    parser = argparse.ArgumentParser(description="Invent a bilingual company with known answers.")
    parser.add_argument("folder", type=Path, help="where the pages go; new or empty")
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=7)
    wanted = parser.parse_args(arguments)
    try:
        company = generate(wanted.folder, pages=wanted.pages, seed=wanted.seed)
    except (ValueError, FileExistsError) as error:
        parser.error(str(error))
    print(f"Wrote {company.pages} pages to {company.folder}")
    print(f"and {len(company.questions)} questions to {company.questions_file}.")


if __name__ == "__main__":
    main()
