"""What was stored or posted before a process ended is what people keep."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import update

from knowledge.database import transaction
from knowledge.history import History
from knowledge.turn import TURNS
from tests.bot.platforms.conftest import ANSWER, WEEKS, Workspace
from tests.fakes.slack import Message


async def asks_about_a_file(workspace: Workspace) -> Message:
    """Ana asks what stands in a file that comes along."""
    told = b"The zeppelin leaves at noon from Lisbon."
    trip = workspace.team.store(
        workspace.ana, workspace.general, "trip.txt", told, mimetype="text/plain"
    )
    workspace.model.answer = "The zeppelin leaves at noon."
    text = f"<@{workspace.team.bot.user_id}> When does the zeppelin leave?"
    files = [trip.as_json(workspace.slack.url)]
    return await workspace.ana.says(workspace.general, text, files=files)


async def asks_what_is_closed_then(workspace: Workspace) -> Message:
    """Ana asks something, and its source is closed to her when it is answered."""
    workspace.model.answer = ANSWER
    question = await workspace.ana.mentions(workspace.general, WEEKS)
    await workspace.answered(question)
    structure = workspace.structure.read_text()
    workspace.structure.write_text(structure.replace('"everyone"', '"slack:U0"'))
    await workspace.app.settling.follow()
    return question


@pytest.mark.parametrize("asks", [asks_about_a_file, asks_what_is_closed_then])
async def test_what_was_posted_before_a_kill_is_not_made_anew(
    workspace: Workspace, asks: Callable[[Workspace], Awaitable[Message]]
) -> None:
    question = await asks(workspace)
    (reply,) = await workspace.answered(question)
    before = await workspace.ended(question)
    prompts = len(workspace.model.prompts)
    async with transaction(await workspace.app.database()) as connection:
        of_a_killed_one = {"state": "answered", "posted_as": "", "owner": "gone:1:1"}
        await connection.execute(update(TURNS).values(of_a_killed_one))
    assert await (await workspace.app.inbox()).resume() == 1
    kept = await workspace.ended(question)
    assert (kept.state, kept.posted_as) == ("posted", reply.message.ts)
    assert len(workspace.model.prompts) == prompts
    assert before.post
    history = History(await workspace.app.database())
    assert await history.recorded(before.post["reference"])
