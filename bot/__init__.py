"""Bot talks: commands, platforms, and the wiring of everything below."""

import os
import sys

INTERRUPTED = 130


def main() -> None:
    """The entry point of the `tertulia` script, also for whoever interrupts it while it loads."""
    os.umask(0o077)  # what the team knows is no other account's business on a shared machine
    # Haystack imports torch wherever it is installed: 2 s and 600 MB that nobody who answers needs.
    # What tunes models runs in processes of its own.
    sys.modules.setdefault("torch", None)  # type: ignore[arg-type]
    try:
        from bot.__main__ import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = INTERRUPTED
    sys.exit(code)
