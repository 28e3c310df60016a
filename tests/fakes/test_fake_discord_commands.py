"""The rules of the fake of Discord for commands that bots register."""

from typing import Any

import pytest

from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_bots import bare

COMMAND = {"name": "ask", "description": "Ask"}
OPTION = {"type": 3, "name": "question", "description": "What"}
WRONG_COMMANDS: list[list[dict[str, Any]]] = [
    [COMMAND, COMMAND],
    [COMMAND | {"name": "Ask"}],
    [COMMAND | {"name": "x" * 33}],
    [COMMAND | {"description": "x" * 101}],
    [COMMAND | {"options": [OPTION] * 26}],
    [COMMAND | {"options": [OPTION, OPTION | {"name": "b", "required": True}]}],
    [COMMAND | {"options": [OPTION | {"choices": [{"name": "a", "value": "a"}] * 26}]}],
    [COMMAND | {"options": [OPTION | {"choices": [{"name": "a" * 101, "value": "a"}]}]}],
    [COMMAND | {"name_localizations": {"es": "preguntar"}}],
    [COMMAND | {"description_localizations": {"es-ES": "x" * 101}}],
    [{"name": "menu", "type": 3, "description": "no"}],
    [{"name": f"menu {n}", "type": 3} for n in range(16)],
]


@pytest.mark.parametrize("commands", WRONG_COMMANDS, ids=lambda each: str(each)[:60])
async def test_commands_beyond_the_limits_are_refused(commands: list[dict[str, Any]]) -> None:
    async with FakeDiscord() as fake, bare(fake) as ask:
        path = f"/applications/{fake.bot.id}/commands"
        assert await ask.code("PUT", path, commands) == 50035
        assert not fake.world.commands.of(None)


async def test_commands_are_created_listed_and_deleted_within_the_limits() -> None:
    async with FakeDiscord() as fake, bare(fake) as ask:
        fake.rates.is_on = False
        guild = fake.guild("Team")
        path = f"/applications/{fake.bot.id}/guilds/{guild.id}/commands"
        choices = [{"name": f"{n}" * 50, "value": "v" * 99} for n in range(10, 25)]
        options = [OPTION | {"name": f"o{n}", "choices": choices} for n in range(5)]
        assert await ask.code("POST", path, COMMAND | {"options": options}) == 50035
        assert await ask.code("POST", path, COMMAND) == 0
        (command,) = (await ask("GET", path))[1]
        assert await ask.code("DELETE", f"{path}/{command['id']}") == 0
        assert await ask.code("DELETE", f"{path}/{command['id']}") == 10063
        assert await ask.code("GET", "/applications/1/commands") == 50001
        for start in range(0, 199, 100):
            names = [COMMAND | {"name": f"c{n}"} for n in range(start, min(start + 100, 199))]
            assert await ask.code("PUT", path, names) == 0
        assert await ask.code("POST", path, COMMAND | {"name": "one-more"}) == 30034
