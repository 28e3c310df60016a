"""Lets teams live on a store until they have made so many steps."""

from dataclasses import dataclass
from time import perf_counter

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.leaks.machine import Team
from tests.leaks.stores import OnAServer, Stores


@dataclass(frozen=True)
class Life:
    """What a run was: steps, canaries that were rightly shown, hints, seconds."""

    steps: int
    seen: int
    hints: int
    seconds: float


def lived(steps: int, *, elasticsearch_url: str = "", steps_a_team: int = 50) -> Life:
    """Make at least so many steps; in a folder, or on this server.

    Raises:
        AssertionError: somebody was shown what they may not read; Hypothesis prints how.
    """

    class Here(Team):
        def make_stores(self) -> Stores:
            if elasticsearch_url:
                return OnAServer(elasticsearch_url, self.folder)
            return super().make_stores()

    started = perf_counter()
    while Here.steps < steps:  # a team may end before its time
        run_state_machine_as_test(Here, settings=_settings(steps - Here.steps, steps_a_team))
    return Life(Here.steps, Here.seen, Here.hints, perf_counter() - started)


def _settings(steps: int, steps_a_team: int) -> settings:
    return settings(
        max_examples=max(1, steps // steps_a_team),
        stateful_step_count=steps_a_team,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # to make a failure short takes minutes
        suppress_health_check=list(HealthCheck),
    )
