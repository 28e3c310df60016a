"""What was said to us while nobody listened is answered when we are back."""

from tests.bot.platforms.conftest import WEEKS, Workspace
from tests.bot.platforms.slack_scene import served
from tests.fakes.slack import Message


async def test_what_was_said_to_us_meanwhile_is_answered_once(workspace: Workspace) -> None:
    """The first process has ended its work and stays silent: Slack knows two as one app."""
    first = await workspace.ana.mentions(workspace.general, WEEKS)
    direct = await workspace.ana.writes_to_bot(WEEKS)
    for one in (first, direct):
        await workspace.answered(one)
    workspace.slack.faults.copies = 0  # nothing is delivered
    missed: list[Message] = [
        await workspace.ana.mentions(workspace.general, "How long is parental leave?"),
        await workspace.ana.writes_to_bot("And how long is it?"),
    ]
    follow_up = await workspace.ana.says(workspace.general, "And is it paid?", thread=first)
    await workspace.ben.says(workspace.general, "Nobody there?")
    workspace.slack.faults.copies = 1
    async with served(workspace.slack):
        for one in missed:
            await workspace.answered(one)
        await workspace.answered(follow_up, times=2)
    assert len(workspace.replies(first)) == 2
