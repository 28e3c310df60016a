"""What comes with a question, and what was said before it."""

from tests.bot.platforms.conftest import WEEKS, Workspace, as_text

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
