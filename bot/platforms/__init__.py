"""Where people talk to Tertulia: the contract that every platform keeps."""

from typing import Protocol


class Platform(Protocol):
    """Listens, and answers until it is told to stop.

    A file `bot/platforms/<name>.py` offers `build(talks) -> Platform`; `talks` is `App.talk`, which
    begins a conversation or goes on with one. The terminal is not served: `tertulia chat` has it.
    """

    name: str

    async def run(self) -> None:
        """Serve people until the platform ends or the task is cancelled."""
