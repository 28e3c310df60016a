"""The tools that ship, offered to everybody who asks for `bench_routing.py`.

Arithmetic and time are the real functions. Those that need a server keep their name, words and
schema, and tell what stands here: what a tool says does not matter for whether it was needed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from pipelines.tool import Tool
from pipelines.tool_files import all_tools

TODAY = datetime(2026, 5, 4, 9, tzinfo=UTC)
"""When the questions are asked, a Monday."""
AS_THEY_ARE = ("calculate", "current_time", "convert_time", "working_days", "days_between")
ASK_FIRST = ("remind",)
"""They change something, so that nothing is called before somebody has confirmed it."""
SPARE_PART = "The spare part comes on 19 May."


def tools(ask_first: Sequence[str] = ASK_FIRST) -> dict[str, Tool]:
    """All that a persona may have here; these are asked about and never called."""
    shipped = all_tools()
    found = {name: shipped[name] for name in AS_THEY_ARE}
    for name, told in TOLD.items():
        found[name] = replace(shipped[name], function=told, **_NOTHING)
    for name in ask_first:
        found[name] = replace(shipped[name], function=_never, **_NOTHING)
    return found


_NOTHING: Mapping[str, Any] = {
    "arguments": None,
    "takes_caller": "",
    "takes_memory": "",
    "settings": None,
}


def _weather(place: str = "", day: str = "") -> str:
    return (
        f"Now in {place}: rain, 11 °C, wind 31 km/h.\n"
        f"{day or 'Today and tomorrow'} in {place}: rain, 8 to 14 °C, chance of rain 70 %, "
        "wind 31 km/h."
    )


def _find_tickets(**_: object) -> str:
    return (
        "Tickets in shop:\n#41 Door of the oven does not close (open)\n"
        "#57 Label printer jams (open)"
    )


def _read_ticket(number: int = 0, **_: object) -> str:
    if number == 41:
        return (
            "Ticket #41 in shop: Door of the oven does not close\nState: open\n"
            f"Last comment by Noa: {SPARE_PART}"
        )
    return (
        f"Ticket #{number} in shop: Label printer jams\nState: open (abierta)\n"
        "Last comment by Leo: the roller (rodillo) is worn."
    )


def _free_slots(day: str = "", **_: object) -> str:
    return f"Free on {day}: 10:15 to 11:45 in room Tejo; 15:30 to 17:00 in room Tejo."


def _my_calendar(day: str = "") -> str:
    return f"On {day} whoever asks has:\n- 09:30 to 10:15 Budget with Inés\n- 16:45 Dentist"


async def _never(**_: object) -> str:
    raise AssertionError("nothing is done before somebody has confirmed it")


TOLD: Mapping[str, Callable[..., str]] = {
    "weather": _weather,
    "find_tickets": _find_tickets,
    "read_ticket": _read_ticket,
    "free_slots": _free_slots,
    "my_calendar": _my_calendar,
}
