"""From a mention to an answer in its thread, with everything that is shown on the way."""

from tests.bot.platforms.conftest import ANSWER, WEEKS, Workspace, blocks_of


async def test_a_mention_is_answered_in_its_thread_with_sources(workspace: Workspace) -> None:
    question = await workspace.ana.mentions(workspace.general, WEEKS)
    (reply,) = await workspace.answered(question)
    assert ANSWER.removesuffix(".") in reply.text
    assert "[1]" in reply.text
    assert "Sources" in reply.text
    assert "Quotes" in reply.buttons
    print(workspace.general.transcript())
    print([(c.method, round(c.at, 2)) for c in workspace.slack.calls])
    assert workspace.slack.unknown_methods == []
    assert blocks_of(reply.message, "context_actions")
