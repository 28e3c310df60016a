"""What people press and fill in: buttons below answers, shortcuts on messages, forms."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.desk import Desk
from bot.platforms.slack import blocks, views
from bot.platforms.slack.errands import Errands
from bot.platforms.slack.errors import SlackRefusedError, SlackUnavailableError
from bot.platforms.slack.local import Local
from bot.platforms.slack.names import ASK_ABOUT, SUMMARISE
from bot.platforms.slack.posting import Posting, contents, notice
from bot.platforms.slack.spoken import spoken
from bot.platforms.slack.spot import Spot, file_ids
from bot.platforms.slack.whereabouts import Lookout
from bot.platforms.slack.whispering import respond
from bot.platforms.slack.workspaces import Ourselves, Workspaces
from bot.posts import Link, Post
from bot.replying import failed
from bot.wording import say
from knowledge.errors import TertuliaError

MOST_FILES_KEPT = 20
"""Of the files of a message: a form has room for so many ids, and Slack takes ten in a message."""
MOST_SHARED = 1_000
"""So many answers are remembered that were shown to all, lest a second press shows them again."""
Body = Mapping[str, Any]
Reads = Callable[[Spot, str, str], Awaitable[tuple[str, Sequence[Link]]]]
"""Reads what a window shows, and the sources that may be linked there."""


class Pressing:
    """Does what a press asks for."""

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
        self._shared: dict[tuple[str, str], None] = {}

    async def take(self, body: Body, us: Ourselves) -> dict[str, Any]:
        """What is said with the acknowledgement; what is unknown is acknowledged all the same."""
        kind = body.get("type")
        if kind == "block_actions":
            for action in body["actions"]:
                await self._pressed(body, action, us)
        elif kind == "message_action":
            await self._shortcut(body, us)
        elif kind == "view_submission" and body["view"]["callback_id"] == views.FEEDBACK_FORM:
            return await self._opined(body, us)
        elif kind == "view_submission":
            await self._submitted(body, us)
        return {}

    async def _pressed(self, body: Body, action: Body, us: Ourselves) -> None:
        name, value = action.get("action_id"), str(action.get("value", ""))
        if name == blocks.RATE:
            await self._rated(body, value, us)
        elif name == blocks.WHY:
            self._errands.begin(self._open(body, us, "why-title", self._why, value))
        elif name == blocks.QUOTES:
            self._errands.begin(self._open(body, us, "quotes-title", self._quotes, value))
        elif name == blocks.SHARE:
            self._errands.begin(self._share(body, us, value))
        elif name == blocks.STOP:
            await self._stop(body, value, us)
        elif name in (blocks.YES, blocks.NO):
            await self._decided(body, action, us)

    async def _decided(self, body: Body, action: Body, us: Ourselves) -> None:
        """Hand on what somebody said to what they were asked to confirm."""
        spot = replace(_spot_below(body, us), ts=str(action["action_ts"]))
        language = await self._language(body, us)
        name, is_yes = str(action["value"]), action["action_id"] == blocks.YES
        told = await self._desk.decide(name, spot.turn("", language), is_yes=is_yes)
        if told:
            self._errands.begin(self._whisper(body, say(told, language), language))

    async def _stop(self, body: Body, question: str, us: Ourselves) -> None:
        """End the work on what somebody has asked alone; the answer is that it was ended."""
        spot = _spot(body, us)
        if not await self._desk.stop(spot.conversation, spot.author, question):
            language = await self._language(body, us)
            told = say("nothing-to-stop", language)
            self._errands.begin(self._whisper(body, told, language))

    async def _rated(self, body: Body, value: str, us: Ourselves) -> None:
        verdict, _, reference = value.partition(":")
        author = _spot(body, us).author
        language = await self._language(body, us)
        is_kept = await self._desk.rate(reference, author, "down" if verdict == "down" else "up")
        if not is_kept:
            told = say("no-longer-kept", language, reference=reference)
            self._errands.begin(self._whisper(body, told, language))
        elif verdict == "down":
            form = views.feedback_form(reference, language)
            self._errands.begin(self._show(body, us, form))
        else:
            thanks = say("thanks", language, reference=reference)
            self._errands.begin(self._whisper(body, thanks, language))

    async def _opined(self, body: Body, us: Ourselves) -> dict[str, Any]:
        """Note what a form says of an answer; where that is forgotten the form says so."""
        view, author = body["view"], _spot(body, us).author
        reference = views.about(view)["reference"]
        fault, better = (views.entered(view, name) for name in (views.FAULT, views.BETTER))
        if await self._desk.rate(reference, author, "down", fault=fault, better=better):
            return {}
        language = await self._language(body, us)
        told = say("no-longer-kept", language, reference=reference)
        window = views.window("feedback-title", language, told)
        return {"response_action": "update", "view": window}

    async def _submitted(self, body: Body, us: Ourselves) -> None:
        view = body["view"]
        about = views.about(view)
        if view["callback_id"] == views.ASK_FORM:
            question = views.entered(view, views.QUESTION)
            spot = replace(Spot.of(about["spot"]), ts=str(view["id"]))
            language = await self._local.language_of(spot)
            said = [f"“{about['text']}”"] if about["text"] else []
            await self._ask(spot, "\n\n".join((question, *said)), language)
            told = [say("have-your-question", language, question=question)]
            told += [say("ask-about-cut", language, most=len(about["text"]))] * about["is_cut"]
            self._errands.begin(self._answer(spot, "\n\n".join(told), language))

    async def _shortcut(self, body: Body, us: Ourselves) -> None:
        """Somebody has picked us in the menu of a message."""
        language = await self._language(body, us)
        if body.get("callback_id") == ASK_ABOUT:
            text = spoken(str(body["message"].get("text", "")))
            files = file_ids(body["message"])[:MOST_FILES_KEPT]
            spot = replace(_spot(body, us), response_url=str(body["response_url"]), files=files)
            form = views.ask_form(spot.place, text, language)
            self._errands.begin(self._show(body, us, form))
        elif body.get("callback_id") == SUMMARISE:
            told = await self._summarise(body, us, language)
            self._errands.begin(self._whisper(body, told, language))

    async def _summarise(self, body: Body, us: Ourselves, language: str) -> str:
        """What to say to that: we sum up what we may read, and nothing else."""
        about = str(body["message"].get("thread_ts") or body["message_ts"])
        spot = replace(_spot(body, us), thread=about, reads_thread=True)
        if not await self._lookout.may_read(spot):
            return say("invite-me-to-read", language)
        spot = replace(spot, response_url=str(body["response_url"]))
        await self._ask(spot, say("summarise-question", language), language)
        return say("have-your-question", language, question=say("summarise-title", language))

    async def _ask(self, spot: Spot, text: str, language: str) -> None:
        await self._desk.take(spot.turn(text, language))

    async def _why(self, spot: Spot, reference: str, language: str) -> tuple[str, Sequence[Link]]:
        reader = (await self._lookout.person(spot)).rights
        told = await self._desk.why(reference, reader, language)
        return told or say("answer-not-open", language), ()

    async def _quotes(
        self, spot: Spot, reference: str, language: str
    ) -> tuple[str, Sequence[Link]]:
        reader = (await self._lookout.person(spot)).rights
        links = await self._desk.sources(reference, reader)
        if links is None:
            return say("answer-not-open", language), ()
        return views.quotes_text(links, language), links

    async def _open(self, body: Body, us: Ourselves, title: str, read: Reads, value: str) -> None:
        """Open a window at once, since Slack lets us only for a moment, then fill it."""
        language = await self._language(body, us)
        loading = views.window(title, language, say("one-moment", language))
        opened = await self._show(body, us, loading)
        if opened is None:
            return
        try:
            text, links = await read(_spot(body, us), value, language)
        except TertuliaError as error:
            text, links = failed(error, language).text, ()
        calls, name = await self._workspaces.calls(us.team), opened["view"]["id"]
        filled = views.window(title, language, text, links)
        try:
            await calls.surely("views_update", view_id=name, view=filled)
        except (SlackRefusedError, SlackUnavailableError) as error:
            told = views.window(title, language, failed(error, language).text)
            await calls.surely("views_update", view_id=name, view=told)

    async def _show(self, body: Body, us: Ourselves, view: Body) -> Body | None:
        """Open a window, at most once; where Slack does not, whoever has pressed is told."""
        calls = await self._workspaces.calls(us.team)
        try:
            return await calls.surely("views_open", trigger_id=body["trigger_id"], view=view)
        except (SlackRefusedError, SlackUnavailableError):
            language = await self._language(body, us)
            await self._whisper(body, say("window-not-opened", language), language)
            return None

    async def _share(self, body: Body, us: Ourselves, reference: str) -> None:
        """Show all in a channel what somebody was told alone, if all may read its sources."""
        spot = replace(_spot(body, us), ts="", is_private=False)
        language = await self._language(body, us)
        found = await self._lookout.whereabouts(spot)
        place, by = found.place, found.person.rights
        post = await self._desk.answer(reference, place.audience, by) if place else None
        if post is None:
            await self._whisper(body, say("not-for-all", language), language)
            return
        shown = (spot.conversation, reference)
        if shown in self._shared:
            return  # pressed twice
        self._shared[shown] = None
        told = await self._put_up(Posting(await self._workspaces.calls(us.team), spot), post)
        if told:
            self._shared.pop(shown, None)
            await self._whisper(body, say(told, language), language)
        while len(self._shared) > MOST_SHARED:
            del self._shared[next(iter(self._shared))]

    async def _put_up(self, posting: Posting, post: Post) -> str:
        """Post it all; what to say where that did not do."""
        try:
            for content in contents(post):
                await posting.write(content, 0, 1)
        except SlackRefusedError:
            return "invite-me"
        except SlackUnavailableError:
            return "share-later"
        return ""

    async def _whisper(self, body: Body, text: str, language: str) -> None:
        spot = _spot(body, Ourselves("", "", ""))
        spot = replace(spot, response_url=str(body["response_url"]))
        await self._answer(spot, text, language)

    async def _answer(self, spot: Spot, text: str, language: str) -> None:
        """Say something to whoever has pressed, where they did."""
        more = {"thread_ts": spot.thread} if spot.thread else {}
        await respond(self._workspaces, spot.response_url, {**notice(text, language), **more})

    async def _language(self, body: Body, us: Ourselves) -> str:
        return await self._local.language_of(_spot(body, us))


def _spot(body: Body, us: Ourselves) -> Spot:
    """Where somebody pressed, and who."""
    place = body.get("channel") or {}
    container, message = body.get("container") or {}, body.get("message") or {}
    channel = str(place.get("id", ""))
    return Spot(
        team=us.team,
        channel=channel,
        user=str(body["user"]["id"]),
        ts=str(body.get("trigger_id", "")),
        thread=str(container.get("thread_ts") or message.get("thread_ts") or ""),
        is_direct=channel.startswith("D"),
        is_private=True,
        is_one_of_many=us.is_one_of_many,
    )


def _spot_below(body: Body, us: Ourselves) -> Spot:
    """Where a message stands whose button somebody pressed: what comes of it takes its place."""
    spot, container = _spot(body, us), body.get("container") or {}
    if container.get("is_ephemeral"):
        return replace(spot, response_url=str(body["response_url"]), answer="original")
    ts = str(container.get("message_ts") or body["message"]["ts"])
    return replace(spot, is_private=False, thread=spot.thread or ts, answer=ts)
