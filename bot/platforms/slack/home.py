"""What people see before they ask: our home tab, and questions to begin a conversation with."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.desk import Desk
from bot.platforms.slack.errands import Errands
from bot.platforms.slack.local import Local
from bot.platforms.slack.posting import literal, literal_pieces
from bot.platforms.slack.spot import Spot
from bot.platforms.slack.whereabouts import Lookout
from bot.platforms.slack.workspaces import Ourselves, Workspaces
from bot.wording import say
from knowledge.articles import Audience

PROMPTS = ("prompt-newcomer", "prompt-help", "prompt-time-off")
"""Questions that any team has an answer to, or should have."""
LONGEST_TITLE, LONGEST_SECTION = 75, 2_900
Json = Mapping[str, Any]


class Home:
    """Greets whoever opens us, in their own language."""

    def __init__(
        self,
        desk: Desk,
        local: Local,
        lookout: Lookout,
        workspaces: Workspaces,
        errands: Errands,
    ) -> None:
        self._desk, self._local, self._lookout = desk, local, lookout
        self._workspaces, self._errands = workspaces, errands

    def opened(self, event: Json, us: Ourselves) -> None:
        """Somebody looks at us; Slack need not wait for what we show."""
        spot = Spot(
            us.team,
            str(event["channel"]),
            str(event["user"]),
            ts="",
            is_direct=True,
            is_one_of_many=us.is_one_of_many,
        )
        show = self._show_home if event.get("tab") == "home" else self._suggest
        self._errands.begin(show(spot))

    async def _show_home(self, spot: Spot) -> None:
        person = await self._lookout.person(spot)
        language = self._local.language(spot)
        view = {"type": "home", "blocks": self._blocks(person.rights, spot, language)}
        calls = await self._workspaces.calls(spot.team)
        await calls.at_once("views_publish", user_id=spot.user, view=view)

    def _blocks(self, reader: Audience, spot: Spot, language: str) -> list[Json]:
        names = self._desk.known_sources(reader, self._local.channel(spot))
        known = [say("known-sources", language), *(f"• {name}" for name in names)]
        return [
            {"type": "header", "text": _plain(say("home-title", language))},
            _section(say("app-description", language), language),
            {"type": "divider"},
            _section(say("slack-help", language), language),
            {"type": "divider"},
            _section("\n".join(known) if names else say("no-knowledge", language), language),
        ]

    async def _suggest(self, spot: Spot) -> None:
        await self._lookout.person(spot)  # for the language alone
        language = self._local.language(spot)
        own = self._local.channel(spot).prompts
        prompts = own or [say(key, language) for key in PROMPTS]
        calls = await self._workspaces.calls(spot.team)
        await calls.at_once(
            "assistant_threads_setSuggestedPrompts",
            channel_id=spot.channel,
            title=say("prompts-title", language),
            prompts=_prompts(prompts, language),
        )


def _prompts(questions: Sequence[str], language: str) -> list[Json]:
    return [
        {"title": text[:LONGEST_TITLE], "message": text}
        for text in (literal(question, language=language).strip() for question in questions)
        if text
    ]


def _section(text: str, language: str) -> Json:
    """A paragraph; of an endless list of sources, its beginning."""
    first = next(iter(literal_pieces(text, LONGEST_SECTION, links=(), language=language)), " ")
    return {"type": "section", "text": _plain(first)}


def _plain(text: str) -> Json:
    return {"type": "plain_text", "text": text, "emoji": False}
