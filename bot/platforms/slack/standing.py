"""The messages of one reply in a thread: which stand there, and whose place they take."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.platforms.slack.errors import SlackUnavailableError
from bot.platforms.slack.posting import Json, Posting
from bot.platforms.slack.uploading import Upload, is_file
from knowledge.tasks import looked_at

LAST_CALL_S = 5.0
"""So long a call that is on its way is waited for before something else is begun."""


@dataclass(slots=True)
class Standing:
    """What stands there of a post, while it is being written part by part.

    Attributes:
        parts: the `ts` of each part, by its number; of a picture the id of its file.
        left: other messages of ours, whose places the parts take; what is too many is removed.
        is_uncertain: whether a part may stand there that we have not heard of.
        patience_s: so long a part is waited for that is on its way.
    """

    parts: dict[int, str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    is_uncertain: bool = False
    patience_s: float = LAST_CALL_S
    _on_its_way: "asyncio.Task[None] | None" = None
    _is_current: bool = True

    @property
    def messages(self) -> list[str]:
        """All of them."""
        return [*self.left, *self.parts.values()]

    def another(self, left: list[str]) -> "Standing":
        """What another post finds, which takes the place of this one."""
        self._is_current = False
        return Standing(left=left, is_uncertain=self.is_uncertain)

    async def write(self, posting: Posting, contents: Sequence[Json | Upload]) -> str:
        """Put each part where it belongs, into what stands there already, else below it.

        Where this is cancelled, the part that is on its way gets there all the same: cut off,
        nobody would know that it stands there.

        Returns:
            What all parts are called, in order.
        """
        for number, content in enumerate(contents):
            if number in self.parts:
                continue
            free = [] if isinstance(content, Upload) else self._free()
            putting = self._put(posting, content, number, len(contents), free[0] if free else "")
            self._on_its_way = asyncio.create_task(putting)
            self._on_its_way.add_done_callback(looked_at)
            await asyncio.shield(self._on_its_way)
        for name in sorted(self._left_over()):
            await posting.remove(name)
        self.left.clear()
        return " ".join(self.parts[number] for number in range(len(contents)))

    async def settled(self) -> None:
        """Wait for a part that is on its way, but not for ever."""
        if self._on_its_way and not self._on_its_way.done():
            await asyncio.wait([self._on_its_way], timeout=self.patience_s)

    def abandon(self) -> None:
        """Wait for nothing."""
        if self._on_its_way:
            self._on_its_way.cancel()

    async def _put(
        self, posting: Posting, content: Json | Upload, part: int, parts: int, instead_of: str
    ) -> None:
        try:
            if isinstance(content, Upload):
                ts = await posting.upload(content, part, parts)
            elif instead_of:
                ts = await posting.change(instead_of, content, part, parts)
            else:
                ts = await posting.write(content, part, parts)
        except SlackUnavailableError as error:
            self.is_uncertain = self.is_uncertain or error.is_uncertain
            raise
        self.parts[part] = ts
        if not self._is_current and ts != instead_of:  # something else stands there by now
            await posting.remove(ts)

    def _free(self) -> list[str]:
        """Places that no part has taken yet, as they stand in the thread."""
        return sorted((one for one in self._left_over() if not is_file(one)), key=float)

    def _left_over(self) -> set[str]:
        """What stands there of something else."""
        return set(self.left).difference(self.parts.values())
