"""What changes something is done only once whoever asked has seen just that, and has said so."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace

from knowledge.confirmations import Confirmation, Confirmations
from knowledge.conversations import Decision
from pipelines.tool import Caller, Tool
from pipelines.tool_call import Call, Outcome, Status, fingerprint, in_full
from pipelines.tool_schema import ArgumentsError

MOST_CONFIRMED = 2_000
"""Characters of a call that somebody is to confirm: nobody reads more of it."""
TOLD = "This changes something: whoever asked must confirm it first."
Run = Callable[[Tool, Call, Caller], Awaitable[Outcome]]


@dataclass(frozen=True, slots=True)
class Confirming:
    """Asks, and does what was confirmed: once, by the person who asked, for some minutes."""

    confirmations: Confirmations

    async def ask(self, known: Tool, call: Call, caller: Caller) -> Outcome:
        """Nothing is done yet: the outcome has the name by which it can be confirmed.

        Args:
            known: a tool that changes something.
            call: with arguments that were checked.
            caller: who alone may confirm it.
        """
        call = _whole(known, call)
        if len(in_full(call)) > MOST_CONFIRMED:
            return Outcome(call, "refused", "It is too long for anybody to confirm; shorten it.")
        asked = Confirmation(
            person=caller.person,
            conversation=caller.conversation,
            language=caller.language,
            tool=call.tool,
            arguments=call.arguments,
            fingerprint=fingerprint(known, call),
        )
        await self.confirmations.add(asked)
        return Outcome(call, "unconfirmed", TOLD, confirmation=asked.id)

    async def asked(self, decision: Decision, caller: Caller) -> Confirmation | None:
        """What somebody has decided; None where nobody has asked them."""
        found = await self.confirmations.named(decision.confirmation)
        return found if found and found.person == caller.person else None

    async def decided(
        self,
        asked: Confirmation,
        decision: Decision,
        caller: Caller,
        tools: Collection[Tool],
        run: Run,
    ) -> Outcome:
        """What comes of a decision; of the same one told again, what came of it the first time.

        Args:
            asked: see `asked`.
            decision: what the caller has said.
            caller: whose rights count.
            tools: those that may be called here by now.
            run: runs a call, whatever comes of it.
        """
        call = Call(asked.tool, asked.arguments)
        known = next((one for one in tools if fingerprint(one, call) == asked.fingerprint), None)
        verdict = _verdict(asked, decision, is_known=known is not None)
        if not await self.confirmations.decide(asked.id, "declined" if verdict else "begun"):
            return Outcome(call, await self._state(asked), "")
        if verdict or known is None:
            return Outcome(call, verdict or "refused", "")
        outcome = await run(known, call, caller)
        await self.confirmations.end(asked, "done" if outcome.status == "done" else "failed")
        return outcome

    async def _state(self, asked: Confirmation) -> Status:
        """How it stands that was decided before, perhaps by a process that has ended since."""
        found = await self.confirmations.named(asked.id)
        state = found.state if found else "declined"
        return state if state in ("done", "failed", "declined") else "unknown"


def _verdict(asked: Confirmation, decision: Decision, *, is_known: bool) -> Status | None:
    """Why nothing is done; None where it may be."""
    if not decision.is_yes:
        return "declined"
    if not asked.is_valid(decision.at):
        return "late"
    return None if is_known else "refused"


def _whole(known: Tool, call: Call) -> Call:
    """The call with what the tool takes where the model left something out: that is done, too."""
    said = known.parameters.get("properties", {})
    usual = {name: one.get("default") for name, one in said.items() if isinstance(one, Mapping)}
    left_out = {name: one for name, one in usual.items() if one not in (None, "")}
    whole = replace(call, arguments={**left_out, **call.arguments})
    try:
        known.checked(whole.arguments)
    except ArgumentsError:  # a server may name a default that its own schema does not allow
        return call
    return whole
