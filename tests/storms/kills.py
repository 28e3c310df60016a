"""Kills a process that serves, anywhere on the way of a message, and looks what becomes of it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Literal

from tests.fakes.slack import Fault
from tests.fakes.stepped_clock import SteppedClock
from tests.storms import discord_crowd, slack_crowd
from tests.storms.crowd import Asked, Crowd, until_all_ended
from tests.storms.discord_crowd import DiscordCrowd
from tests.storms.homes import LOG, Team, fresh
from tests.storms.nursery import Serving
from tests.storms.slack_crowd import SlackCrowd

BOUND_S = 60.0
SLOW_S = 30.0
RETRIED_S = 61.0
"""After this Slack delivers once more what was not acknowledged at once."""
MOST_ASKED = 4
Platform = Literal["slack", "discord"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a process ends.

    Attributes:
        slack, discord: the function that is called there, once for each message; empty for the
            moment in which the platform has the answer and we do not know that yet.
        asks: the place is on the way of commands alone, where Discord is concerned.
    """

    name: str
    slack: str
    discord: str
    asks: bool = False

    def function(self, platform: Platform) -> str:
        """The one on a platform."""
        return self.slack if platform == "slack" else self.discord


def _everywhere(name: str, function: str) -> Place:
    return Place(name, function, function)


IN_THE_POST = Place("while it is posted, before we hear that it was", "", "")
PLACES = (
    _everywhere("before it is written", "Desk.take"),
    _everywhere("while it is written", "_is_new"),
    _everywhere("written, not acknowledged", "Worker.enter"),
    Place("at the acknowledgement", "SocketModeClient.send_message", "defer", asks=True),
    _everywhere("while it waits", "FairQueue.position"),
    _everywhere("when its answer begins", "Turns.begin"),
    _everywhere("at the search", "Retriever.retrieve"),
    _everywhere("at the model", "ChatGenerator.run_async"),
    _everywhere("answered, not stored", "Turns.answer"),
    Place("stored, not posted", "ThreadSink.finish", "DiscordSink.finish"),
    IN_THE_POST,
    _everywhere("posted, not noted", "Turns.end"),
)


@dataclass(frozen=True, slots=True)
class Trial:
    """One kill.

    Attributes:
        seed: chooses the platform, how many ask, and which of them is hit.
    """

    place: Place
    seed: int

    @property
    def chance(self) -> Random:
        """The same for the same trial."""
        return Random(f"{self.place.name} {self.seed}")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the messages of a trial."""

    trial: Trial
    platform: Platform
    asked: tuple[Asked, ...]
    log: str

    @property
    def lost(self) -> int:
        """Messages that are owed an outcome and have none."""
        return sum(one.is_owed and not one.replies for one in self.asked)

    @property
    def doubled(self) -> int:
        """Messages with more than one answer."""
        return sum(one.replies > 1 for one in self.asked)


async def outcome(trial: Trial, team: Team) -> Outcome:
    """Let a process be killed and another one go on, in a copy of the team's home."""
    chance = trial.chance
    platform: Platform = chance.choice(("slack", "discord"))
    with fresh(team) as own:
        async with _crowd(platform, trial.place, chance) as crowd:
            settings = {**own.settings, **crowd.environment}
            await _killed(trial, crowd, own.home, settings)
            if chance.random() < 0.5:
                await _ask_for_sure(crowd, 1)
            asked = await _gone_on(crowd, own.home, settings)
            return Outcome(trial, platform, tuple(asked), (own.home / LOG).read_text())


@asynccontextmanager
async def _crowd(platform: Platform, place: Place, chance: Random) -> AsyncIterator[Crowd]:
    if platform == "slack":
        async with slack_crowd.opened(clock=SteppedClock()) as people:
            people.slack.rates.are_on = False
            yield people
        return
    ways: tuple[discord_crowd.Way, ...] = ("ask",) if place.asks else ("mention", "ask")
    if not place.asks and chance.random() < 0.5:
        ways = ("mention",)
    async with discord_crowd.opened(ways=ways) as crowd:
        crowd.discord.rates.is_on = False
        yield crowd


async def _killed(trial: Trial, crowd: Crowd, home: Path, settings: Mapping[str, str]) -> None:
    """Serve, have one message answered, and more asked, of which one is hit."""
    chance, place = trial.chance, trial.place
    many = chance.randint(1, MOST_ASKED)
    platform: Platform = "slack" if isinstance(crowd, SlackCrowd) else "discord"
    function = place.function(platform)
    killed_at = f"{function} {1 + chance.randint(1, many)}" if function else ""
    serving = await asyncio.to_thread(Serving, home, settings, killed_at)
    try:
        await crowd.ready()
        await crowd.ask(1)
        # The first answer shows the bot where to look for what it missed; it may be hit itself.
        await _until(lambda: serving.is_over or not crowd.left(), serving)
        if place is IN_THE_POST:
            _slow_down(crowd)
        await crowd.ask(many)
        if place is IN_THE_POST:
            await _until(lambda: crowd.left() < many, serving)
        else:
            await _until(lambda: serving.is_over, serving)
            assert serving.was_killed, f"{trial}, {serving.ended_as}: {serving.said()}"
    finally:
        serving.kill()
        await _mend(crowd)


async def _gone_on(crowd: Crowd, home: Path, settings: Mapping[str, str]) -> list[Asked]:
    """Have another process go on, to the end of everything."""
    other = await asyncio.to_thread(Serving, home, settings)
    try:
        await crowd.ready()
        if isinstance(crowd, SlackCrowd):
            await _pass(crowd, RETRIED_S)
        await until_all_ended(crowd, BOUND_S)
    finally:
        code = await asyncio.to_thread(other.end)  # whatever it is at comes to its end before
    assert code == 0, other.said()
    return list(crowd.asked())


async def _ask_for_sure(crowd: Crowd, many: int) -> None:
    """Ask while nobody serves; Discord takes no command then."""
    if isinstance(crowd, DiscordCrowd):
        for _ in range(many):
            await crowd.one("mention")
    else:
        await crowd.ask(many)


def _slow_down(crowd: Crowd) -> None:
    """Carry the next answer out, and let the bot wait to hear of it."""
    if isinstance(crowd, SlackCrowd):
        for method in ("chat.postMessage", "chat.update"):
            fault = Fault("slow", is_carried_out=True, seconds=SLOW_S)
            crowd.slack.faults.break_calls(method, fault, times=MOST_ASKED)
    elif isinstance(crowd, DiscordCrowd):
        for route in (
            "PATCH /channels/{channel}/messages/{message}",
            "PATCH /webhooks/{application}/{token}/messages/{message}",
        ):
            crowd.discord.faults.slow(SLOW_S, MOST_ASKED, route=route)


async def _mend(crowd: Crowd) -> None:
    """Nothing is slow any more, and what was has come to its end."""
    if isinstance(crowd, SlackCrowd):
        crowd.slack.faults.clear()
        await _pass(crowd, SLOW_S + 1)
    elif isinstance(crowd, DiscordCrowd):
        crowd.discord.faults.clear()


async def _pass(crowd: SlackCrowd, seconds: float) -> None:
    """Let time pass on Slack."""
    clock = crowd.slack.moments.clock
    assert isinstance(clock, SteppedClock)
    await clock.advance(seconds)


async def _until(is_so: Callable[[], object], serving: Serving) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + BOUND_S
    while not is_so():
        assert loop.time() < end, serving.said()
        await asyncio.sleep(0.005)
