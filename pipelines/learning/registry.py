"""Which candidates may serve: what the gate said of each, and what needs a person."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from knowledge.candidate import TRIALS, Candidate, State
from knowledge.candidates import Candidates, StateError
from knowledge.errors import OperatorError
from pipelines.learning.gate import Condition, Verdict

VERDICT, WAIVED = "verdict", "waived"
"""Under these names it stands in what is known of a candidate."""


class NotAllowedError(OperatorError):
    """A candidate may not serve, or not without a person."""


class Registry:
    """Brings candidates from the gate to where they serve."""

    def __init__(self, candidates: Candidates) -> None:
        self._candidates = candidates

    async def judge(self, name: str, verdict: Verdict, *, by: str) -> None:
        """Write down what the gate says; who passes is `gated`, others stay as they are.

        Raises:
            UnknownCandidateError, StateError: there is no such candidate that was trained.
        """
        await self._candidates.describe(name, {VERDICT: verdict_value(verdict)})
        if verdict.passes:
            await self._candidates.move(name, "gated", by=by, reason="passed the gate")

    async def promote(
        self, name: str, *, by: str, is_person: bool, waived: Sequence[str] = ()
    ) -> Candidate | None:
        """Have a candidate serve in its place; who served before.

        Args:
            name: of the candidate.
            by: who wants it.
            is_person: whether that is somebody, and not the schedule.
            waived: rules of the gate that shall not count for it.

        Raises:
            UnknownCandidateError, StateError: there is none that could.
            NotAllowedError: it has not passed, or a person must say so.
        """
        await self._clear(name, by=by, is_person=is_person, waived=waived)
        return await self._candidates.crown(name, by=by, reason="promoted")

    async def try_out(
        self, name: str, state: State, *, by: str, is_person: bool, waived: Sequence[str] = ()
    ) -> None:
        """Have a candidate be tried: in shadow, where nobody meets it, or by a few as a canary.

        Raises:
            UnknownCandidateError, StateError: there is none that could, or another one is tried.
            NotAllowedError: it has not passed, or a person must say so.
        """
        await self._clear(name, by=by, is_person=is_person or state == "shadow", waived=waived)
        await self._candidates.move(name, state, by=by, reason="to be tried")

    async def _clear(self, name: str, *, by: str, is_person: bool, waived: Sequence[str]) -> None:
        """Refuse what may not be met by anybody, and write down what was waived for it."""
        one = await self._candidates.one(name)
        failed = [rule.name for rule in conditions(one.about) if not rule.holds]
        if one.state in TRIALS:
            waived = [*waived, *waived_of(one.about)]
        self._check(one, failed, waived)
        is_first = not await self._candidates.has_served(one.place)
        if not is_person and (is_first or failed):
            raise NotAllowedError(
                f"{name} may not go live by itself: "
                + ("nothing learnt has served there yet." if is_first else "rules were waived."),
                what_to_do=f"Look at it, then: tertulia learn promote {name}",
            )
        if failed and one.state not in TRIALS:
            await self._candidates.describe(name, {WAIVED: {"rules": failed, "by": by}})
        if failed and one.state == "trained":
            reason = f"waived: {', '.join(failed)}"
            await self._candidates.move(name, "gated", by=by, reason=reason)

    @staticmethod
    def _check(one: Candidate, failed: Sequence[str], waived: Sequence[str]) -> None:
        if one.state != "retired" and VERDICT not in one.about:
            raise StateError(
                f"{one.name} is {one.state}; the gate has not seen it.",
                what_to_do="It is measured with: tertulia learn run",
            )
        if unknown := [name for name in waived if name not in failed]:
            known = f"{one.name} breaks: {', '.join(failed)}." if failed else "It breaks none."
            raise NotAllowedError(
                f"There is nothing to waive in {', '.join(unknown)}.", what_to_do=known
            )
        if left := [name for name in failed if name not in waived]:
            raise NotAllowedError(
                f"{one.name} has not passed the gate: {', '.join(left)}.",
                what_to_do="Read its report. Somebody who answers for it may waive single rules: "
                + " ".join(f"--waive '{name}'" for name in left),
            )


def verdict_value(verdict: Verdict) -> dict[str, Any]:
    """A verdict as it is kept."""
    rules = [asdict(one) for one in verdict.conditions]
    return {"passes": verdict.passes, "conditions": rules}


def waived_of(about: Mapping[str, Any]) -> list[str]:
    """The rules that somebody has waived for a candidate; mostly none."""
    return list(about.get(WAIVED, {}).get("rules", ()))


def conditions(about: Mapping[str, Any]) -> list[Condition]:
    """The rules of a verdict that was kept; none where there was none."""
    return [Condition(**rule) for rule in about.get(VERDICT, {}).get("conditions", ())]
