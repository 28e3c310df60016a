"""Slash commands: `/ask`, `/sources`, `/persona`, `/learn`, `/refresh`, `/help`."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from bot.desk import Desk
from bot.learning_chat import Learner
from bot.orders import choose_persona, failure, refreshing, unknown_source
from bot.platforms.slack.blocks import sources_text, stop
from bot.platforms.slack.local import Local
from bot.platforms.slack.posting import notice
from bot.platforms.slack.spot import Spot
from bot.platforms.slack.whereabouts import Lookout
from bot.platforms.slack.workspaces import Ourselves
from bot.posts import Link
from bot.wording import say
from knowledge.errors import TertuliaError

LONGEST_S = 2.5
"""Slack waits three seconds for an acknowledgement."""
Body = Mapping[str, Any]
Said = tuple[str, Sequence[Link]]
"""A text, and what may be linked in it."""
Answer = dict[str, Any]


class Commands:
    """Does what a command says, and answers the person alone."""

    def __init__(self, desk: Desk, local: Local, lookout: Lookout) -> None:
        self._desk, self._local, self._lookout = desk, local, lookout
        self._by_name: dict[str, Callable[[Spot, str, str], Awaitable[Said]]] = {
            "ask": self._ask,
            "sources": self._sources,
            "persona": self._persona,
            "learn": self._learn,
            "refresh": self._refresh,
        }

    async def run(self, body: Body, us: Ourselves) -> Answer:
        """What is said with the acknowledgement of a command."""
        spot = _spot(body, us)
        text = str(body.get("text") or "").strip()
        language = self._local.language(spot, text)
        # A team may have given them names such as /tertulia-ask.
        name = str(body["command"]).lstrip("/").rpartition("-")[2]
        does = self._by_name.get(name, self._help)
        try:
            async with asyncio.timeout(LONGEST_S):
                language = await self._local.language_of(spot, text)
                said, links = await does(spot, text, language)
        except TimeoutError:
            if name == "ask":
                raise
            said, links = say("error-knowledge", language), ()
        except TertuliaError as error:
            if name == "ask":
                raise
            said, links = failure(self._desk, spot.author, error, language), ()
        content = dict(notice(said, language, links)) | {"response_type": "ephemeral"}
        if name == "ask" and text:
            content["blocks"] = [*content["blocks"], stop(spot.key, language)]
        return content

    async def _ask(self, spot: Spot, text: str, language: str) -> Said:
        if not text:
            return say("slack-help", language), ()
        await self._desk.take(spot.turn(text, language))
        return say("have-your-question", language, question=text), ()

    async def _sources(self, spot: Spot, text: str, language: str) -> Said:
        """What the last answer here rests on; before there is one, what is read here at all."""
        reference = text.upper() or await self._desk.last_answer(
            spot.author, spot.channel_names[-1]
        )
        person = await self._lookout.person(spot)
        if reference:
            links = await self._desk.sources(reference, person.rights)
            if links is None:
                return say("answer-not-open", language), ()
            shown = sources_text(links, language, quotes=True)
            return shown or say("no-sources", language), links
        names = self._desk.known_sources(person.rights, self._local.channel(spot))
        if not names:
            return say("no-knowledge", language), ()
        listed = "\n".join(f"- {name}" for name in names)
        return "\n\n".join((say("known-sources", language), listed)), ()

    async def _persona(self, spot: Spot, name: str, language: str) -> Said:
        if not name:
            names = ", ".join(await self._desk.personas(self._local.channel(spot)))
            here = await self._desk.persona(
                spot.author, spot.channel_names[-1], self._local.channel(spot)
            )
            return say("personas", language, here=here, names=names), ()
        place = spot.channel_names[-1], self._local.channel(spot)
        return await choose_persona(self._desk, spot.author, place, name, language), ()

    async def _learn(self, spot: Spot, text: str, language: str) -> Said:
        rights = (await self._lookout.person(spot)).rights
        who = Learner(spot.author, spot.person_names(spot.user), rights)
        return await self._desk.learn(who, text, language), ()

    async def _refresh(self, spot: Spot, text: str, language: str) -> Said:
        if not any(map(self._desk.is_admin, spot.person_names(spot.user))):
            return say("admins-only", language), ()
        if unknown := unknown_source(self._desk, text.split(), language):
            return unknown, ()
        names = await self._desk.refresh(text.split())
        return refreshing(names, language), ()

    async def _help(self, spot: Spot, text: str, language: str) -> Said:
        return say("slack-help", language), ()


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
        is_one_of_many=us.is_one_of_many,
    )
