"""Alarms: what somebody who looks after Tertulia should see."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from knowledge.errors import TertuliaError

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that does not get better by itself.

    Attributes:
        job: the name of the job that it is about.
        message: what is wrong, in one sentence or two.
    """

    job: str
    message: str


Alarms = Callable[[Alarm], Awaitable[None]]
"""Where alarms go besides the log: called once for each, in the order in which they arise."""


async def to_nobody(_: Alarm) -> None:
    """The log is enough."""


async def sound(alarm: Alarm, alarms: Alarms) -> None:
    """Log an alarm and hand it on; where that fails, what has raised it still goes on."""
    log.error("alarm", job=alarm.job)  # what a source said stays in the database
    try:
        await alarms(alarm)
    except TertuliaError as error:
        log.warning("failed to hand on an alarm", job=alarm.job, kind=error.kind)
