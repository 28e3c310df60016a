"""Small worlds with one fault in each: pages, questions, and a model that suffers from it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from knowledge.articles import EVERYONE, Audience, Chunk
from pipelines import personas
from pipelines.evaluation.cases import Case
from pipelines.learning.counterfactuals import Failing
from pipelines.learning.triage import Kind
from pipelines.personas import Persona
from pipelines.tool import tool
from tests.bot.faulty import Reader
from tests.pipelines.small_knowledge import chunk

TEAM = Audience.of(EVERYONE)
BOARD = Audience.of("terminal:ana")
CURATOR = Audience(TEAM.principals | BOARD.principals)
HELPDESK = personas.load("helpdesk")
MUTE = replace(HELPDESK, prompt="You are careful. You answer every question with NOT FOUND.")
CLERK = replace(HELPDESK, tools=("room_of",))
THINGS = (
    "van", "boat", "kiln", "loom", "forge", "oven", "lathe", "cinema", "greenhouse", "library",
    "sauna", "studio", "garage", "cellar", "attic", "chapel", "stable", "mill", "dairy", "brewery",
    "bakery", "laundry", "nursery", "workshop", "archive", "armoury", "theatre", "pantry",
    "gallery", "orchard",
)  # fmt: skip
PARTS = ("lamps", "tyres", "hinges", "windows", "seats", "doors", "brakes", "pipes", "floor")
WORK = ("washing", "parking", "loading", "painting", "cleaning", "towing", "renting", "guarding")


ROUNDS = (
    (
        "Tours",
        "Every {word} a guide wants to know in which room the key of the {thing} hangs in the "
        "evening.",
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "holiday"),
    ),
    (
        "Repairs",
        "Who mends the {word} of the {thing} asks in which room its key hangs in the evening.",
        PARTS,
    ),
    (
        "Deliveries",
        "With {word} for the {thing} drivers are told in the evening in which room the key hangs.",
        ("bread", "coal", "milk", "paper", "timber", "water", "wool", "salt"),
    ),
    (
        "Visits",
        "People from {word} see in the evening in which room the key of the {thing} hangs.",
        ("Bilbao", "Cuenca", "Leeds", "Madrid", "Oxford", "Toledo", "Vigo", "York"),
    ),
)
"""Pages with the words of the question, none of which answers it."""


def number(thing: str) -> int:
    """The room in which a key hangs: another one for each thing."""
    return 101 + 7 * THINGS.index(thing)


def question(thing: str) -> str:
    """What is asked."""
    return f"In which room does the key of the {thing} hang in the evening?"


def plainly(thing: str) -> str:
    """The sentence that answers, in the question's words."""
    return f"The key of the {thing} hangs in room {number(thing)} in the evening."


def remotely(thing: str) -> str:
    """The same in words that a search does not find near."""
    return (
        "After closing time Irene Sanz, who has done so for many years and will go on with it as "
        f"long as she likes to, takes it along to room {number(thing)}."
    )


@tool
def room_of(thing: str) -> str:
    """The room in which the key of something hangs."""
    return plainly(thing) if thing in THINGS else "There is no such thing."


@dataclass(frozen=True, slots=True)
class World:
    """One kind of fault.

    Attributes:
        fault: in words.
        kind: what triage should say.
        pages: of the world of a thing.
        model: as it answers a question about a thing.
        disliked: the answer that people disliked; empty where it is not kept.
        is_for_real: whether a model that really reads can suffer from it.
    """

    fault: str
    kind: Kind
    pages: Callable[[str], Sequence[Chunk]]
    model: Callable[[str], Reader] = lambda thing: Reader([plainly(thing)])
    disliked: Callable[[str], str] = lambda _: ""
    persona: Persona = HELPDESK
    is_for_real: bool = True

    def failing(self, thing: str) -> Failing:
        """A case of it."""
        facts = ((f"room {number(thing)}",),)
        case = Case(question=question(thing), facts=facts, readers=("terminal:ben",))
        return Failing(case, TEAM, disliked=self.disliked(thing))


def page(thing: str, audience: Audience = TEAM) -> list[Chunk]:
    """The page of a thing, as it should be."""
    return [chunk(f"Key of the {thing}", plainly(thing), "en", audience=audience)]


def _other(thing: str) -> list[Chunk]:
    """A page about a thing that does not answer."""
    return [chunk(f"The {thing}", f"The {thing} is cleaned on Fridays by whoever used it.", "en")]


def _crowded(thing: str) -> list[Chunk]:
    """The page of a thing behind many that are nearer to the question."""
    near = [
        chunk(
            f"The {part} of the {thing}",
            f"In the evening the {part} of the {thing} are looked at before the key of the {thing} "
            f"is handed in. Which room the key of the {thing} is for depends on the {part}.",
            "en",
        )
        for part in PARTS
    ]
    return [*near, chunk("Closing time", remotely(thing), "en", position=THINGS.index(thing))]


def _long(thing: str) -> list[Chunk]:
    """Long pages; in the one that answers everything else is nearer to the question."""
    rounds = [
        chunk(
            f"{title} and the {thing}",
            " ".join(sentence.format(word=word, thing=thing) for word in words),
            "en",
        )
        for title, sentence, words in ROUNDS
    ]
    away = "Coffee is made by whoever comes first. The plants get water twice a week."
    asked = " ".join(
        f"Colleagues who are busy with {word} ask in which room the key of the {thing} hangs in "
        "the evening."
        for word in WORK
    )
    text = f"{remotely(thing)} {away} {asked}"
    return [*rounds, chunk(f"Evenings of the {thing}", text, "en")]


def _astray(thing: str) -> str:
    return f"The key of the new {thing} hangs in room {number(thing) + 3} in the evening."


def _twins(thing: str) -> list[Chunk]:
    """The answer beside that about another thing which sounds alike."""
    return [chunk("Rooms", plainly(thing), "en"), chunk("Evenings", _astray(thing), "en")]


WORLDS = (
    World("the page is missing", "knowledge", _other),
    World("the page is for others", "rights", lambda t: [*page(t, BOARD), *_other(t)]),
    World("the passage is found late", "retrieval", _crowded, lambda t: Reader([remotely(t)])),
    World("the passage is cut off", "budget", _long, lambda t: Reader([remotely(t)])),
    World(
        "the tool is not called", "tool", _other,
        lambda t: Reader([plainly(t)], calls=("room_of", {"thing": t})),
        persona=CLERK, is_for_real=False,
    ),
    World(
        "the prompt forbids it", "prompt", page,
        lambda t: Reader([plainly(t)], obeys="answer every question with NOT FOUND"),
        persona=MUTE,
    ),
    World(
        "other passages lead astray", "distractors", _twins,
        lambda t: Reader([plainly(t)], misled=(f"new {t}", _astray(t))),
        is_for_real=False,
    ),
    World("it is right and disliked", "preference", page, disliked=plainly),
    World(
        "the model is too weak", "weak", page,
        lambda t: Reader([plainly(t)], says=[_astray(t).replace("new ", "")]),
        is_for_real=False,
    ),
)  # fmt: skip
"""All nine."""
