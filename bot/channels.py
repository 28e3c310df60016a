"""What `tertulia.toml` says of single channels: who answers there, in which language, to whom."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.principals import wrong_readers
from bot.wording import LANGUAGES
from knowledge.articles import EVERYONE, Audience
from knowledge.errors import suggestion

DEFAULT = "default"
"""The table for every channel that has none of its own."""
Mistake = tuple[str, str]


class Channel(BaseModel):
    """One channel, with its threads; `[channels."slack:T1:chan:C9"]`.

    Attributes:
        persona: who answers.
        language: of notices; the asker's where it is empty.
        listens: to `mentions` alone, or also to what follows in `threads` that it takes part in.
        ask: who may ask.
        bots: the other bots that are answered, once in each thread; none where none is named.
        prompts: questions that are suggested where somebody opens a conversation with us; where
            none is named, three that any team has.
        removes_answers: whether the answer goes where the question is deleted.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    persona: str = "helpdesk"
    language: Literal["", "en", "es"] = ""
    listens: Literal["mentions", "threads"] = "threads"
    ask: tuple[str, ...] = (EVERYONE,)
    bots: tuple[str, ...] = ()
    prompts: Annotated[tuple[str, ...], Field(max_length=4)] = ()
    removes_answers: bool = False

    def admits(self, person: Audience) -> bool:
        """Whether somebody may ask here."""
        return Audience.of(*self.ask).admits(person)


def channel_of(tables: Mapping[str, Any], *names: str) -> Channel:
    """What is said of a channel under one of its names, and for all else of every channel.

    Raises:
        ValidationError: it is written wrong; `mistakes` words that.
    """
    said: dict[str, Any] = {}
    for name in (DEFAULT, *names):
        said |= tables.get(name, {})
    return Channel.model_validate(said)


def mistakes(tables: object) -> Iterator[Mistake]:
    """What is wrong with `[channels...]`, and what to do."""
    if not isinstance(tables, Mapping):
        yield "'channels' is no table", 'Each channel is a table: [channels."slack:T1:chan:C9"]'
        return
    for name, table in tables.items():
        yield from _mistakes(name, table)


def _mistakes(name: str, table: object) -> Iterator[Mistake]:
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
    for said, right in wrong_readers(channel.ask):
        yield f"{where} {said.replace('audience', 'ask')}", right


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
    }
    return f"{where} {key} = {problem['input']!r} cannot be", right.get(key, "Right: a text")
