"""What comes with a question, and what was said before it."""

from sqlalchemy import text as sql

from knowledge.database import transaction
from tests.bot.platforms.conftest import WEEKS, Workspace, as_text
from tests.fakes.slack import Fault

SAUNA = "The sauna opens at 17:00 on Tuesdays. Bring a towel of your own."
WHEN = "When does the sauna open on Tuesdays?"
OPENS = "The sauna opens at 17:00 on Tuesdays."


async def test_without_the_right_to_files_that_is_said(workspace: Workspace) -> None:
    assert workspace.team.token
    scopes = workspace.team.token.scopes
    workspace.team.token.scopes = tuple(one for one in scopes if one != "files:read")
    mention = f"<@{workspace.team.bot.user_id}> {WEEKS}"
    question = await workspace.ana.uploads(workspace.general, "a.txt", b"text", text=mention)
    (reply,) = await workspace.answered(question)
    assert "I have no right to it" in reply.text


async def test_what_was_said_before_we_were_asked_is_known(workspace: Workspace) -> None:
    top = await workspace.ben.says(workspace.general, "Let us talk about parental leave.")
    await workspace.ben.says(workspace.general, "I have heard of some weeks.", thread=top)
    await workspace.ana.mentions(workspace.general, "How many are there?", thread=top)
    await workspace.answered(top)
    prompt = as_text(workspace.model.prompts)
    assert "parental leave" in prompt
    assert len(workspace.slack.calls_of("conversations.replies")) == 1
    await workspace.ana.says(workspace.general, "And is it paid?", thread=top)
    await workspace.answered(top, 2)
    assert len(workspace.slack.calls_of("conversations.replies")) == 1


async def kept(workspace: Workspace) -> list[str]:
    """Everything that is written down of conversations."""
    async with transaction(await workspace.app.database()) as connection:
        return list((await connection.execute(sql("SELECT text FROM messages"))).scalars())


async def test_the_model_and_the_history_know_people_by_their_names(workspace: Workspace) -> None:
    ben, ana = workspace.ben.user_id, workspace.ana.user_id
    top = await workspace.ben.says(workspace.general, f"<@{ana}> buys the paint.")
    await workspace.ana.mentions(
        workspace.general, f"How many days of leave does <@{ben}> get?", thread=top
    )
    await workspace.answered(top)
    prompt = as_text(workspace.model.prompts)
    assert "How many days of leave does @Ben get?" in prompt
    assert "@Ana buys the paint." in prompt
    assert not [one for one in (ana, ben) if f"@{one}" in prompt]
    assert "How many days of leave does @Ben get?" in await kept(workspace)
    await workspace.ana.uses_shortcut("tertulia_summarise", top)
    await workspace.slack.until(lambda: len(workspace.whispers(workspace.general)) == 2, within=30)
    assert "Ben: @Ana buys the paint." in workspace.model.prompts[-1][-1]["content"]


async def test_slack_need_not_tell_names_for_a_question_to_be_answered(
    workspace: Workspace,
) -> None:
    ben = workspace.ben.user_id
    await workspace.answered(await workspace.ana.mentions(workspace.general, WEEKS))
    workspace.slack.faults.break_calls("users.info", Fault("slow", seconds=20.0))
    question = await workspace.ana.mentions(workspace.general, f"What does <@{ben}> get? {WEEKS}")
    await workspace.answered(question)
    assert f"What does @{ben} get? {WEEKS}" in await kept(workspace)


async def test_a_thread_is_summarised_for_whoever_asks(workspace: Workspace) -> None:
    top = await workspace.ben.says(workspace.general, "When shall the sauna open?")
    await workspace.ana.says(workspace.general, OPENS, thread=top)
    workspace.model.answer = OPENS
    await workspace.ana.uses_shortcut("tertulia_summarise", top)
    general = workspace.general
    await workspace.slack.until(lambda: len(workspace.whispers(general)) == 2, within=30)
    told, summary = workspace.whispers(general)
    assert "Summarise this thread" in told.text
    assert "17:00" in summary.text
    assert "Show to all" not in summary.buttons
