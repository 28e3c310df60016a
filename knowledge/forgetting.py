"""What is kept of a person in the relational database leaves it, whatever table it is in."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, Table, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from knowledge import pictures
from knowledge.confirmations import CONFIRMATIONS
from knowledge.database import transaction
from knowledge.history import ANSWERS, FEEDBACK, MESSAGES
from knowledge.notes import CHOICES, NOTES
from knowledge.reminders import REMINDERS
from knowledge.shadow_answers import SHADOW_ANSWERS
from knowledge.tool_calls import TOOL_CALLS
from knowledge.turn import KEYS, NOBODY, OPEN, TURNS


async def forget_person(engine: AsyncEngine, person: str) -> Mapping[str, int]:
    """Remove what somebody wrote, what they were answered, and what they rated, chose and did.

    What is being answered just now stays until it is: forget the person once more then. What is
    learnt is not in here: `LearningExamples`.

    Args:
        engine: of our database.
        person: the principal, as it is written down with what they say.

    Returns:
        how many rows were removed, by what they are.
    """
    async with transaction(engine) as connection:
        asked = select(MESSAGES.c.id).where(MESSAGES.c.author == person)
        told = select(ANSWERS.c.reference).where(ANSWERS.c.question.in_(asked))
        over = select(TURNS.c.number).where(TURNS.c.author == person, TURNS.c.state.not_in(OPEN))
        await pictures.forget(connection, over)
        await _removed(connection, KEYS, KEYS.c.turn.in_(over))
        rated = or_(FEEDBACK.c.author == person, FEEDBACK.c.reference.in_(told))
        counts = {
            "turns": await _removed(connection, TURNS, TURNS.c.number.in_(over)),
            "ratings": await _removed(connection, FEEDBACK, rated),
            "messages": await _removed(connection, MESSAGES, MESSAGES.c.id.in_(told)),
        }
        # What says which answers and messages are theirs goes last.
        counts["answers"] = await _removed(connection, ANSWERS, ANSWERS.c.question.in_(asked))
        counts["answers in shadow"] = await _removed(
            connection, SHADOW_ANSWERS, SHADOW_ANSWERS.c.question.in_(asked)
        )
        counts["messages"] += await _removed(connection, MESSAGES, MESSAGES.c.author == person)
        for name, table in _THEIRS.items():
            counts[name] = await _removed(connection, table, table.c.person == person)
        chosen = NOTES.c.key.startswith(f"{person} ", autoescape=True)
        mine = (NOTES.c.source == CHOICES) & chosen
        counts["choices"] = await _removed(connection, NOTES, mine)
        await _forget_told(connection)
    return counts


_THEIRS = {"reminders": REMINDERS, "confirmations": CONFIRMATIONS, "tool calls": TOOL_CALLS}


async def _forget_told(connection: AsyncConnection) -> None:
    """Remove the words of what channels were told of our own accord: an alarm may name somebody."""
    is_told = (REMINDERS.c.person == NOBODY) & (REMINDERS.c.state == "told")
    await _removed(connection, REMINDERS, is_told)
    is_over = (TURNS.c.author == NOBODY) & TURNS.c.state.not_in(OPEN)
    await connection.execute(update(TURNS).where(is_over).values(post=None))


async def _removed(connection: AsyncConnection, table: Table, where: ColumnElement[bool]) -> int:
    return (await connection.execute(delete(table).where(where))).rowcount
