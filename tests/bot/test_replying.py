"""One message in, one reply or a stated reason out, in the language of the asker."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from bot.app import App
from bot.replying import key_of, reply, worded
from bot.settings import Settings
from bot.wording import say
from knowledge.articles import Audience, Chunk
from knowledge.conversations import (
    Answer,
    Citation,
    Conversation,
    Dissent,
    Message,
    Receipt,
)
from knowledge.errors import OperatorError, TransientError
from knowledge.history import History
from pipelines.progress import Progress
from tests.fakes.loopback import Reply as ServerReply
from tests.fakes.scripted_model import ScriptedModel, silence


@pytest.fixture
async def app(home: Path) -> AsyncIterator[App]:
    async with App(Settings()) as app:
        yield app


async def replied(app: App, text: str, *, deadline_s: float = 60.0, **more: Any) -> Any:  # noqa: ANN401 (passed on)
    conversation = Conversation("C", (Message("1", "terminal:ana", text),), Audience.of("everyone"))
    return await reply(
        conversation,
        assistant=await app.cast.assistant("helpdesk"),
        history=History(await app.database()),
        deadline_s=deadline_s,
        **more,
    )


@pytest.mark.parametrize(
    ("question", "language"),
    [("Who orders the coffee?", "en"), ("¿Quién pide el café?", "es")],
)
async def test_an_answer_that_is_late_is_reported_in_words(
    app: App, model: ScriptedModel, question: str, language: str
) -> None:
    model.reply = silence()
    said = await replied(app, question, deadline_s=0.5)
    assert said.text == say("error-deadline", language, seconds="0.5")
    assert said.language == language
    assert said.answer is None
    assert said.error.kind == "deadline"
    assert said.error.what_to_do


@pytest.mark.parametrize(("status", "key"), [(503, "error-model"), (401, "error-operator")])
async def test_who_must_act_decides_the_words(
    app: App, model: ScriptedModel, status: int, key: str
) -> None:
    model.reply = ServerReply(b"{}", status=status)
    said = await replied(app, "¿Quién pide el café?")
    values = {"kind": said.error.kind} if key == "error-operator" else {}
    assert said.text == say(key, "es", **values)


async def test_what_nobody_foresaw_is_reported_too(
    app: App, capsys: pytest.CaptureFixture[str]
) -> None:
    async def breaks(_progress: Progress) -> None:
        raise ZeroDivisionError("the screen is gone")

    said = await replied(app, "Who orders the coffee?", on_progress=breaks)
    assert said.text == say("error-unexpected", "en")
    assert said.error.kind == "unexpected"
    assert "ZeroDivisionError" in str(said.error)
    assert isinstance(said.error.__cause__, ZeroDivisionError)
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "start"), [("  ", "Your message has no words"), ("¿que? " * 5_000, "Tu mensaje tiene")]
)
async def test_what_cannot_be_a_question_is_answered_kindly(
    app: App, model: ScriptedModel, text: str, start: str
) -> None:
    said = await replied(app, text)
    assert said.text.startswith(start)
    assert model.prompts == []


async def test_why_there_is_no_answer_is_told_in_the_askers_own_language(app: App) -> None:
    said = await replied(app, " ", locale="es-ES")
    assert said.text.startswith("Tu mensaje")


async def test_nothing_hostile_leaves_through_an_answer(app: App, model: ScriptedModel) -> None:
    model.answer = "El \u202ecafé lo pide Jorge Luna cada\u200b jueves."
    said = await replied(app, "¿Quién pide el café?")
    assert said.text == "El café lo pide Jorge Luna cada jueves [1]."


@pytest.mark.parametrize(
    ("language", "is_older", "words"),
    [
        (
            "en",
            True,
            "An older page, “Bikes 2023”, says otherwise: “The deposit is 35 euros. …” [2].",
        ),
        ("es", True, "Una página más antigua, «Bikes 2023», dice otra cosa:"),
        ("en", False, "Another page, “Bikes 2023”, says otherwise, and I cannot tell which one"),
        ("es", False, "Otra página, «Bikes 2023», dice otra cosa, y no sé cuál vale:"),
    ],
)
def test_a_page_that_says_otherwise_is_named_with_its_words(
    language: str, is_older: bool, words: str
) -> None:
    text = "The deposit is\n35 euros. " + "Bring " * 60
    chunk = Chunk("1", "h:b.md", 0, "Bikes 2023", text, "en", Audience.of("everyone"))
    answer = Answer(
        reference="",
        text="It is 40 euros [1].",
        language=language,
        citations=(Citation(2, chunk, text, 1.0),),
        receipt=Receipt("helpdesk", "1", "m"),
        dissents=(Dissent(2, is_older=is_older),),
    )
    said = worded(answer)
    assert said.startswith("It is 40 euros [1].\n\n")
    assert words.partition(" …")[0] in said
    assert said.endswith("[2].")
    assert len(said) < 350


@pytest.mark.parametrize(
    ("error", "key"),
    [(TransientError, "error-knowledge"), (OperatorError, "error-operator")],
)
def test_errors_of_the_knowledge_are_worded_by_who_must_act(
    error: type[OperatorError | TransientError], key: str
) -> None:
    assert key_of(error("x", what_to_do="y")) == key


async def test_everything_posted_was_kept_with_its_receipt(app: App, model: ScriptedModel) -> None:
    model.answer = "El café lo pide Jorge Luna cada jueves."
    said = await replied(app, "¿Quién pide el café?")
    assert isinstance(said.answer, Answer)
    kept = await History(await app.database()).earlier(
        "C", Audience.of("everyone"), 5, open_now=(await app.retriever()).readable
    )
    assert [message.text for message in kept] == ["¿Quién pide el café?", said.text]
    assert kept[1].id == said.answer.reference


async def test_steps_are_shown_in_order(app: App, model: ScriptedModel) -> None:
    model.answer = "El café lo pide Jorge Luna cada jueves."
    seen: list[Progress] = []

    async def note(progress: Progress) -> None:
        seen.append(progress)

    await replied(app, "¿Quién pide el café?", on_progress=note)
    assert [progress.stage for progress in seen[:3]] == ["searching", "found", "text"]
    assert "Café y cocina" in seen[1].titles
    assert texts(seen) == model.answer
    assert {progress.language for progress in seen[1:]} == {"es"}


def texts(seen: Sequence[Progress]) -> str:
    return "".join(progress.text for progress in seen if progress.stage == "text")
