"""Who speaks: a persona is one Markdown file, a header and the prompt."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipelines.mistakes import Mistake
from pipelines.personas import body, header
from pipelines.personas.body import OVERRIDES, Sections
from pipelines.personas.examples import Example
from pipelines.personas.files import Family, Written, family, places
from pipelines.personas.mistakes import PersonaError, told
from pipelines.personas.offered import Offered, mistakes_in_sources, mistakes_in_tools
from pipelines.personas.voice import Voice

__all__ = ["Example", "Offered", "Persona", "PersonaError", "load", "names"]

USUAL, PLAIN = Sections(), Voice()
"""What holds where a file says nothing: the rules of the prompt, and no manner of speaking."""
ANYTHING = Offered()
"""Whatever a persona names: nobody looks whether it is there."""


@dataclass(frozen=True, slots=True)
class Persona:
    """A prompt and how the model is to be run with it.

    Attributes:
        prompt: the role: what the prompt begins with.
        version: the hash of the whole file and of those that it extends.
        languages: those that it answers in.
        max_answer_tokens: the longest answer, in the model's tokens, its thoughts included.
        answer_length: `short`, `medium` or `long`, where the header says it in a word.
        model: the setting of its model, such as `ollama:qwen2.5:7b`; empty for that of all.
        think: whether the model thinks before it answers; None leaves it to the server.
        tools: the names of those that its model may call.
        sources: the names of those that are read for its answers, which may be none; None is all.
        sections: what stands in place of the usual rules.
        examples: turns that the model reads before the question.
        schema: of the form that it fills in instead of answering; None where it answers.
        small_talk: whether it returns greetings and thanks.
        seed: of what is left to chance; None leaves it to the server. No file sets it.
    """

    name: str
    prompt: str
    version: str
    languages: tuple[str, ...] = header.LANGUAGES
    temperature: float = 0.0
    max_answer_tokens: int = 220
    answer_length: str = ""
    model: str = ""
    think: bool | None = None
    tools: tuple[str, ...] = ()
    sources: tuple[str, ...] | None = None
    sections: Sections = USUAL
    examples: tuple[Example, ...] = ()
    voice: Voice = PLAIN
    schema: Mapping[str, Any] | None = None
    small_talk: bool = False
    seed: int | None = None

    @property
    def only_language(self) -> str:
        """What it answers in, whatever it is asked in; empty where it follows the asker."""
        return header.only_of(self.languages)


def names(team: Path | None = None) -> list[str]:
    """All personas there are.

    Args:
        team: a folder with the team's own ones; these come before ours of the same name.
    """
    return sorted(places(team))


def load(
    name: str,
    team: Path | None = None,
    *,
    file: Path | None = None,
    offered: Offered = ANYTHING,
) -> Persona:
    """The persona of this name, with all that it inherits.

    Args:
        name: of the persona.
        team: a folder with the team's own ones.
        file: another file that is read in place of the one in use, to try it.
        offered: the tools and sources that it may name.

    Raises:
        PersonaError: there is no such file, or something is wrong with it or with one that it
            extends; everything that is wrong is named.
    """
    found = family(name, team, file)
    lines, texts = _inherited(found.files)
    if mistakes := [*_mistakes(found, offered), *_without_a_role(found, texts)]:
        raise told(mistakes)
    overrides = Sections(**{key: texts[key] for key in OVERRIDES if key in texts})
    return Persona(
        name=name,
        prompt=texts["role"],
        version=_version(found.files),
        sections=overrides,
        **header.values(lines),
    )


def _mistakes(found: Family, offered: Offered) -> Iterator[Mistake]:
    """What is wrong with the files, and with what they name."""
    yield from found.mistakes
    for one in found.files:
        yield from one.mistakes
        yield from header.mistakes(one.name, one.header, one.lines)
        yield from body.mistakes(one.name, one.body)
    for line, check in (("tools", mistakes_in_tools), ("sources", mistakes_in_sources)):
        nearest = next((one for one in found.files if line in one.header), None)
        # What is no list of names is told by the check of the header.
        if nearest and header.is_texts(nearest.header[line]):
            yield from check(nearest.name, nearest.header[line], offered)


def _without_a_role(found: Family, texts: Mapping[str, str]) -> Iterator[Mistake]:
    """That nobody says who it is; where a file cannot be read, it may say so there."""
    is_whole = not found.mistakes and all(one.is_readable for one in found.files)
    if "role" not in texts and is_whole:
        name = found.files[0].name
        yield Mistake(f"Persona '{name}' has no role.", "Write who it is below the header.")


def _inherited(files: Sequence[Written]) -> tuple[dict[str, object], dict[str, str]]:
    """The lines of the headers and the sections, each from the nearest file that has it."""
    lines: dict[str, object] = {}
    texts: dict[str, str] = {}
    for one in reversed(files):
        lines |= one.header
        texts |= body.sections(one.body)
    return lines, texts


def _version(files: Sequence[Written]) -> str:
    return sha256("\0".join(one.text for one in files).encode()).hexdigest()[:12]
