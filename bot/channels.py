"""What `tertulia.toml` says of single channels: who answers there, in which language, to whom."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

import structlog
from pydantic import BaseModel, ConfigDict, Field, StrictBool, ValidationError, field_validator

from bot import extensions
from bot.limit import RIGHT, limit
from bot.principals import wrong_readers
from bot.wording import LANGUAGES
from knowledge.articles import EVERYONE, Audience
from knowledge.errors import OperatorError, suggestion

DEFAULT = "default"
"""The table for every channel that has none of its own."""
_NAMES = {
    "slack": (re.compile(r"slack:(?:[CDG]|T[A-Z0-9]+:chan:[CDG])[A-Z0-9]*"), "slack:C9"),
    "discord": (re.compile(r"discord:(?:(?:\d+:)?chan|guild):\d+"), "discord:chan:9"),
}
"""How the channels of a chat are named, and an example."""
Mistake = tuple[str, str]
log = structlog.get_logger(__name__)


class Channel(BaseModel):
    """One channel, with its threads; `[channels."slack:T1:chan:C9"]`.

    Attributes:
        persona: who answers.
        personas: whom people may choose instead; all where none is named.
        language: of notices; the asker's where it is empty.
        listens: to `mentions` alone, or also to what follows in `threads` that it takes part in.
        ask: who may ask; whoever talks there where nobody is named.
        bots: the other bots that are answered, once in each thread; none where none is named.
        prompts: questions that are suggested where somebody opens a conversation with us; where
            none is named, three that any team has.
        removes_answers: whether the answer goes where the question is deleted.
        learns: whether the channel agrees that something is learnt from questions, answers and
            ratings here; each person must agree, too.
        sources: those that are read for answers here, by name; all where none is named.
        per_person: how much one person may ask, such as `30/hour`; as much as they like where it
            is empty.
        per_channel: the same for all in the channel together.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    persona: str = "helpdesk"
    personas: tuple[str, ...] = ()
    language: Literal["", "en", "es"] = ""
    listens: Literal["mentions", "threads"] = "threads"
    ask: tuple[str, ...] = ()
    bots: tuple[str, ...] = ()
    prompts: Annotated[tuple[str, ...], Field(max_length=4)] = ()
    removes_answers: bool = False
    learns: StrictBool = False
    sources: tuple[str, ...] = ()
    per_person: str = ""
    per_channel: str = ""

    @field_validator("per_person", "per_channel")
    @classmethod
    def readable(cls, value: str) -> str:
        """A limit as people write it."""
        limit(value)
        return value

    @property
    def follows(self) -> bool:
        """Whether what is said in a thread of ours is meant for us without a mention.

        Where only some may ask, others talk there too, and not to us.
        """
        return self.listens == "threads" and self._is_for_all

    @property
    def _is_for_all(self) -> bool:
        return not self.ask or EVERYONE in self.ask

    def lets_choose(self, persona: str) -> bool:
        """Whether this persona may answer here."""
        return not self.personas or persona in (self.persona, *self.personas)

    def admits(self, person: Audience) -> bool:
        """Whether somebody may ask here: a bot that is to be answered like anybody of the team."""
        named = (*self.ask, *(self.bots if self._is_for_all else ()))
        return not self.ask or Audience.of(*named).admits(person)


class Channels:
    """The channels as the file was last written right.

    While somebody edits it nobody is let in, and nobody is left without an answer.

    Args:
        content: the file as it stands, by which an edit is noticed.
        tables: what it says of channels; fails where it is written wrong.
    """

    def __init__(
        self, content: Callable[[], bytes], tables: Callable[[], Mapping[str, Any]]
    ) -> None:
        self._content, self._tables = content, tables
        self._looked_at: bytes | None = None
        self._known: Mapping[str, Any] | None = None

    def of(self, *names: str) -> Channel:
        """What the team has set for a channel, under any of its names; the later counts more.

        Raises:
            OperatorError: the file was never right since we began.
        """
        self._refresh()
        return channel_of(self._known or {}, *names)

    def learning(self) -> list[str]:
        """The names in the file of single channels that agree that something is learnt there.

        Raises:
            OperatorError: the file was never right since we began.
        """
        self._refresh()
        known = self._known or {}
        single = [name for name in known if name != DEFAULT and ":guild:" not in name]
        return sorted(name for name in single if channel_of(known, name).learns)

    def _refresh(self) -> None:
        content = self._content()
        if content != self._looked_at or self._known is None:
            self._look()
            self._looked_at = content

    def _look(self) -> None:
        try:
            self._known = self._tables()
        except OperatorError as error:
            if self._known is None:
                raise
            log.warning("kept what the file said of channels before", kind=error.kind)


def channel_of(tables: Mapping[str, Any], *names: str) -> Channel:
    """What is said of a channel under one of its names, and for all else of every channel.

    Raises:
        ValidationError: it is written wrong; `mistakes` words that.
    """
    said: dict[str, Any] = {}
    for name in (DEFAULT, *names):
        said |= tables.get(name, {})
    return Channel.model_validate(said)


def spellings(name: str) -> tuple[str, ...]:
    """How `tertulia.toml` may name a channel that has this full name; the later counts more."""
    chat, *parts = name.split(":")
    if len(parts) != 3 or parts[1] != "chan":
        return (name,)
    if chat == "slack":
        return f"{chat}:{parts[2]}", name
    return f"{chat}:guild:{parts[0]}", f"{chat}:chan:{parts[2]}", name


def mistakes(tables: object, sources: Sequence[str]) -> Iterator[Mistake]:
    """What is wrong with `[channels...]`, and what to do.

    Args:
        tables: what stands there, by the name of the channel.
        sources: the names of all sources.
    """
    if not isinstance(tables, Mapping):
        yield "'channels' is no table", 'Each channel is a table: [channels."slack:T1:chan:C9"]'
        return
    for name, table in tables.items():
        yield from _mistakes(name, table, sources)


def _mistakes(name: str, table: object, sources: Sequence[str]) -> Iterator[Mistake]:
    where = f'[channels."{name}"]'
    if not isinstance(table, Mapping):
        yield f"{where} is no table", f'Write {where} and below it lines such as: language = "es"'
        return
    try:
        channel = Channel.model_validate(table)
    except ValidationError as error:
        for problem in error.errors():
            yield _worded(where, problem)
        return
    if name != DEFAULT and not _is_channel(name):
        yield f"{where} is no channel of a chat", f"{_right_name(name)}. {_chats()}"
    yield from _wrong_people(where, channel)
    for unknown in set(channel.sources) - set(sources):
        yield f"{where} names the source '{unknown}', which is none", suggestion(unknown, sources)


def _wrong_people(where: str, channel: Channel) -> Iterator[Mistake]:
    for said, right in wrong_readers(channel.ask):
        yield f"{where} {said.replace('audience', 'ask')}", right
    for key, people in (("ask", channel.ask), ("bots", channel.bots)):
        for unknown in (one for one in people if one != EVERYONE and not _is_on_a_chat(one)):
            yield f"{where} {key} names '{unknown}', who is on no chat", _chats()


def _chats() -> str:
    return f"Chats are: {', '.join(extensions.names_in('bot.platforms'))}"


def _is_channel(name: str) -> bool:
    """Whether it can be the name of a channel: that of a person holds nowhere."""
    form, _ = _NAMES.get(name.partition(":")[0], (None, ""))
    return _is_on_a_chat(name) and (form is None or bool(form.fullmatch(name)))


def is_full_name(name: str) -> bool:
    """Whether it names one channel of a chat with all that tells it from others: its workspace."""
    parts = name.split(":")
    return len(parts) == 4 and parts[2] == "chan" and parts[0] != "terminal" and _is_channel(name)


def _right_name(name: str) -> str:
    _, example = _NAMES.get(name.partition(":")[0], _NAMES["slack"])
    return f'Right: [channels."{example}"]'


def _is_on_a_chat(name: str) -> bool:
    chat, colon, rest = name.partition(":")
    return bool(colon and rest) and chat in extensions.names_in("bot.platforms")


def _worded(where: str, problem: Mapping[str, Any]) -> Mistake:
    key = str(problem["loc"][0])
    if problem["type"] == "extra_forbidden":
        return f"{where} has no '{key}'", suggestion(key, Channel.model_fields)
    right = {
        "language": f"Right: one of {', '.join(LANGUAGES)}",
        "listens": 'Right: "mentions" or "threads"',
        "bots": 'Right: bots = ["slack:B123"]',
        "prompts": 'Right: up to four questions: prompts = ["How do I ...?"]',
        "ask": f'Right: ask = ["{EVERYONE}"]',
        "removes_answers": "Right: true or false",
        "learns": "Right: true or false",
        "sources": 'Right: sources = ["handbook"]',
        "personas": 'Right: personas = ["helpdesk", "teacher"]',
        "per_person": f"Right: {RIGHT}",
        "per_channel": f"Right: {RIGHT}",
    }
    return f"{where} {key} = {problem['input']!r} cannot be", right.get(key, "Right: a text")
