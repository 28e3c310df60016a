"""A persona with one language answers in it, whatever it is asked in; our own words do not."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.replying import worded
from knowledge.conversations import Answer
from pipelines import personas
from pipelines.answering import Assistant
from pipelines.evaluation.cases import Case
from pipelines.evaluation.results import of_answer
from pipelines.personas.voice import Voice
from tests.fakes.loopback import LoopbackServer
from tests.fakes.scripted_model import ScriptedModel
from tests.pipelines.small_knowledge import PUBLIC, Index, asked, open_index, pages
from tests.pipelines.test_answering import LEAVE, at

IN_SPANISH = "Todas las personas tienen 25 días de permiso pagado al año."
IN_ENGLISH = "Everybody has 25 days of paid leave a year."
PERMISO = "¿Cuántos días de permiso pagado tienen todas las personas?"


@pytest.fixture
async def index(tmp_path: Path) -> AsyncIterator[Index]:
    """The six pages, with their vectors."""
    async with open_index(tmp_path / "index") as index:
        await index.add(pages())
        await index.embed_all()
        yield index


def speaking(folder: Path, header: str) -> personas.Persona:
    """A persona with this header."""
    folder.joinpath("pirate.md").write_text(f"---\n{header}\n---\nArr.\n", encoding="utf-8")
    return personas.load("pirate", folder)


async def answered(
    index: Index, said: str, question: str, persona: personas.Persona
) -> tuple[Answer, ScriptedModel]:
    """The answer where the model says this, and what the model was asked."""
    script = ScriptedModel()
    script.answer = said
    async with LoopbackServer(script.respond) as server:
        model = at(f"{server.url}/v1")
        try:
            answer = await Assistant(
                retriever=index.retriever,
                model=model,
                persona=persona,
                coverage=index.retriever.coverage,
            ).answer(asked(question))
        finally:
            await model.stop()
    return answer, script


async def test_a_persona_with_one_language_answers_in_it_whatever_it_is_asked_in(
    index: Index, tmp_path: Path
) -> None:
    persona = speaking(tmp_path, "languages: [es]")
    for question, asked_in in ((LEAVE, "en"), (PERMISO, "es")):
        answer, model = await answered(index, IN_SPANISH, question, persona)
        assert answer.text == f"{IN_SPANISH[:-1]} [1]."
        assert answer.citations[0].chunk.title == "Leave"
        assert answer.language == asked_in, "the words around it are for who asked"
        assert model.last_prompt.endswith("Answer in Spanish.")
        rules = model.prompts[-1][0]["content"]
        assert "- Answer in Spanish, also when the question is in another language.\n" in rules


async def test_what_it_says_in_another_language_is_not_said_and_the_refusal_is_for_who_asked(
    index: Index, tmp_path: Path
) -> None:
    persona = speaking(tmp_path, "languages: [es]")
    answer, _ = await answered(index, IN_ENGLISH, LEAVE, persona)
    assert (answer.text, answer.abstained) == ("", True)
    assert "I" in worded(answer).split()
    answer, _ = await answered(index, IN_SPANISH, PERMISO, speaking(tmp_path, "languages: [en]"))
    assert answer.abstained
    assert "No" in worded(answer).split()


@pytest.mark.parametrize("header", ["", "languages: [en, es]", "languages: [es, en, es]"])
async def test_with_both_languages_or_none_the_asker_chooses(
    index: Index, tmp_path: Path, header: str
) -> None:
    persona = speaking(tmp_path, header)
    assert persona.languages == ("en", "es")
    for question, said, name in ((LEAVE, IN_ENGLISH, "English"), (PERMISO, IN_SPANISH, "Spanish")):
        answer, model = await answered(index, said, question, persona)
        assert answer.text == f"{said[:-1]} [1]."
        assert model.last_prompt.endswith(f"Answer in {name}.")


async def test_its_voice_holds_in_the_language_that_it_speaks(index: Index, tmp_path: Path) -> None:
    persona = speaking(tmp_path, "languages: [es]\nvoice: {es: vos}")
    said = "Puedes tener la bicicleta de carga cuatro horas."
    question = "How many hours may I keep the cargo bike?"
    answer, model = await answered(index, said, question, persona)
    assert answer.text == "Podés tener la bicicleta de carga cuatro horas [1]."
    assert 'Answer in Spanish, saying "vos"' in model.last_prompt


async def test_greetings_are_returned_in_it(index: Index, tmp_path: Path) -> None:
    persona = speaking(tmp_path, "languages: [es]\nsmall_talk: true")
    said = "¡Hola! ¿En qué puedo ayudar?"
    answer, model = await answered(index, said, "Hello!", persona)
    assert (answer.text, answer.language) == (said, "en")
    assert model.last_prompt.endswith("Answer in Spanish.")
    assert "in which it was said" not in model.prompts[-1][0]["content"]
    answer, _ = await answered(index, "Hello! How can I help?", "Hello!", persona)
    assert worded(answer) == "Hello! Ask me something about what this team knows."


def test_examples_are_in_it(tmp_path: Path) -> None:
    examples = "examples: [{question: 'Who is it?', answer: Es el portero.}]"
    assert speaking(tmp_path, f"languages: [es]\n{examples}").examples[0].language == "es"
    assert speaking(tmp_path, examples).examples[0].language == "en"


async def test_an_answer_in_it_is_in_the_right_language_for_an_evaluation(
    index: Index, tmp_path: Path
) -> None:
    persona = speaking(tmp_path, "languages: [es]\nvoice: {es: usted}")
    answer, _ = await answered(index, IN_SPANISH, LEAVE, persona)
    case = Case(question=LEAVE, language="en")

    def scores(answer: Answer, only_language: str) -> tuple[float | None, float | None]:
        voice = Voice(es="usted")
        one = of_answer(
            case, answer, reader=PUBLIC, seconds=1, voice=voice, only_language=only_language
        )
        return one.scores.get("language"), one.scores.get("voice")

    assert scores(answer, persona.only_language) == (1.0, 1.0)
    assert scores(answer, "") == (0.0, 1.0)
    close = replace(answer, text="Tienes 25 días de permiso pagado al año [1].")
    assert scores(close, persona.only_language) == (1.0, 0.0)
