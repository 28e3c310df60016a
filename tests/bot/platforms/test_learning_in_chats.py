"""In a chat people agree and rate, and a curator approves: then there is something to learn."""

from pathlib import Path

from bot.wording import say
from tests.bot.learning_team import BETTER, agreed, write
from tests.bot.platforms.conftest import Workspace
from tests.bot.platforms.test_slack_pressing import answered, reference_of, whisper
from tests.bot.team import in_a_process
from tests.fakes.scripted_model import ScriptedModel


async def slack_says(workspace: Workspace, number: int, text: str) -> str:
    await (await workspace.ana.runs("/learn", text, workspace.general)).settled()
    return (await whisper(workspace, number)).text


async def test_on_slack_an_answer_goes_from_a_form_to_an_approved_row(workspace: Workspace) -> None:
    channel = f"slack:{workspace.general.channel_id}"
    assert "has not agreed" in await slack_says(workspace, 1, "")
    write(workspace.structure, agreed(channel, f"slack:{workspace.ana.user_id}", '"slack"'))
    assert "I learn nothing from you" in await slack_says(workspace, 2, "")
    assert "Thank you" in await slack_says(workspace, 3, "on")
    reply = await answered(workspace)
    await workspace.ana.clicks(reply.message, "tertulia_rate", "negative")
    await workspace.slack.until(lambda: workspace.ana.modal)
    assert workspace.ana.modal
    await workspace.ana.submits(workspace.ana.modal, {"better": BETTER, "fault": "style"})
    reference = reference_of(reply).rpartition(":")[2]
    mined = await workspace.app.learning.mine()
    name = f"E{reference[1:]}"
    assert (mined.made, dict(mined.left_out)) == ([name], {})
    assert name in await slack_says(workspace, 4, "examples")
    shown = await slack_says(workspace, 5, f"show {name}")
    assert BETTER in shown
    assert say("learn-approved", "en", name=name) == await slack_says(
        workspace, 6, f"approve {name}"
    )
    assert (await (await workspace.app.learning.kept()).all("approved"))[0].id == name
    told = await slack_says(workspace, 7, "off")
    assert "One row that came from you is forgotten" in told
    assert await (await workspace.app.learning.kept()).all("approved") == []


async def test_on_slack_nothing_is_learnt_unless_its_terms_were_read(workspace: Workspace) -> None:
    channel = f"slack:{workspace.general.channel_id}"
    write(workspace.structure, agreed(channel, f"slack:{workspace.ana.user_id}", ""))
    await slack_says(workspace, 1, "on")
    reply = await answered(workspace)
    await workspace.ana.clicks(reply.message, "tertulia_rate", "positive")
    await whisper(workspace, 2)
    mined = await workspace.app.learning.mine()
    assert (mined.made, dict(mined.left_out)) == ([], {"no-terms": 1})


async def test_only_curators_see_rows(workspace: Workspace) -> None:
    await (await workspace.ben.runs("/learn", "examples", workspace.general)).settled()
    assert (await whisper(workspace)).text == say("learn-curators-only", "es")


def test_in_the_terminal_somebody_agrees_and_takes_it_back(
    home: Path, model: ScriptedModel
) -> None:
    assert model
    write(home / "tertulia.toml", agreed("terminal:chat", "terminal:carla", ""))
    lines = "/learn\n/learn on\n/learn\n/learn examples\n/learn off\n/quit\n"
    outcome = in_a_process("chat", "--as", "terminal:ana", stdin=lines)
    told = [
        *(say("learn-agrees-not", "en"), say("learn-on", "en"), say("learn-agrees", "en")),
        *(say("learn-curators-only", "en"), say("learn-off", "en", count=0)),
    ]
    assert outcome.out.splitlines() == [line for text in told for line in text.splitlines()]


async def test_what_a_curator_asks_for_wrongly_is_told(workspace: Workspace) -> None:
    channel = f"slack:{workspace.general.channel_id}"
    write(workspace.structure, agreed(channel, f"slack:{workspace.ana.user_id}", '"slack"'))
    assert "You decide what I learn" in await slack_says(workspace, 1, "")
    assert await slack_says(workspace, 2, "examples") == say("learn-none-waiting", "en")
    assert "There is no row “E-1”" in await slack_says(workspace, 3, "show E-1")
    await slack_says(workspace, 4, "on")
    reply = await answered(workspace)
    await workspace.ana.clicks(reply.message, "tertulia_rate", "negative")
    await workspace.slack.until(lambda: workspace.ana.modal)
    (name,) = (await workspace.app.learning.mine()).made
    assert "nobody has said what is right" in await slack_says(workspace, 5, f"approve {name}")
    told = await slack_says(workspace, 6, f"approve {name} It is 19 weeks, says Marta Ruiz.")
    assert told == say("learn-approved", "en", name=name)
    (kept,) = await (await workspace.app.learning.kept()).all("approved")
    assert kept.target == "It is 19 weeks, says [PERSON_1]."


async def test_while_the_file_is_written_wrong_nothing_is_learnt(workspace: Workspace) -> None:
    write(workspace.structure, "\n[learning]\nconsent = 7\n")
    assert "I learn nothing" in await slack_says(workspace, 1, "")
