"""The reply to a command: for a quarter of an hour by its token, afterwards as any other one."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import discord

from bot.platforms.discord.buttons import Press, presses
from bot.platforms.discord.client import Client
from bot.platforms.discord.failures import EXPIRED, GONE, DiscordRefusedError
from bot.platforms.discord.posting import NOBODY, InChannel
from bot.platforms.discord.spot import Posted, Spot
from bot.platforms.discord.views import Layout

LIVES_FOR = timedelta(minutes=14)
"""Discord takes replies for 15 minutes; none may be on its way when they end."""
Now = Callable[[], datetime]
ORIGINAL: Any = "@original"
"""Stands for the id of the message."""


class InResponse:
    """A reply in the place where the person sees that we are thinking.

    What only the person may see is sent as a direct message once the token has ended, and where
    there is none.
    """

    def __init__(self, client: Client, spot: Spot, *, lives_until: datetime, now: Now) -> None:
        self._client, self._spot = client, spot
        self._lives_until, self._now = lives_until, now
        self._later: InChannel | None = None
        self._more: list[int] = []  # messages behind the first, as they are sent

    async def begin(self, view: Layout) -> Posted:
        """Show something in the place of thinking."""
        return await self.change(Posted(), [view])

    async def change(self, shown: Posted, views: Sequence[Layout]) -> Posted:
        """Show this instead."""
        if self._later is None and self._spot.token and self._now() < self._lives_until:
            try:
                return await self._changed(shown, views)
            except DiscordRefusedError as error:
                if error.code not in (*EXPIRED, GONE):
                    raise
        if self._later is None:
            self._later = await self._afterwards()
            shown = Posted()
        if shown.messages:
            return await self._later.change(shown, views)
        first = await self._later.begin(views[0])
        return await self._later.change(first, views) if views[1:] else first

    async def typing(self) -> None:
        """Nothing: Discord shows that we are thinking."""

    async def found(self) -> tuple[Posted, Press | None]:
        """What an earlier process has shown."""
        if not self._spot.token:
            return Posted(), None
        try:
            async with self._client.calls.calling("reading a response"):
                message = await self._webhook().fetch_message(ORIGINAL)
        except DiscordRefusedError:
            return Posted(), None
        found = next((one for one in presses(message) if one.mark == self._spot.mark), None)
        return (Posted(message.channel.id, (message.id,)), found) if found else (Posted(), None)

    async def remove(self, shown: Posted) -> None:
        """Take away what was shown, where all could see it."""
        if not self._spot.is_private:
            await InChannel(self._client, self._spot.in_channel()).remove(shown)

    async def _changed(self, shown: Posted, views: Sequence[Layout]) -> Posted:
        await self._client.acknowledged(self._spot.mark)
        first = await self._edited(ORIGINAL, views[0])
        self._more = self._more or [*shown.messages[1:]]
        for n, view in enumerate(views[1:]):
            if n < len(self._more):
                await self._edited(self._more[n], view)
            else:
                self._more.append(await self._sent(view))
        while len(self._more) > len(views) - 1:
            async with self._client.calls.calling("responding"):
                await self._webhook().delete_message(self._more[-1])
            self._more.pop()
        return Posted(first.channel.id, (first.id, *self._more))

    async def _edited(self, number: int, view: Layout) -> discord.WebhookMessage:
        async with self._client.calls.calling("responding"):
            webhook = self._webhook()
            return await webhook.edit_message(
                number, view=view, attachments=view.files(), allowed_mentions=NOBODY
            )

    async def _sent(self, view: Layout) -> int:
        async with self._client.calls.calling("responding"):
            more = await self._webhook().send(
                view=view,
                files=view.files(),
                ephemeral=self._spot.is_private,
                allowed_mentions=NOBODY,
                wait=True,
            )
        return more.id

    def _webhook(self) -> discord.Webhook:
        number = self._client.application_id or 0
        webhook = discord.Webhook.partial(number, self._spot.token, client=self._client)
        webhook.type = discord.WebhookType.application  # else nothing could be for one person
        return webhook

    async def _afterwards(self) -> InChannel:
        spot = self._spot.in_channel()
        if self._spot.is_private and not self._spot.is_direct:
            async with self._client.calls.calling("writing directly"):
                room = await self._client.create_dm(discord.Object(self._spot.user))
            spot = Spot(self._spot.mark, self._spot.user, channel=room.id, parent=room.id)
        return InChannel(self._client, spot)
