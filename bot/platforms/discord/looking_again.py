"""A question from before we listened is looked at once more before it is answered."""

import discord

from bot.platforms.discord.client import Client, Listener
from bot.platforms.discord.failures import GONE, DiscordBusyError, DiscordRefusedError
from bot.platforms.discord.spot import Spot, spot_of
from knowledge.tasks import to_its_end
from knowledge.turn import Turn


class LookingAgain:
    """Finds what was changed or taken back while nobody listened, and has that heard."""

    def __init__(self, client: Client, listener: Listener) -> None:
        self._client, self._listener = client, listener

    async def at(self, turn: Turn) -> None:
        """Go on only with a question that stands as it is written here.

        Of one that is gone or reads otherwise the listener is told. That ends the answer which
        waits for us, so that we are cut off then.
        """
        await self._client.calls.connected.wait()
        spot = spot_of(turn)
        if not spot.message or not self._client.may_have_missed(turn.sent_at):
            return
        try:
            message = await self._found(spot)
        except DiscordBusyError:
            return
        except DiscordRefusedError as error:
            if error.code == GONE:
                await to_its_end(self._listener.on_delete(spot.message))
        else:
            await to_its_end(self._listener.on_edit(message))

    async def _found(self, spot: Spot) -> discord.Message:
        async with self._client.calls.calling("looking at a question again"):
            room: object = self._client.get_channel(spot.channel)
            # Of a thread that was put away only this tells to which channel it belongs.
            if room is None and spot.guild:
                room = await self._client.fetch_channel(spot.channel)
            if not isinstance(room, discord.abc.Messageable):
                room = self._client.room(spot.channel, spot.guild)
            return await room.fetch_message(spot.message)
