"""Places that an operator has named for a tool, each with those who may see it."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TypeVar

from knowledge.articles import EVERYONE, Audience
from pipelines.tool import Caller, CannotError
from pipelines.tool_settings import Readers, Table


class NamedPlace(Table):
    """What is said of each place.

    Attributes:
        about: a line for the model.
        audience: who may see what is there.
    """

    about: str = ""
    audience: Readers


class WritablePlace(NamedPlace):
    """One where something can be changed, too.

    Attributes:
        writers: who may do that; nobody where it is left out.
    """

    writers: Readers | None = None


SomePlace = TypeVar("SomePlace", bound=NamedPlace)
SomeWritable = TypeVar("SomeWritable", bound=WritablePlace)


def chosen(name: str, places: Mapping[str, SomePlace], caller: Caller) -> tuple[str, SomePlace]:
    """The place that a model means, of those that all who read the reply may see.

    Args:
        name: as the model wrote it; empty for the only one.
        places: all that there are, by their names.
        caller: for whom.

    Raises:
        CannotError: there is none; names those that there are for these readers.
    """
    seen = seen_by(caller, places)
    folded = {one.casefold(): one for one in seen}
    wanted = name.strip().casefold()
    if not wanted and len(seen) == 1:
        wanted = next(iter(folded))
    if wanted in folded:
        return folded[wanted], seen[folded[wanted]]
    near = get_close_matches(wanted, folded, n=1, cutoff=0.6)
    meant = f" Did you mean {folded[near[0]]}?" if near else ""
    raise CannotError(f"Say which one.{meant} There are: {listed(seen)}.")


def chosen_to_change(
    name: str, places: Mapping[str, SomeWritable], caller: Caller
) -> tuple[str, SomeWritable]:
    """The same for who wants to change something there, wherever they ask.

    Raises:
        CannotError: there is none, or whoever asks may not write there.
    """
    found, place = chosen(name, places, caller)
    writers = place.writers
    is_named = writers is not None and caller.person in writers.principals
    if writers is None or not (is_named or writers.admits(caller.audience)):
        raise CannotError("Whoever asks may not write there.")
    return found, place


def seen_by(caller: Caller, places: Mapping[str, SomePlace]) -> dict[str, SomePlace]:
    """Those that all who read the reply may see.

    Raises:
        CannotError: there are none.
    """
    seen = {n: one for n, one in places.items() if one.audience.admits(caller.audience)}
    if not seen:
        raise CannotError("Nothing of this may be seen here.")
    return seen


def listed(places: Mapping[str, SomePlace]) -> str:
    """Places with what is said of them, on one line."""
    return "; ".join(f"{n} ({one.about})" if one.about else n for n, one in places.items())


def open_to_all(places: Mapping[str, SomePlace]) -> dict[str, SomePlace]:
    """Those that everybody may know of, wherever somebody asks."""
    everyone = Audience.of(EVERYONE)
    return {name: one for name, one in places.items() if one.audience.admits(everyone)}
