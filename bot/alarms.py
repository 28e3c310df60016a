"""Alarms: what somebody who looks after Tertulia should see."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

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
"""Where alarms go: called once for each, in the order in which they arise."""


async def log_alarm(alarm: Alarm) -> None:
    """Write an alarm to the log; what a source said stays in the database."""
    log.error("alarm", job=alarm.job)
