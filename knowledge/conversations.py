"""The words that all three packages share: messages, conversations, answers."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from knowledge.articles import Audience, Chunk

Fault = Literal["", "wrong", "outdated", "not-allowed", "style", "other"]


def now() -> datetime:
    """The present moment, with its time zone."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Message:
    """One thing somebody said.

    Attributes:
        author: a principal such as `terminal:ana`; `tertulia` for our own messages.
        offers: the titles between which we asked to choose, where that is what we said.
    """

    id: str
    author: str
    text: str
    sent_at: datetime = field(default_factory=now)
    offers: tuple[str, ...] = ()


def transcript(said: Iterable[tuple[str, str]]) -> str:
    """What people said, one below the other: pairs of a name and what was said."""
    return "\n\n".join(f"{name}: {text}" for name, text in said)


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody said to a call that they were asked to confirm.

    Attributes:
        confirmation: its name.
        language: of the question for which it was asked.
        at: when they said it.
    """

    confirmation: str
    is_yes: bool
    language: str = "en"
    at: datetime = field(default_factory=now)


@dataclass(frozen=True, slots=True)
class Conversation:
    """A thread, oldest message first, and everybody who will read the reply.

    Attributes:
        audience: what is true of all who will read the reply.
        asker: what is true of the asker alone, where others read along and the asker may be told
            that there is more in private; else empty.
        attached: pieces of what came with the question; read for this question alone, by all who
            will read the reply.
        sources: the names of those that are read for the reply; all where none is named.
        results: of tools that were called for the question; read first, by nobody else. Pages of
            our knowledge may be among them.
        decision: that the last message is, rather than a question.
        learns_in: the channel, where that agrees that something is learnt from it; else empty.
    """

    id: str
    messages: tuple[Message, ...]
    audience: Audience
    asker: Audience = field(default_factory=Audience)
    attached: tuple[Chunk, ...] = ()
    sources: tuple[str, ...] = ()
    results: tuple[Chunk, ...] = ()
    decision: Decision | None = None
    learns_in: str = ""

    @property
    def question(self) -> Message:
        """The message that wants an answer: the last one."""
        return self.messages[-1]


@dataclass(frozen=True, slots=True)
class Citation:
    """A number in the answer's text and the chunk behind it.

    Attributes:
        quote: words that stand in the chunk exactly like this.
        score: 0 to 1, how much of the sentence the chunk holds.
    """

    n: int
    chunk: Chunk
    quote: str
    score: float


@dataclass(frozen=True, slots=True)
class Dissent:
    """A page that says otherwise than the answer does.

    Attributes:
        n: of its citation, which no sentence of the answer has.
        is_older: whether it is known to be older than what the answer rests on.
    """

    n: int
    is_older: bool


@dataclass(frozen=True, slots=True)
class ChunkUse:
    """A chunk that was found for an answer, and whether the answer cites it.

    Attributes:
        chunk: its id, by which one can tell who may read it by now.
        url: of its article, where that has one.
    """

    article: str
    position: int
    score: float
    used: bool
    chunk: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class ToolUsed:
    """A call of a tool for an answer.

    Attributes:
        call: in one line, as people read it: `calculate(expression="2 + 2")`.
        outcome: `done`, `refused`, `failed`, `unconfirmed`, or what became of the confirmation:
            `declined`, `late`, `unknown` (whether it is done), `postponed` (one at a time).
        effect: of the tool: `read`, `write` or `destructive`.
        seconds: that it took.
    """

    call: str
    outcome: str
    effect: str = "read"
    seconds: float = 0.0


ToolFault = Literal[
    "", "broken", "too-long", "no-text", "no-picture", "arguments", "unseen", "nothing"
]
"""Why there is no result, where a tool does not say so itself; each has a sentence of its own."""


@dataclass(frozen=True, slots=True)
class Act:
    """A call that changes something: to be confirmed, or what came of it.

    Attributes:
        call: the tool with every argument in full, in lines, as people read it.
        outcome: see `ToolUsed`.
        text: what the tool said to that; untrusted.
        fault: see `ToolFault`.
        confirmation: the name by which it is confirmed; empty once it cannot be any more.
        is_tainted: whether the model has read what others wrote before it wanted this.
        is_final: whether it cannot be taken back.
        is_outward: whether it changes nothing, and would tell others what nobody has said.
    """

    call: str
    outcome: str
    text: str = ""
    confirmation: str = ""
    is_tainted: bool = False
    is_final: bool = False
    fault: ToolFault = ""
    is_outward: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """Why something that was wanted is not there.

    Attributes:
        fault: see `ToolFault`; empty where the tool says it itself.
        text: what the tool said; untrusted.
        tool: its name.
    """

    fault: ToolFault = ""
    text: str = ""
    tool: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that a tool has made, posted as a file.

    Attributes:
        content: the bytes of the file; empty where they are kept no longer.
        description: what is to be seen, for who cannot see it; untrusted.
        kind: `png`, `jpeg` or `webp`, as its bytes are; empty for one that nobody has looked at.
    """

    content: bytes = field(repr=False)
    description: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """How an answer came about.

    Attributes:
        prompt_version: the hash of the persona's text.
        knowledge: state of the index: whether all of it can be searched, ..., and the `map` of
            questions if one was learnt; nothing that tells how much there is for others.
        timings_s: seconds by step (`retrieve`, `first_token`, `total`).
        tokens: `prompt` and `answer`.
        route: what the question was taken to need: `needs`, `confidence` and `edition` of what
            decided; empty where nothing did.
    """

    persona: str
    prompt_version: str
    model: str
    adapter: str | None = None
    chunks: tuple[ChunkUse, ...] = ()
    tools: tuple[ToolUsed, ...] = ()
    knowledge: dict[str, Any] = field(default_factory=dict)
    timings_s: dict[str, float] = field(default_factory=dict)
    tokens: dict[str, int] = field(default_factory=dict)
    route: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What Tertulia says, with its citations and its receipt.

    Attributes:
        reference: a short name that people can read out, such as `T-7Q2M`.
        abstained: True where our knowledge holds no answer, or two that depend on what is meant;
            then `reason` says why.
        about: what the reason speaks of, such as fields of a form.
        not_drawn: why a picture is missing; None where none was wanted, or there is one.
        unhelpful: why a tool that was asked gave nothing, where nothing was answered; else None.
        nearest: titles of the nearest articles, where nothing was answered.
        more_in_private: whether the asker alone could be told more.
        dissents: pages that say otherwise; their citations are the last ones.
        acts: what is to be confirmed, or was; then this says nothing else.
        pictures: that tools have made for it.
    """

    reference: str
    text: str
    language: str
    citations: tuple[Citation, ...]
    receipt: Receipt
    abstained: bool = False
    reason: str | None = None
    nearest: tuple[str, ...] = ()
    more_in_private: bool = False
    dissents: tuple[Dissent, ...] = ()
    acts: tuple[Act, ...] = ()
    about: str = ""
    pictures: tuple[Picture, ...] = ()
    not_drawn: Missing | None = None
    unhelpful: Missing | None = None


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a person thought of an answer; who says more later has said both.

    Attributes:
        fault: what was wrong with it, by the name of that; empty where it is not known.
        better: the answer that would have been right, in the person's words.
    """

    reference: str
    author: str
    verdict: Literal["up", "down"]
    comment: str = ""
    given_at: datetime = field(default_factory=now)
    fault: Fault = ""
    better: str = ""
