"""What changes something is done only once whoever asked has seen just that, and has said so."""

from dataclasses import dataclass, replace
from typing import Protocol

from knowledge.confirmations import Confirmation, Confirmations, Refusal
from knowledge.conversations import Decision
from pipelines.tool import Caller, Tool
from pipelines.tool_call import Call, Outcome, Status, fingerprint, in_full

MOST_CONFIRMED = 2_000
"""Characters of a call that somebody is to confirm: nobody reads more of it."""
TOLD = "This changes something: whoever asked must confirm it first."


class Calls(Protocol):
    """What calls tools, whatever comes of it."""

    async def run(self, known: Tool, call: Call, caller: Caller) -> Outcome:
        """What comes of a call."""

    async def complete(self, known: Tool, call: Call, caller: Caller) -> Outcome:
        """The call as it would be done, or why it cannot be; nothing is done."""


@dataclass(frozen=True, slots=True)
class Confirming:
    """Asks, and does what was confirmed: once, by the person who asked, for some minutes."""

    confirmations: Confirmations

    async def ask(self, known: Tool, call: Call, caller: Caller, calls: Calls) -> Outcome:
        """Nothing is done yet: the outcome has the name by which it can be confirmed.

        Args:
            known: a tool that changes something.
            call: with arguments that were checked.
            caller: who alone may confirm it.
            calls: says what the call comes to.
        """
        completed = await calls.complete(known, call, caller)
        call = completed.call
        if completed.status != "done":
            return completed
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
        is_theirs = found and (found.person, found.conversation) == _who_and_where(caller)
        return found if is_theirs else None

    async def decided(
        self,
        asked: Confirmation,
        decision: Decision,
        caller: Caller,
        known: Tool | None,
        calls: Calls,
    ) -> Outcome:
        """What comes of a decision; of the same one told again, what came of it the first time.

        Args:
            asked: see `asked`.
            decision: what the caller has said.
            caller: whose rights count.
            known: the tool, if it may be called here by now.
            calls: calls it, and says before what it would do by now.
        """
        call, verdict = Call(asked.tool, asked.arguments), _verdict(asked, decision)
        if known and asked.state == "asked" and not verdict:
            # Settings, places and what stands there may have changed since they were shown.
            completed = await calls.complete(known, call, caller)
            if completed.status != "done":
                return await self._failed(asked, replace(completed, call=call))
            call = completed.call
        if not verdict and not (known and fingerprint(known, call) == asked.fingerprint):
            call, verdict = Call(asked.tool, asked.arguments), "refused"
        if not await self.confirmations.decide(asked.id, verdict or "begun"):
            return Outcome(call, await self._state(asked), "")
        if verdict or known is None:
            return Outcome(call, verdict or "refused", "")
        outcome = await calls.run(known, call, caller)
        if outcome.perhaps_done:
            return replace(outcome, status="unknown", fault="", text="")
        await self.confirmations.end(asked, "done" if outcome.status == "done" else "failed")
        return outcome

    async def _failed(self, asked: Confirmation, why: Outcome) -> Outcome:
        """It was confirmed, and nothing is done: nobody can say any more what that would be."""
        if not await self.confirmations.decide(asked.id, "failed"):
            return Outcome(why.call, await self._state(asked), "")
        return why

    async def _state(self, asked: Confirmation) -> Status:
        """How it stands that was decided before, perhaps by a process that has ended since."""
        found = await self.confirmations.named(asked.id)
        state = found.state if found else "declined"
        if state == "asked":
            return "unknown"
        return "unknown" if state == "begun" else state


def _who_and_where(caller: Caller) -> tuple[str, str]:
    return caller.person, caller.conversation


def _verdict(asked: Confirmation, decision: Decision) -> Refusal | None:
    """Why nothing is done, as far as what was said tells; None where it may be."""
    if not decision.is_yes:
        return "declined"
    return None if asked.is_valid(decision.at) else "late"
