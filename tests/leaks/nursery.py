"""`python -m tests.leaks.nursery`: runs tests, each with one line of ours wrong.

Every run is a fork of one process that has imported pytest and the libraries already, so that it
costs the import of our own code and one test. Nothing is written to the checkout: the wrong line
exists in memory alone. In: a JSON list of `[file, before, after, killer]`; out: a status each.
"""

import json
import os
import signal
import sys
import traceback
from collections.abc import Iterable, Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from tempfile import mkdtemp
from types import CodeType, ModuleType
from typing import cast

import pytest

LIMIT_S = 120
AT_ONCE = 2
TESTS_FAILED = 1
NEVER_IMPORTED = 70
"""The status of a mutant whose test does not even import the file."""
BROKEN = 71
_OURS = ("bot", "pipelines", "knowledge", "tests", "docker")
_QUIETLY = ("-x", "-q", "-p", "no:cacheprovider", "-p", "no:cov", "-p", "no:xdist")
_LATE = ("-W", "ignore::pytest.PytestAssertRewriteWarning")  # plugins are imported already

Mutation = tuple[str, str, str, str]


class WrongLine(SourceFileLoader):
    """Reads a file as if something else stood in one place."""

    def __init__(self, name: str, path: str, before: str, after: str) -> None:
        super().__init__(name, path)
        self._before, self._after = before, after

    def get_code(self, fullname: str) -> CodeType:
        text = Path(self.path).read_text(encoding="utf-8").replace(self._before, self._after)
        return compile(text, self.path, "exec")


class Finder(MetaPathFinder):
    """Finds one module with a wrong line in it, and leaves all others to Python."""

    def __init__(self, file: str, before: str, after: str) -> None:
        self._name = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        self._before, self._after = before, after
        self.was_asked = False

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != self._name:
            return None
        spec = PathFinder.find_spec(name, path, target)
        assert spec
        assert spec.origin
        spec.loader = WrongLine(name, spec.origin, self._before, self._after)
        self.was_asked = True
        return spec


def import_libraries() -> None:
    """Import what the tests need, and forget what of it is ours."""
    import tests.leaks.test_rights
    import tests.pipelines.small_knowledge  # noqa: F401 (for what they import)

    for name in [*sys.modules]:
        if name.partition(".")[0] in _OURS:
            del sys.modules[name]


def outcome(mutation: Mutation) -> int:
    """Run one test with one line wrong, in this process, which is good for nothing afterwards."""
    file, before, after, killer = mutation
    finder = Finder(file, before, after)
    sys.meta_path.insert(0, finder)
    # A folder of its own: pytest clears away what it takes for an older run's, also another's.
    folder = f"--basetemp={mkdtemp()}"
    status = int(pytest.main([*_QUIETLY, *_LATE, folder, killer]))
    return status if finder.was_asked else NEVER_IMPORTED


def forked(mutation: Mutation) -> int:
    """Begin with a mutation in a process of its own; its id."""
    process = os.fork()
    if process:
        return process
    status = BROKEN
    try:
        signal.alarm(LIMIT_S)
        told = os.fdopen(os.dup(2), "w")
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        status = outcome(mutation)
    except BaseException:  # noqa: BLE001 (the process ends here; the status says so, this says why)
        traceback.print_exc(file=told)
        told.flush()
    finally:
        os._exit(status)


def statuses(mutations: Iterable[Mutation]) -> Iterator[tuple[Mutation, int]]:
    """What became of each, as they end."""
    running: dict[int, Mutation] = {}
    for mutation in mutations:
        if len(running) == AT_ONCE:
            yield _ended(running)
        running[forked(mutation)] = mutation
    while running:
        yield _ended(running)


def _ended(running: dict[int, Mutation]) -> tuple[Mutation, int]:
    process, status = os.wait()
    return running.pop(process), os.waitstatus_to_exitcode(status)


def main() -> None:
    """Run all that is asked for."""
    mutations = [cast("Mutation", tuple(one)) for one in json.load(sys.stdin)]
    import_libraries()
    found = dict(statuses(mutations))
    json.dump([found[mutation] for mutation in mutations], sys.stdout)


if __name__ == "__main__":
    main()
