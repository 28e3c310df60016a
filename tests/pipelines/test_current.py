"""A persona's file that is edited takes effect at once; the old model finishes first."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from knowledge.articles import Audience
from knowledge.conversations import Answer, Conversation, Message, Receipt
from knowledge.errors import TertuliaError
from pipelines import personas
from pipelines.answering import Answering
from pipelines.current import Casting, CurrentAssistant
from pipelines.models import ChatModel
from pipelines.models.errors import ModelMissingError
from pipelines.models.pool import ModelPool
from pipelines.personas import Persona, PersonaError
from pipelines.progress import OnProgress

ASKED = Conversation("C", (Message("1", "terminal:ana", "Hello?"),), Audience.of("everyone"))


class Model:
    """A model that only remembers what was done to it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.starts = 0
        self.is_stopped = False

    async def start(self) -> None:
        """Fails for the model that is missing."""
        self.starts += 1
        if self.name == "openai:missing":
            raise ModelMissingError("There is no such model.", what_to_do="Get it.")

    async def stop(self) -> None:
        self.is_stopped = True


class Speaker:
    """An assistant that says its prompt and its model, once it may."""

    def __init__(self, persona: Persona, model: Any, world: "World") -> None:  # noqa: ANN401 (a Model)
        self._persona = persona
        self._model = model
        self._world = world

    async def start(self) -> None:
        await self._model.start()

    async def answer(
        self, conversation: Conversation, *, on_progress: OnProgress | None = None
    ) -> Answer:
        self._world.is_asked.set()
        await self._world.may_speak.wait()
        assert not self._model.is_stopped
        text = f"{self._persona.prompt} {self._model.name}"
        receipt = Receipt(self._persona.name, self._persona.version, self._model.name)
        return Answer(reference="", text=text, language="en", citations=(), receipt=receipt)


class Index:
    """What is searched; nothing was learnt of it unless somebody says so."""

    def __init__(self, learnt: str = "") -> None:
        self.learnt = learnt


class World:
    """A persona's file and the models that were made for it."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "pirate.md"
        self.made: list[Model] = []
        self.index = Index()
        self.built: list[object] = []
        self.is_asked = asyncio.Event()
        self.may_speak = asyncio.Event()
        self.may_speak.set()
        self.pool = ModelPool(self._make)
        self.write("Arr.")
        self.learnt = ""
        self.given_up: list[str] = []
        self.current = CurrentAssistant(
            casts=self,
            retriever=self._retriever,
            build=self._build,
            models=self.pool,
        )

    async def now(self) -> Casting:
        persona = personas.load("pirate", self.file.parent)
        if self.learnt:
            return Casting(persona, self.learnt, {"model": "m1"})
        return Casting(persona, persona.model or "openai:owl")

    async def give_up(self, casting: Casting, error: TertuliaError) -> bool:
        was_learnt, self.learnt = bool(casting.learnt), ""
        self.given_up += [str(error)] if was_learnt else []
        return was_learnt

    def write(self, prompt: str, **header: str) -> None:
        lines = "".join(
            f"{key}: {value}\n" for key, value in {"temperature": "0", **header}.items()
        )
        self.file.write_text(f"---\n{lines}---\n{prompt}\n")

    async def says(self) -> str:
        return (await self.current.answer(ASKED)).text

    def stopped(self) -> list[bool]:
        return [model.is_stopped for model in self.made]

    def _make(self, setting: str) -> ChatModel:
        model: Any = Model(setting)
        self.made.append(model)
        chat_model: ChatModel = model
        return chat_model

    async def _retriever(self) -> Any:  # noqa: ANN401 (nobody searches with it)
        return self.index

    def _build(self, casting: Casting, model: ChatModel, retriever: object) -> Answering:
        self.built.append(retriever)
        return Speaker(casting.persona, model, self)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


async def test_an_edit_takes_effect_with_the_next_question(world: World) -> None:
    await world.current.start()
    assert await world.says() == "Arr. openai:owl"
    world.write("Ahoy.")
    assert await world.says() == "Ahoy. openai:owl"
    assert len(world.made) == 1, "the same model goes on"
    world.write("Ahoy.", model="openai:fox")
    assert await world.says() == "Ahoy. openai:fox"
    assert world.stopped() == [True, False]
    await world.pool.close()
    assert world.stopped() == [True, True]


async def test_another_version_of_the_index_takes_effect_with_the_next_question(
    world: World,
) -> None:
    assert await world.says() == "Arr. openai:owl"
    before, world.index = world.index, Index()
    assert await world.says() == "Arr. openai:owl"
    assert world.built == [before, world.index]
    assert len(world.made) == 1, "the same model goes on"
    await world.says()
    assert len(world.built) == 2


async def test_the_old_model_finishes_what_it_is_writing(world: World) -> None:
    await world.current.start()
    world.may_speak.clear()
    old = asyncio.create_task(world.says())
    await world.is_asked.wait()
    world.write("Ahoy.", model="openai:fox")
    await world.current.start()
    assert world.stopped() == [False, False]
    world.may_speak.set()
    assert await old == "Arr. openai:owl"
    assert world.stopped() == [True, False]
    assert await world.says() == "Ahoy. openai:fox"


@pytest.mark.parametrize(
    ("header", "error"),
    [
        ({"model": "openai:missing"}, ModelMissingError),
        ({"model": "olama:fox"}, PersonaError),
        ({"modle": "openai:fox"}, PersonaError),
    ],
)
async def test_what_cannot_be_used_is_told_until_it_is_put_right(
    world: World, header: dict[str, str], error: type[TertuliaError]
) -> None:
    await world.says()
    world.write("Ahoy.", **header)
    for _ in range(2):
        with pytest.raises(error) as caught:
            await world.says()
        assert caught.value.what_to_do
    assert world.stopped()[0] is False
    world.write("Ahoy.", model="openai:fox")
    assert await world.says() == "Ahoy. openai:fox"
    assert world.stopped() == [True] * (len(world.made) - 1) + [False]
    assert len({model.name for model in world.made}) == len(world.made), "no model is made twice"


async def test_what_was_learnt_serves_at_once_and_is_given_up_where_it_cannot(
    world: World,
) -> None:
    assert await world.says() == "Arr. openai:owl"
    world.learnt = "openai:wise-owl"
    assert await world.says() == "Arr. openai:wise-owl"
    assert world.stopped() == [True, False]
    world.learnt = "openai:missing"
    assert await world.says() == "Arr. openai:owl"
    assert world.given_up == ["There is no such model."]
    world.learnt = ""
    world.write("Ahoy.", model="openai:missing")
    with pytest.raises(ModelMissingError):
        await world.says()
    assert len(world.given_up) == 1


async def test_personas_with_the_same_model_share_it(world: World) -> None:
    one, two = world.pool.take("openai:owl"), world.pool.take("openai:owl")
    assert one is two
    await world.pool.give_back("openai:owl")
    assert world.stopped() == [False]
    await world.pool.give_back("openai:owl")
    assert world.stopped() == [True]
