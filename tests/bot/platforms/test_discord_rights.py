"""Who asks and who reads along on Discord; what is not known counts as outsiders."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.platforms.discord.spot import Spot
from knowledge.turn import Turn
from tests.bot.platforms.discord_world import (
    World,
    quiet_home,
    serving_discord,
)

__all__ = ["quiet_home"]


def spot(world: World) -> Spot:
    """Ana asks in the channel."""
    return Spot(
        mark="1",
        user=world.ana.id,
        guild=world.guild.id,
        channel=world.channel.id,
        parent=world.channel.id,
    )


def turn(spot: Spot) -> Turn:
    return Turn("discord", ("discord:1",), "c", f"discord:{spot.user}", "?", spot.as_json())


async def test_people_have_their_roles_and_the_channels_that_they_see(
    quiet_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving_discord(monkeypatch) as world:
        guild = world.guild
        editors = guild.role("Editors")
        ana = guild.member("Eva", roles=[editors])
        board, secret = guild.channel("board"), guild.channel("secret")
        board.only_for(editors, guild.bot)
        secret.only_for(guild.bot)
        await world.fake.until(lambda: world.platform.client.get_channel(secret.id))
        await world.platform.client.wait_until_ready()
        asked = replace(spot(world), user=ana.id)
        where = await world.platform.whereabouts(turn(asked))
        names = where.person.belongs_to
        assert where.person.name == f"discord:{ana.id}"
        assert not where.person.is_outsider
        assert f"discord:guild:{guild.id}" in names
        assert {f"discord:role:{editors.id}", f"discord:{guild.id}:role:{editors.id}"} <= names
        assert {f"discord:chan:{board.id}", f"discord:{guild.id}:chan:{board.id}"} <= names
        assert f"discord:chan:{secret.id}" not in names
        assert where.place
        assert where.place.channel == f"discord:chan:{world.channel.id}"
        assert where.place.also == {
            f"discord:{guild.id}:chan:{world.channel.id}",
            f"discord:guild:{guild.id}",
        }
        assert not where.place.has_outsiders


async def test_where_one_person_reads_there_is_no_place(
    quiet_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving_discord(monkeypatch) as world:
        asked, room = spot(world), world.ana.direct.id
        direct = Spot(mark="2", user=world.ana.id, channel=room, parent=room)
        for one in (direct, replace(asked, is_private=True)):
            where = await world.platform.whereabouts(turn(one))
            assert where.place is None
            assert f"discord:chan:{world.channel.id}" in where.person.belongs_to


async def test_strangers_and_places_that_are_not_known_are_outside(
    quiet_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving_discord(monkeypatch) as world:
        other = world.fake.guild("Others")
        stranger = other.member("Sam")
        asked = spot(world)
        gone = await world.platform.whereabouts(turn(replace(asked, user=stranger.id)))
        assert gone.person.is_outsider
        assert gone.person.belongs_to == frozenset()
        nowhere = await world.platform.whereabouts(turn(replace(asked, parent=5, channel=6)))
        assert nowhere.place
        assert nowhere.place.has_outsiders
        assert nowhere.place.also == {
            f"discord:{world.guild.id}:chan:5",
            "discord:chan:6",
            f"discord:{world.guild.id}:chan:6",
        }


async def test_only_members_of_the_named_servers_are_the_team(
    quiet_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving_discord(monkeypatch, DISCORD_GUILDS="1, 2") as world:
        where = await world.platform.whereabouts(turn(spot(world)))
        assert where.person.is_outsider
        assert where.place
        assert where.place.has_outsiders
