"""What personas may name: the tools and the sources that there are."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from pipelines.mistakes import MOST_TOLD, Mistake


@dataclass(frozen=True, slots=True)
class Offered:
    """What there is to be named.

    Attributes:
        tools: the names of those that there are; None where nobody knows, so that all may be.
        unset: those that would be there with settings: the table in `tertulia.toml` of each.
        sources: tells the names of those that there are, or None as above; it is asked where a
            persona names some.
    """

    tools: Collection[str] | None = None
    unset: Mapping[str, str] = field(default_factory=dict)
    sources: Callable[[], Collection[str] | None] = lambda: None


def mistakes_in_tools(name: str, named: Sequence[str], offered: Offered) -> Iterator[Mistake]:
    """Tools that there are not, and those that are not set up.

    Args:
        name: of the file that names them.
        named: the names of tools.
        offered: what there is.
    """
    if offered.tools is None:
        return
    unset = {one: offered.unset[one] for one in named if one in offered.unset}
    if unset:
        yield Mistake(
            f"Persona '{name}' names tools that are not set up: {', '.join(unset)}.",
            f"Add {' and '.join(dict.fromkeys(unset.values()))} to tertulia.toml; "
            "docs/tools.md says what stands in it.",
        )
    yield from _unknown(name, "tools", [one for one in named if one not in unset], offered.tools)


def mistakes_in_sources(name: str, named: Sequence[str], offered: Offered) -> Iterator[Mistake]:
    """Sources that there are not.

    Args:
        name: of the file that names them.
        named: the names of sources.
        offered: what there is.
    """
    known = offered.sources() if named else None
    if known is not None:
        yield from _unknown(name, "sources", named, known)


def _unknown(
    name: str, what: str, named: Sequence[str], known: Collection[str]
) -> Iterator[Mistake]:
    unknown = list(dict.fromkeys(one for one in named if one not in known))[:MOST_TOLD]
    if not unknown:
        return
    near = {one: get_close_matches(one, known, n=1, cutoff=0.5) for one in unknown}
    meant = [f"'{right[0]}' for '{one}'" for one, right in near.items() if right]
    yield Mistake(
        f"Persona '{name}' names {what} that there are not: {', '.join(unknown)}.",
        (f"Did you mean {', '.join(meant)}? " if meant else "")
        + f"There are: {', '.join(sorted(known)) or 'none'}.",
    )
