"""What tools said, as pieces that an answer can rest on: cited like pages, for one question."""

from collections.abc import Sequence
from dataclasses import replace

from knowledge.articles import RESULT, Audience, Chunk
from knowledge.conversations import Act, Missing, Picture, ToolUsed
from knowledge.language import language_of
from pipelines.context import CHARACTERS_A_TOKEN, Passage
from pipelines.outward import tells
from pipelines.tool_call import Outcome, in_full, shown

MOST_TOLD = 600
"""Characters of what a tool says of its failure: people read it below an answer."""


def results(outcomes: Sequence[Outcome], readers: Audience) -> tuple[Chunk, ...]:
    """A piece for each call that gave something; where that is pages, these, each once.

    Args:
        outcomes: of the calls.
        readers: everybody who will read the reply.
    """
    said = (one for one in outcomes if not one.draws)  # no answer rests on words of ours
    done = [(n, one) for n, one in enumerate(said) if one.status == "done" and one.text]
    every = [one.pages or (_piece(n, one, readers),) for n, one in done]
    return tuple({chunk.id: chunk for chunks in every for chunk in chunks}.values())


def _piece(number: int, one: Outcome, readers: Audience) -> Chunk:
    return Chunk(
        id=f"{RESULT}{number}",
        article=f"{RESULT}{one.call.tool}",
        position=number,
        title=shown(one.call),
        text=one.text,
        language=language_of(one.text),
        audience=readers,
    )


def passages_of(chunks: Sequence[Chunk], *, max_tokens: int) -> list[Passage]:
    """What tools said, as the first passages of a prompt: whole where all of it fits.

    Args:
        chunks: made by `results`.
        max_tokens: of all passages together, shared out evenly.
    """
    most = int(max_tokens * CHARACTERS_A_TOKEN / max(1, len(chunks)))
    return [
        Passage(number, chunk, f"{chunk.title}\n{chunk.text}"[:most])
        for number, chunk in enumerate(chunks, 1)
    ]


def acts(outcomes: Sequence[Outcome]) -> tuple[Act, ...]:
    """What is to be confirmed, of the calls; nothing else was read before them than results.

    Where nothing is, and nothing was found out either, the last one that would have changed
    something and cannot.
    """
    asked = [one for one in outcomes if one.status in ("unconfirmed", "postponed")]
    is_tainted = any(tells(one) for one in outcomes)
    has_found = any(one.status == "done" for one in outcomes)
    failed = [one for one in outcomes if one.effect != "read" and one.status == "failed"]
    told = asked or ([] if has_found else failed[-1:])
    return tuple(replace(acted(one), is_tainted=is_tainted) for one in told)


def acted(one: Outcome) -> Act:
    """A call that changes something, and how it stands, for people."""
    text = "" if one.confirmation or one.fault or one.picture else one.text
    # What is put off was not checked, and nobody confirms it: it is named, and no more.
    called = shown(one.call) if one.status == "postponed" else in_full(one.call)
    is_final = one.effect == "destructive"
    is_outward = bool(one.confirmation) and one.effect == "read"
    return Act(
        called,
        one.status,
        text,
        one.confirmation,
        is_final=is_final,
        fault=one.fault,
        is_outward=is_outward,
    )


def pictures(outcomes: Sequence[Outcome]) -> tuple[Picture, ...]:
    """What tools have drawn, in order."""
    return tuple(one.picture for one in outcomes if one.picture)


def not_drawn(outcomes: Sequence[Outcome]) -> Missing | None:
    """Why there is no picture; None where none was wanted, or there is one."""
    tried = [o for o in outcomes if o.draws and (o.status == "failed" or o.fault)]
    if pictures(outcomes) or not tried:
        return None
    last = tried[-1]
    return Missing(last.fault, "" if last.fault else last.text)


def unhelpful(outcomes: Sequence[Outcome]) -> Missing | None:
    """The last of the tools that did not help, and why; None where each of them did.

    What was called wrongly first and then rightly has helped.
    """
    last_calls = {one.call.tool: one for one in outcomes}.values()
    without = [one for one in last_calls if _gave_nothing(one)]
    if not without:
        return None
    last = without[-1]
    fault = "nothing" if last.status == "done" else last.fault
    return Missing(fault, "" if fault else last.text[:MOST_TOLD], last.call.tool)


def _gave_nothing(one: Outcome) -> bool:
    if one.status == "done":
        return not (one.text or one.pages or one.picture)
    # A tool that there is not was never asked: that is between us and the model.
    return one.status == "failed" or (one.status == "refused" and bool(one.fault))


def used(outcomes: Sequence[Outcome]) -> tuple[ToolUsed, ...]:
    """The calls, for the receipt."""
    return tuple(ToolUsed(shown(o.call), o.status, o.effect, o.seconds) for o in outcomes)
