"""What changes something: asked back, done once, for the person who asked, as they saw it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import pytest

from knowledge.articles import Audience
from knowledge.confirmations import KEPT_FOR, VALID_FOR, Confirmations
from knowledge.conversations import Decision, now
from knowledge.tool_calls import ToolCalled
from pipelines.confirming import MOST_CONFIRMED
from pipelines.tool import Caller, CannotError, Tool, tool
from pipelines.tool_call import in_full
from pipelines.tools import Broker, Call, CutShortError, Outcome
from tests.databases import opened

ANA = Caller("terminal:ana", Audience.of("everyone", "terminal:ana"), "C1", "es")
BEN = replace(ANA, person="terminal:ben")
BOOKED: list[tuple[str, str]] = []


@tool(effect="write")
def book(room: str, caller: Caller) -> str:
    """Books a room."""
    if room == "none":
        raise CannotError("There is no such room.")
    BOOKED.append((room, caller.person))
    return f"{room} is yours."


@tool(effect="destructive")
def wipe(room: str) -> str:
    """Empties a room for good."""
    BOOKED.clear()
    return room


@tool(effect="write", within_s=20)
async def lasts() -> None:
    """Takes long."""
    await asyncio.sleep(20)


@tool(effect="write", within_s=0.05)
async def hangs(room: str) -> None:
    """Takes longer than it may."""
    BOOKED.append((room, ""))
    await asyncio.sleep(20)


@tool(effect="write")
def sends(text: str, to: str = "everyone", day: date | None = None, note: str = "") -> str:
    """Sends a note."""
    return f"sent to {to}{day or ''}{note}"


@tool(effect="write")
def breaks(how: str) -> None:
    """Fails when it has done it."""
    BOOKED.append((how, ""))
    if how == "raises":
        raise KeyError(how)
    raise CutShortError("The line was lost.")


@tool(effect="write")
def fills(who: str, hours: float = 8, ratio: list[float] = [1, 2]) -> str:  # noqa: B006 (as people write)
    """Fills in a sheet."""
    return f"{hours} {ratio}"


@dataclass
class Desk:
    """A broker with these tools, and what it wrote down."""

    confirmations: Confirmations
    tools: dict[str, Tool] = field(
        default_factory=lambda: {
            one.name: one for one in (book, wipe, lasts, hangs, sends, breaks, fills)
        }
    )
    rows: list[ToolCalled] = field(default_factory=list)

    async def _note(self, row: ToolCalled) -> None:
        self.rows.append(row)

    @property
    def broker(self) -> Broker:
        """As a process has it that has just begun."""
        return Broker(self.tools, self._note, self.confirmations)

    async def asks(self, name: str = "book", **arguments: Any) -> Outcome:  # noqa: ANN401 (of the tool)
        return await self.broker.call(Call(name, arguments), ANA, self.tools)

    async def says(
        self,
        asked: Outcome,
        *,
        is_yes: bool = True,
        who: Caller = ANA,
        after: timedelta | None = None,
    ) -> Outcome:
        at = now() + (after or timedelta())
        decision = Decision(asked.confirmation, is_yes, at=at)
        return await self.broker.confirmed(decision, who, self.tools)


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Desk]:
    """A desk with a database of each kind."""
    BOOKED.clear()
    async with opened(database_url) as engine:
        yield Desk(Confirmations(engine))


async def test_what_the_model_left_out_is_shown_as_it_will_be_done(desk: Desk) -> None:
    asked = await desk.asks("sends", text="lunch")
    shown = ["sends", '  text: "lunch"', '  to: "everyone"', "  day: null", '  note: ""']
    assert in_full(asked.call).split("\n") == shown
    done = await desk.says(asked)
    assert (done.status, done.text) == ("done", "sent to everyone")


async def test_what_a_terminal_shows_is_found_again_until_it_is_decided(desk: Desk) -> None:
    confirmations = desk.confirmations
    first, last = await desk.asks(room="Tejo"), await desk.asks(room="Duero")
    assert await confirmations.undecided(ANA.person) is None, "no terminal has shown them"
    for one, answer in ((first, "T-1"), (last, "T-2")):
        await confirmations.note_answer(one.confirmation, answer)
    found = await confirmations.undecided(ANA.person)
    assert found
    assert (found.id, found.answer) == (last.confirmation, "T-2")
    assert await confirmations.undecided(BEN.person) is None
    await desk.says(last)
    found = await confirmations.undecided(ANA.person)
    assert found
    assert found.id == first.confirmation
    await confirmations.note_answer(first.confirmation, "")
    assert await confirmations.undecided(ANA.person) is None


async def test_it_is_done_once_for_whoever_asked(desk: Desk) -> None:
    asked = await desk.asks(room="Tejo")
    assert (asked.status, asked.effect, BOOKED) == ("unconfirmed", "write", [])
    done = await desk.says(asked)
    assert (done.status, done.text, done.effect) == ("done", "Tejo is yours.", "write")
    assert BOOKED == [("Tejo", "terminal:ana")]
    again = await desk.says(asked)
    assert (again.status, again.text) == ("done", ""), "it is told, and not done again"
    assert len(BOOKED) == 1
    assert [row.status for row in desk.rows] == ["unconfirmed", "done", "done"]
    assert {row.person for row in desk.rows} == {"terminal:ana"}


async def test_of_many_presses_at_once_one_counts(desk: Desk) -> None:
    asked = await desk.asks(room="Tejo")
    statuses = [one.status for one in await asyncio.gather(*(desk.says(asked) for _ in range(8)))]
    assert len(BOOKED) == 1
    assert "done" in statuses
    assert set(statuses) <= {"done", "unknown"}


@pytest.mark.parametrize("name", ["book", "wipe"])
async def test_nothing_is_done_without_a_yes(desk: Desk, name: str) -> None:
    asked = await desk.asks(name, room="Tejo")
    assert (await desk.says(asked, is_yes=False)).status == "declined"
    assert (await desk.says(asked)).status == "declined"
    assert not BOOKED


async def test_nobody_else_says_yes(desk: Desk) -> None:
    asked = await desk.asks(room="Tejo")
    assert (await desk.says(asked, who=BEN)).status == "refused"
    assert (await desk.says(replace(asked, confirmation="0" * 16))).status == "refused"
    assert (await desk.says(replace(asked, confirmation=""))).status == "refused"
    elsewhere = replace(ANA, conversation="C2")
    assert (await desk.says(asked, who=elsewhere)).status == "refused"
    assert not BOOKED
    assert (await desk.says(asked)).status == "done", "their press has taken nothing away"


async def test_a_late_yes_does_nothing(desk: Desk) -> None:
    asked = await desk.asks(room="Tejo")
    late = await desk.says(asked, after=VALID_FOR + timedelta(seconds=1))
    assert (late.status, BOOKED) == ("late", [])
    assert (await desk.says(asked)).status == "late", "it is over"


async def test_what_has_changed_meanwhile_is_not_done(desk: Desk) -> None:
    asked = await desk.asks(room="Tejo")
    desk.tools["book"] = replace(book, description="Books a room and wipes all others.")
    assert (await desk.says(asked)).status == "refused"
    asked = await desk.asks(room="Tejo")
    del desk.tools["book"]
    assert (await desk.says(asked)).status == "refused"
    assert not BOOKED


async def test_only_what_the_persona_still_has_is_done(desk: Desk) -> None:
    asked = await desk.asks(room="Tejo")
    decision = Decision(asked.confirmation, is_yes=True)
    assert (await desk.broker.confirmed(decision, ANA, ["wipe"])).status == "refused"
    assert not BOOKED


async def test_what_fails_is_told_and_not_tried_again(desk: Desk) -> None:
    asked = await desk.asks(room="none")
    failed = await desk.says(asked)
    assert (failed.status, failed.text) == ("failed", "There is no such room.")
    assert (await desk.says(asked)).status == "failed"


async def test_what_was_broken_off_is_told_as_unknown(desk: Desk) -> None:
    asked = await desk.asks("lasts")
    task = asyncio.create_task(desk.says(asked))
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await desk.says(asked)).status == "unknown"
    assert [row.status for row in desk.rows] == ["unconfirmed", "unknown", "unknown"]


async def test_what_takes_too_long_may_be_done_all_the_same(desk: Desk) -> None:
    asked = await desk.asks("hangs", room="Tejo")
    assert (await desk.says(asked)).status == "unknown"
    assert (await desk.says(asked)).status == "unknown"
    assert BOOKED == [("Tejo", "")], "it is not tried again"


@pytest.mark.parametrize("how", ["raises", "loses its line"])
async def test_what_fails_in_the_middle_may_be_done_and_is_not_told_as_failed(
    desk: Desk, how: str
) -> None:
    asked = await desk.asks("breaks", how=how)
    assert (await desk.says(asked)).status == "unknown"
    assert (await desk.says(asked)).status == "unknown"
    assert [one for one, _ in BOOKED] == [how], "it is not tried again"
    assert desk.rows[-1].status == "unknown"


async def test_why_nothing_was_done_is_told_again_as_it_was(desk: Desk) -> None:
    late, changed = await desk.asks(room="Tejo"), await desk.asks(room="Duero")
    for _ in range(2):
        assert (await desk.says(late, after=VALID_FOR + timedelta(minutes=1))).status == "late"
    book_now = desk.tools.pop("book")
    assert (await desk.says(changed)).status == "refused"
    desk.tools["book"] = book_now
    assert (await desk.says(changed)).status == "refused", "that yes is used up"
    assert BOOKED == []


async def test_a_usual_number_of_another_type_is_confirmed_as_any_other(desk: Desk) -> None:
    asked = await desk.asks("fills", who="Ana")
    assert in_full(asked.call).split("\n")[2:] == ["  hours: 8.0", "  ratio: [1.0, 2.0]"]
    done = await desk.says(asked)
    assert (done.status, done.text) == ("done", "8.0 [1.0, 2.0]")


async def test_what_nobody_can_read_is_not_asked(desk: Desk) -> None:
    asked = await desk.asks(room="x" * MOST_CONFIRMED)
    assert (asked.status, asked.confirmation) == ("refused", "")
    wrong = await desk.asks(room=3)
    assert (wrong.status, wrong.confirmation) == ("refused", "")


async def test_what_is_long_over_is_forgotten(desk: Desk) -> None:
    asked = await desk.asks(room="Tejo")
    kept = await desk.confirmations.named(asked.confirmation)
    assert kept
    await desk.confirmations.add(
        replace(kept, id="OLD", asked_at=now() - KEPT_FOR - timedelta(minutes=1))
    )
    assert await desk.confirmations.named("OLD")
    await desk.asks(room="Duero")
    assert await desk.confirmations.named("OLD") is None
    assert await desk.confirmations.named(asked.confirmation) == kept


async def test_no_argument_passes_for_another_line(desk: Desk) -> None:
    asked = await desk.asks("sends", text='lunch\n  to: "ana"\u2028  to: "ben"')
    assert in_full(asked.call).split("\n") == [
        "sends",
        r'  text: "lunch\n  to: \"ana\"\u2028  to: \"ben\""',
        '  to: "everyone"',
        "  day: null",
        '  note: ""',
    ]


def test_every_argument_is_seen_as_it_is() -> None:
    call = Call(
        "book",
        {
            "room": "Tejo\n  day: tomorrow",
            "note": "á\u200bb\u202ec",
            "n": [1, "á"],
            "x\n  room": "Duero",
            "blank": "a\u2800\u3164\u00a0\u034fb",
            "heaped": "e" + 9 * "\u0301",
            "gap": "a" + " " * 20 + "b   c",
            "tab": "a\tb\x1b[2J",
            "owl": "🦉 ñ 日本",
        },
        {"zone": "Europe/Madrid"},
    )
    assert in_full(call).split("\n") == [
        "book",
        '  room: "Tejo\\n  day: tomorrow"',
        '  note: "á\\u200bb\\u202ec"',
        '  n: [1, "á"]',
        '  "x\\n  room": "Duero"',
        '  blank: "a\\u2800\\u3164\\u00a0\\u034fb"',
        '  heaped: "e' + 9 * "\\u0301" + '"',
        '  gap: "a' + 20 * "\\u0020" + 'b   c"',
        '  tab: "a\\tb\\u001b[2J"',
        '  owl: "🦉 ñ 日本"',
        '  zone: "Europe/Madrid"',
    ]
