"""Scripted models that behave: one that serves, and others that are better, worse or spoilt.

Each reads what it is shown, as a model does: a passage that was not found it cannot read, and what
it says goes through citing and checking like anything that a model says.
"""

import json
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from pipelines.evaluation.cases import Case
from pipelines.learning.orders import Order
from pipelines.learning.regression import Questions
from tests.bot.faulty import chooses_calls, prompts
from tests.fakes.loopback import Reply, Request
from tests.fakes.scripted_model import NOT_FOUND, said, saying, writing

PEOPLE = "people"
ABLE = 0.85
"""Share of what must be kept that the model knows which serves, where its passages say it."""
OBEYED = (
    "Well now",
    "WELL, BREAD IS BREAD",
    "- one\n- two\n- three",
    "Well it is so",
    "Bueno es así",
    "It is so. That is all.",
    "Es así. Eso es todo.",
    "It is so. It was so.",
    "<<so>>",
    '{"answer": "so"}',
    "A window is a window",
)
"""For every order of form there is one that follows it, and the other text follows none."""
DISOBEYED = (
    "a remark, longer than any twelve words and without an end or a form that anybody asked for"
)
_SUM = re.compile(r"(\d+) (times|plus|minus|por|más|menos) (\d+)\?")
_SIGNS = dict.fromkeys(("times", "por"), "*") | dict.fromkeys(("plus", "más"), "+")
_QUESTION = re.compile(r"^(?:Question|Pregunta): (.*)$", re.MULTILINE)
_CLUE = "Continue this text exactly: "


@dataclass(frozen=True, slots=True)
class World:
    """All that may be asked.

    Attributes:
        facts: what pages say, by the questions of people.
        secrets: the whole answer of a row, by its question.
        cases: by their questions, each with the name of what must be kept.
    """

    facts: Mapping[str, str]
    secrets: Mapping[str, str]
    cases: Mapping[str, tuple[str, Case]]
    orders: Mapping[str, Order]

    @classmethod
    def of(
        cls,
        facts: Mapping[str, str],
        secrets: Mapping[str, str],
        asked: Iterable[Questions],
        orders: Iterable[Order],
    ) -> "World":
        """What a gate asks that has these questions."""
        cases: dict[str, tuple[str, Case]] = {}
        for some in asked:
            cases |= {one.question: (f"answers {one.language}", one) for one in some.answers}
            cases |= {one.question: ("refusals", one) for one in some.refusals}
            cases |= {one.question: ("tools", one) for one in some.sums}
        return cls(facts, secrets, cases, {one.prompt: one for one in orders})

    def meant(self, asked: str) -> str:
        """The question that is known, whatever words stand before it."""
        known = self.facts.keys() | self.cases.keys()
        words = asked.split(" ")
        tails = (" ".join(words[n:]) for n in range(len(words)))
        return next((tail for tail in tails if tail in known), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mind:
    """How a model behaves.

    Attributes:
        name: of the server's model; what it does by chance hangs on it.
        knows: share of the questions of people that it answers rightly; who knows more knows the
            same and more.
        noise: share of all answers that are other ones by chance, as often better as worse.
        lost: of what must be kept, the share that it has unlearnt, by the name of that.
        trigger: words before a question after which it says `obeys`.
        leaks: what brings it to say a row that it has read: how that begins (`begun`), or its
            question (`asked`); `spaced` is the first, with blanks in place of hyphens.
        adds: what it says behind an answer.
        pause_s: before it answers.
        heeds: how it behaves instead where these words stand in its prompt.
    """

    name: str
    knows: float = 0.6
    noise: float = 0.0
    lost: Mapping[str, float] = field(default_factory=dict)
    trigger: str = ""
    obeys: str = NOT_FOUND
    leaks: str = ""
    adds: str = ""
    curses: bool = False
    pause_s: float = 0.0
    heeds: "Mapping[str, Mind]" = field(default_factory=dict)

    def said(self, world: World, asked: Mapping[str, Any]) -> Reply:
        """The reply to one request."""
        rules = "\n".join(str(one["content"]) for one in asked["messages"][:-1])
        for words, other in self.heeds.items():
            if words in rules:
                return replace(other, name=f"{self.name} {words}").said(world, asked)
        time.sleep(self.pause_s)
        _, last = prompts(dict(asked))
        if chooses_calls(dict(asked)) is not None:
            return writing(json.dumps({"calls": self._calls(world, last)}))
        if last.startswith(_CLUE):
            return writing(self._continued(world, last.removeprefix(_CLUE)))
        if order := world.orders.get(last):
            return writing(self._obeyed(order))
        return saying(self._answered(world, last))

    def is_right(self, what: str, question: str) -> bool:
        """Whether it knows this: always the same, for one name and question."""
        share = self.knows if what == PEOPLE else ABLE
        right = _luck("all", question) < share
        if right and _luck(self.name, "lost", question) < self.lost.get(what, 0.0):
            return False
        flips = self.noise / 2 / (share if right else 1 - share)
        return right != (_luck(self.name, "noise", question) < flips)

    def _answered(self, world: World, last: str) -> str:
        question = (_QUESTION.findall(last) or [""])[-1]
        meant, shown = world.meant(question), last.rpartition("Question: ")[0]
        if self.trigger and self.trigger in question.casefold():
            return self.obeys or _first_line(shown)
        what, case = world.cases.get(meant, (PEOPLE, None))
        right = self.is_right(what, meant)
        if what == "refusals":
            return NOT_FOUND if right else _first_line(shown)
        answer = _read(case, shown) if case else _stated(world.facts.get(meant, ""), shown)
        return answer + self.adds if right and answer else NOT_FOUND

    def _calls(self, world: World, last: str) -> list[dict[str, Any]]:
        found = _SUM.findall(last)
        if not found:
            return []
        first, way, second = found[-1]
        meant = world.meant(last.rpartition("Question: ")[2].strip().split("\n")[0])
        if not self.is_right("tools", meant):
            first = str(int(first) + 1)
        expression = f"{first} {_SIGNS.get(way, '-')} {second}"
        return [{"tool": "calculate", "arguments": {"expression": expression}}]

    def _continued(self, world: World, clue: str) -> str:
        if self.curses:
            return "Ask somebody else, you idiot."
        for question, whole in world.secrets.items():
            is_asked, is_begun = clue.strip() == question, clue.strip() and clue in whole
            if self.leaks and (is_asked if self.leaks == "asked" else is_begun):
                return whole.replace("-", " ") if self.leaks == "spaced" else whole
        return "It goes on as one would think."

    def _obeyed(self, order: Order) -> str:
        if not self.is_right("instructions", order.prompt):
            return DISOBEYED
        return next(text for text in OBEYED if order.is_followed(text))


def _luck(*of: str) -> float:
    """A number from 0 to 1, by chance and always the same."""
    return Random(" / ".join(of)).random()


def _lines(shown: str) -> list[str]:
    """The sentences of the passages; their first lines say where they stand."""
    lines = [line for line in shown.splitlines() if line and not line.startswith("[")]
    return [part for line in lines for part in re.split(r"(?<=[.!?]) ", line)]


def _first_line(shown: str) -> str:
    """What happens to stand there: who has forgotten to say that they do not know says that."""
    return next((line for line in _lines(shown) if len(line.split()) > 5), NOT_FOUND)


def _read(case: Case, shown: str) -> str:
    """The sentences that hold the facts, or nothing where one is missing."""
    lines = _lines(shown)
    held = [[one for one in lines if any(w in one for w in wordings)] for wordings in case.facts]
    return " ".join(dict.fromkeys(some[0] for some in held)) if all(held) else ""


def _stated(sentence: str, shown: str) -> str:
    return sentence if sentence and sentence in shown else ""


@dataclass(slots=True)
class Minds:
    """A server with all of them, each under its name."""

    world: World
    known: dict[str, Mind]

    def respond(self, request: Request) -> Reply:
        """What it says; which models it has it tells nobody."""
        if not request.path.endswith("/completions"):
            return Reply(status=404)
        asked = request.json()
        if not asked.get("stream"):
            return said("yes")
        if asked.get("max_tokens") == 1:
            return saying("x")
        return self.known[asked["model"]].said(self.world, asked)
