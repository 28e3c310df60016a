"""What people see before they ask: the home tab and questions to begin with."""

from tests.bot.platforms.conftest import Workspace, as_text
from tests.fakes.slack import User


async def home_of(workspace: Workspace, user: User) -> str:
    """What somebody sees on our home tab."""
    await user.opens_app("home")
    await workspace.slack.until(lambda: user.home)
    assert user.home
    return as_text(user.home.content["blocks"])


async def test_the_home_tab_says_who_we_are_and_what_this_person_may_read(
    workspace: Workspace,
) -> None:
    toml = workspace.structure.read_text()
    workspace.structure.write_text(toml.replace("terminal:ana", f"slack:{workspace.ana.user_id}"))
    for_ana = await home_of(workspace, workspace.ana)
    assert "What I can do for you" in for_ana
    assert "automated assistant" in for_ana
    assert "/ask QUESTION" in for_ana
    assert "• team" in for_ana
    assert "• board" in for_ana
    for_ben = await home_of(workspace, workspace.ben)
    assert "Qué puedo hacer por ti" in for_ben
    assert "• team" in for_ben
    assert "• board" not in for_ben
    guest = workspace.team.user("Gus")
    guest.is_restricted = True
    assert "•" not in await home_of(workspace, guest)
    assert workspace.slack.unknown_methods == []


async def test_who_opens_the_conversation_is_offered_questions(workspace: Workspace) -> None:
    for user, title in ((workspace.ana, "Who helps me"), (workspace.ben, "¿Quién me ayuda")):
        channel = workspace.team.direct(user)
        await user.opens_app()
        await workspace.slack.until(lambda: channel.prompts)  # noqa: B023 (waited for at once)
        prompts = channel.prompts[""]
        assert len(prompts) == 3
        assert [one for one in prompts if one["title"].startswith(title)]
        assert all(one["message"] for one in prompts)


async def test_a_team_offers_questions_of_its_own(workspace: Workspace) -> None:
    long = "How do I " + "really " * 30 + "do it?"
    workspace.say(f'[channels.default]\nprompts = ["Who has the keys?", " ", "{long}"]')
    await workspace.ana.opens_app()
    channel = workspace.team.direct(workspace.ana)
    await workspace.slack.until(lambda: channel.prompts)
    first, second = channel.prompts[""]
    assert first == {"title": "Who has the keys?", "message": "Who has the keys?"}
    assert (len(second["title"]), second["message"]) == (75, long)


async def test_a_team_that_wants_no_questions_or_too_many_loses_nothing(
    workspace: Workspace,
) -> None:
    workspace.say('[channels.default]\nprompts = ["1", "2", "3", "4", "5"]')
    await workspace.ana.opens_app()
    channel = workspace.team.direct(workspace.ana)
    await workspace.slack.until(lambda: channel.prompts)
    assert len(channel.prompts[""]) == 3
