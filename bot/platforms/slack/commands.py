"""Slash commands: `/ask`, `/sources`, `/persona`, `/refresh`, `/help`."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.desk import Desk
from bot.platforms.slack.local import Local
from bot.platforms.slack.posting import notice
from bot.platforms.slack.spot import NAME, Spot
from bot.platforms.slack.whereabouts import Lookout
from bot.platforms.slack.workspaces import Ourselves
from bot.wording import say
from knowledge.errors import TertuliaError
from knowledge.turns import Turn

LONGEST_S = 2.5
"""Slack waits three seconds for an acknowledgement."""
Body = Mapping[str, Any]
Answer = dict[str, Any]


class Commands:
    """Does what a command says, and answers the person alone."""

    def __init__(self, desk: Desk, local: Local, lookout: Lookout) -> None:
        self._desk, self._local, self._lookout = desk, local, lookout
        self._by_name: dict[str, Callable[[Spot, str, str], Awaitable[str]]] = {
            "ask": self._ask,
            "sources": self._sources,
            "persona": self._persona,
            "refresh": self._refresh,
        }

    async def run(self, body: Body, us: Ourselves) -> Answer:
        """What is said with the acknowledgement of a command."""
        spot = _spot(body, us)
        text = str(body.get("text") or "").strip()
        language = await self._local.language_of(spot, text)
        # A team may have given them names such as /tertulia-ask.
        name = str(body["command"]).lstrip("/").rpartition("-")[2]
        does = self._by_name.get(name, self._help)
        try:
            said = await does(spot, text, language)
        except TimeoutError:
            said = say("error-knowledge", language)
        except TertuliaError as error:
            if name == "ask":
                raise
            said = say("command-failed", language, reason=f"{error} {error.what_to_do}")
        return dict(notice(said, language)) | {"response_type": "ephemeral"}

    async def _ask(self, spot: Spot, text: str, language: str) -> str:
        if not text:
            return say("slack-help", language)
        turn = Turn(NAME, (spot.key,), spot.conversation, spot.author, text, spot.place, language)
        await self._desk.take(turn)
        return say("have-your-question", language, question=text)

    async def _sources(self, spot: Spot, text: str, language: str) -> str:
        async with asyncio.timeout(LONGEST_S):
            person = await self._lookout.person(spot)
        names = self._desk.known_sources(person.rights)
        if not names:
            return say("no-knowledge", language)
        listed = "\n".join(f"- {name}" for name in names)
        return "\n\n".join((say("known-sources", language), listed))

    async def _persona(self, spot: Spot, text: str, language: str) -> str:
        name, _, question = text.partition(" ")
        names = self._desk.personas()
        if name in names and question.strip():
            chosen = Spot.of(spot.place | {"persona": name})
            return await self._ask(chosen, question.strip(), language)
        here = self._desk.channel(*spot.channel_names).persona
        return say("personas", language, here=here, names=", ".join(names))

    async def _refresh(self, spot: Spot, text: str, language: str) -> str:
        admins = (spot.author, f"{NAME}:{spot.team}:user:{spot.user}")
        if not any(map(self._desk.is_admin, admins)):
            return say("admins-only", language)
        names = await self._desk.refresh(text.split())
        return say("refreshing", language, names=", ".join(names))

    async def _help(self, spot: Spot, text: str, language: str) -> str:
        return say("slack-help", language)


def _spot(body: Body, us: Ourselves) -> Spot:
    channel = str(body["channel_id"])
    return Spot(
        team=us.team,
        channel=channel,
        user=str(body["user_id"]),
        ts=str(body.get("trigger_id", "")),
        is_direct=channel.startswith("D"),
        is_private=True,
        response_url=str(body.get("response_url", "")),
    )
