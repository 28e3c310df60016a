"""Where people talk to Tertulia: the contract that every platform keeps."""

from typing import Protocol


class Platform(Protocol):
    """Listens, and answers until it is told to stop."""

    name: str

    async def run(self) -> None:
        """Serve people until the platform ends or the task is cancelled."""
