"""Knows the embedded models: file, size, hash, licence and where to get each one."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from knowledge.errors import suggestion
from pipelines.models.errors import UnknownModelError


@dataclass(frozen=True, slots=True)
class Wheels:
    """Python packages that carry a model's file in slices.

    Attributes:
        package: name with `{n}`, which counts from 1 to `parts`.
        member: how the name of the slice inside each wheel ends.
    """

    package: str
    version: str
    parts: int
    member: str

    def requirement(self, n: int) -> str:
        """What pip calls part `n`."""
        return f"{self.package.format(n=n)}=={self.version}"


@dataclass(frozen=True, slots=True)
class EmbeddedModel:
    """One model of the catalogue.

    Attributes:
        size: bytes of the file.
        sha256: of the whole file, in hexadecimal; the only thing that is trusted.
        context_tokens: the longest context it was made for.
        memory_mib: resident memory with a context of 4096 tokens.
        rewrites: whether it was measured to word follow-up questions so that more is found.
        doubts: whether it was measured to notice, asked again, that it chose a call in vain.
        page: the publisher's own download address; empty where there is none.
    """

    name: str
    summary: str
    file: str
    size: int
    sha256: str
    author: str
    licence: str
    context_tokens: int
    languages: tuple[str, ...]
    memory_mib: int
    rewrites: bool = False
    doubts: bool = False
    page: str = ""
    wheels: Wheels | None = None


def read(path: Path) -> Mapping[str, EmbeddedModel]:
    """The models of a catalogue file by name, in the order of the file."""
    with path.open("rb") as file:
        tables = tomllib.load(file)["models"]
    return {name: _model(name, table) for name, table in tables.items()}


def _model(name: str, table: Mapping[str, Any]) -> EmbeddedModel:
    wheels = Wheels(**table["wheels"]) if "wheels" in table else None
    values = {**table, "wheels": wheels, "languages": tuple(table["languages"])}
    return EmbeddedModel(name=name, **values)


@cache
def models() -> Mapping[str, EmbeddedModel]:
    """The catalogue that comes with Tertulia, best model first."""
    return read(Path(__file__).with_name("catalogue.toml"))


def entry(name: str) -> EmbeddedModel:
    """The model of this name.

    Raises:
        UnknownModelError: names the nearest one and all there are.
    """
    problem = problem_with(name)
    if problem:
        raise UnknownModelError(problem, what_to_do="`tertulia models` lists them.")
    return models()[name]


def problem_with(name: str) -> str | None:
    """What is wrong with a model's name and what would be right; None if nothing is."""
    if name in models():
        return None
    return f"There is no embedded model '{name}'. {suggestion(name, models())}"
