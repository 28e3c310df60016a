"""Long runs: `python -m tests.leaks STEPS [ELASTICSEARCH_URL]`; `python -m tests.leaks mutants`."""

import sys

from tests.leaks.living import lived
from tests.leaks.mutants import IN_A_FOLDER, WAITED_FOR, survivors


def live(steps: int, elasticsearch_url: str) -> None:
    """Let teams live, and print the figures."""
    life = lived(steps, elasticsearch_url=elasticsearch_url)
    sys.stdout.write(
        f"{life.steps} steps, {life.seen} canaries rightly shown, {life.hints} hints, 0 leaks, "
        f"{life.seconds:.0f} s\n"
    )


def kill() -> int:
    """Make every line wrong that decides, also those that take long to notice."""
    mutants = (*IN_A_FOLDER, *WAITED_FOR)
    found = survivors(mutants)
    sys.stdout.write("".join(f"survived: {name}\n" for name in found))
    sys.stdout.write(f"{len(mutants) - len(found)} of {len(mutants)} mutants killed\n")
    return len(found)


if sys.argv[1] == "mutants":
    sys.exit(bool(kill()))
live(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "")
