"""Tests that need an ability which not everything under a contract has."""

from collections.abc import Callable
from typing import ClassVar, TypeVar

T = TypeVar("T", bound=Callable[..., object])


def needs(ability: str) -> Callable[[T], T]:
    """Mark a test of a contract that there is only where this can be done."""

    def marked(test: T) -> T:
        test.__dict__["needs"] = ability
        return test

    return marked


class Chosen:
    """A contract whose tests are those that its `lacks` leaves."""

    lacks: ClassVar[dict[str, str]] = {}

    def __init_subclass__(cls) -> None:
        for name in dir(cls):
            if getattr(getattr(cls, name), "needs", "") in cls.lacks:
                setattr(cls, name, None)
