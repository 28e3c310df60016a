"""`python -m tests.storms '{"platform": "slack"}'`: a crowd in a process of its own.

One JSON value a line, both ways: first it says the settings of whoever serves; then it takes
commands and answers each: `["ready"]`, `["ask", 50]`, `["steadily", 5, 1500]`, `["left"]`,
`["asked"]`.
"""

import asyncio
import json
import sys
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from tests.storms import discord_crowd, slack_crowd
from tests.storms.crowd import Crowd, Opened, asking_steadily

PLATFORMS: dict[str, Opened] = {"slack": slack_crowd.opened, "discord": discord_crowd.opened}


async def main(wish: dict[str, Any]) -> None:
    """Serve until nobody commands any more."""
    opened = PLATFORMS[wish.pop("platform")]
    begun: list[asyncio.Task[None]] = []
    async with opened(**wish) as crowd:
        _say(crowd.environment)
        while line := await asyncio.to_thread(sys.stdin.readline):
            name, *rest = json.loads(line)
            if name == "steadily":
                begun.append(asyncio.create_task(asking_steadily(crowd, *rest)))
                _say(None)
            else:
                _say(await _done(crowd, name, *rest))


async def _done(crowd: Crowd, name: str, *rest: int) -> object:
    if name == "left":
        return crowd.left()
    if name == "asked":
        return [asdict(one) for one in crowd.asked()]
    await (crowd.ask(*rest) if name == "ask" else crowd.ready())
    return None


def _say(value: object) -> None:
    with suppress(BrokenPipeError):
        sys.stdout.write(json.dumps(value) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
