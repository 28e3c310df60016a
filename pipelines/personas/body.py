"""The body of a persona's file: the role, and sections that take the place of the usual ones."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from difflib import get_close_matches

from knowledge.words import fold
from pipelines.mistakes import Mistake

MOST_CHARACTERS = 12_000
"""Of a body: some 3,000 tokens, which leave little room for passages in small models."""
HEADINGS = {
    "role": ("role", "rol", "papel"),
    "style": ("style", "estilo"),
    "reasoning": ("reasoning", "how to reason", "razonamiento", "como razonar"),
    "citing": ("citing", "how to cite", "citas", "como citar"),
    "without_evidence": (
        "without evidence",
        "what to do without evidence",
        "sin evidencia",
        "que hacer sin evidencia",
    ),
}
"""The sections and what their headings may be, in English and Spanish, without accents."""
_SECTION_OF = {heading: section for section, names in HEADINGS.items() for heading in names}
_HEADING = re.compile(r"^##[ \t]+(.+)$", re.MULTILINE)
_FENCE = re.compile(r"^[ ]{0,3}(`{3,}|~{3,}).*?(?:^[ ]{0,3}\1|\Z)", re.MULTILINE | re.DOTALL)
_NEAR = 0.8


@dataclass(frozen=True, slots=True)
class Sections:
    """What stands in place of the usual rules of the prompt; what is empty stays usual."""

    style: str = ""
    reasoning: str = ""
    citing: str = ""
    without_evidence: str = ""


OVERRIDES = tuple(field.name for field in fields(Sections))


def sections(body: str) -> dict[str, str]:
    """The text of each section; the role is also what stands above the first heading.

    A heading that is none of ours is part of the text in which it stands.
    """
    found: dict[str, list[str]] = {"role": []}
    section, at = "role", 0
    for match in _headings(body):
        named = _SECTION_OF.get(fold(_title(match)))
        if named is None:
            continue
        found[section].append(body[at : match.start()].strip())
        section, at = named, match.end()
        found.setdefault(section, [])
    found[section].append(body[at:].strip())
    joined = {key: "\n\n".join(filter(None, texts)) for key, texts in found.items()}
    return {key: text for key, text in joined.items() if text}


def _headings(body: str) -> Iterator[re.Match[str]]:
    """Lines that are headings; in a block of code they are code."""
    fenced = [found.span() for found in _FENCE.finditer(body)]
    for match in _HEADING.finditer(body):
        if not any(start < match.start() < end for start, end in fenced):
            yield match


def _title(match: re.Match[str]) -> str:
    """A heading without the marks that may close it."""
    return match[1].rstrip().rstrip("#").rstrip()


def mistakes(name: str, body: str) -> Iterator[Mistake]:
    """Headings that are nearly ours, sections that stand twice or empty, a body that is too long.

    Args:
        name: of the file.
        body: all that stands below the header.
    """
    if len(body) > MOST_CHARACTERS:
        yield Mistake(
            f"The prompt of persona '{name}' has {len(body):,} characters.",
            f"Shorten it to {MOST_CHARACTERS:,}.",
        )
        return
    headings = [_title(match) for match in _headings(body)]
    for heading in headings:
        near = get_close_matches(fold(heading), _SECTION_OF, n=1, cutoff=_NEAR)
        if fold(heading) not in _SECTION_OF and near:
            yield Mistake(
                f"Persona '{name}' has a section '{heading}', which is none.",
                f"Did you mean '{near[0].capitalize()}'?",
            )
    named = [_SECTION_OF[fold(one)] for one in headings if fold(one) in _SECTION_OF]
    for section in dict.fromkeys(named):
        if named.count(section) > 1:
            yield Mistake(
                f"Persona '{name}' has the section '{section}' twice.", "Make one of the two."
            )
        elif not sections(body).get(section):
            yield Mistake(
                f"The section '{section}' of persona '{name}' is empty.",
                "Write something below its heading, or take the heading out.",
            )
