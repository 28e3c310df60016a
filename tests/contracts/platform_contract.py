"""What every platform must do; a test of a platform inherits this and sets its own scene."""

import asyncio
import io
import re
from typing import ClassVar

from docx import Document
from fpdf import FPDF

from bot.reminding import tell
from bot.wording import say
from knowledge.conversations import Feedback, now
from knowledge.history import History
from knowledge.reminders import Reminder, Reminders
from tests.bot.chat_readers import assert_harmless
from tests.contracts.needing import Chosen, needs
from tests.contracts.platform_confirming import PlatformConfirming
from tests.contracts.platform_output import PlatformOutput
from tests.contracts.platform_pictures import PlatformPictures
from tests.contracts.platform_replicas import PlatformReplicas, announced
from tests.contracts.scene import ABILITIES, Question, Scene
from tests.fakes.loopback import Reply as HttpReply
from tests.fakes.scripted_model import NOT_FOUND, silence

WEEKS, ANSWER = (
    "How many weeks of parental leave are there?",
    "Parents take 19 weeks of parental leave.",
)
DAYS, MORE = (
    "How many days of paid leave are there?",
    "Everybody has 27 days of paid leave a year.",
)
CHAIR, BOARD = (
    "What does the chair of the board earn?",
    "The chair of the board earns 4,812 euros a month.",
)
SAUNA = "The sauna opens at 17:00 on Tuesdays."
FAULTS = ("wrong", "outdated", "not-allowed", "style", "other")


async def kept(scene: Scene) -> list[Feedback]:
    """What was noted of the answers of a scene, oldest first."""
    history = History(await scene.app.database())
    found: list[Feedback] = []
    for reference in references(scene):
        found += await history.feedback(reference)
    return found


def references(scene: Scene) -> list[str]:
    """The names of answers that people have read."""
    shown = "\n".join(text for _, text in scene.sent())
    return list(dict.fromkeys(re.findall(r"T-[A-Z0-9]{4}", shown)))


def a_pdf(text: str) -> bytes:
    """A page with these words."""
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("helvetica", size=12)
    pdf.multi_cell(0, text=text)
    return bytes(pdf.output())


def a_docx(text: str) -> bytes:
    """A Word document with these words."""
    document, written = Document(), io.BytesIO()
    document.add_paragraph(text)
    document.save(written)
    return written.getvalue()


class PlatformContract(
    PlatformOutput, PlatformReplicas, PlatformConfirming, PlatformPictures, Chosen
):
    """Subclass it, give it a fixture `scene`, and name in `lacks` what the platform cannot do.

    A test that needs an ability which a platform lacks is not there for it; nothing is skipped.

    Attributes:
        lacks: an ability, and why the platform has none.
    """

    lacks: ClassVar[dict[str, str]] = {}

    def test_what_the_platform_lacks_is_named_with_its_reason(self) -> None:
        assert set(self.lacks) <= set(ABILITIES)
        assert all(self.lacks.values())

    async def test_who_asks_is_answered_with_numbered_sources(self, scene: Scene) -> None:
        scene.model.answer = ANSWER
        question = await scene.asks(WEEKS)
        reply = await scene.reply(question)
        assert reply.parts[0].startswith("Parents take 19 weeks of parental leave [1].")
        assert re.search(r"\[1\\?\] Leave", reply.sources)
        assert "It is paid in full" not in reply.text
        assert "19 weeks of parental leave" in await scene.quotes(question, "Ana")
        assert len(scene.replies(question)) == 1

    async def test_who_cannot_be_answered_is_told_why(self, scene: Scene) -> None:
        scene.model.reply = HttpReply(b"busy", status=503)
        reply = await scene.reply(await scene.asks(WEEKS))
        assert reply.parts == (say("error-model", "en"),)

    @needs("copies")
    async def test_a_message_is_answered_once_however_often_it_comes(self, scene: Scene) -> None:
        scene.model.answer = ANSWER
        question = await scene.asks_several_times(WEEKS, copies=4)
        await scene.reply(question)
        await scene.reply(await scene.asks(WEEKS))
        assert len(scene.replies(question)) == 1

    async def test_what_follows_needs_no_mention_and_knows_what_was_said(
        self, scene: Scene
    ) -> None:
        scene.model.answer = ANSWER
        question = await scene.asks(WEEKS)
        await scene.reply(question)
        await scene.goes_on(question, "And is it paid?")
        await scene.reply(question, 1)
        assert "And is it paid?" in scene.model.last_prompt
        assert WEEKS in scene.model.last_prompt

    @needs("channels")
    async def test_who_reads_along_may_look_behind_all_that_is_answered_there(
        self, scene: Scene
    ) -> None:
        question = await self._answered(scene)
        await scene.goes_on(question, WEEKS)
        await scene.reply(question, 1)
        for who in ("Ana", "Ben"):
            assert "19 weeks of parental leave" in await scene.quotes(question, who)

    async def test_what_one_may_not_open_is_neither_said_nor_named(self, scene: Scene) -> None:
        scene.model.answer = BOARD
        question = await scene.asks(CHAIR, who="Ben", is_private=True)
        await scene.reply(question)
        sent = "\n".join(text for _, text in scene.sent())
        for secret in ("4,812", "Pay of the board", "pay.md"):
            assert secret not in sent
        assert not any("4,812" in str(prompt) for prompt in scene.model.prompts)
        private = await scene.asks(CHAIR, is_private=True)
        assert "4,812" in (await scene.reply(private)).text

    @needs("channels")
    async def test_a_channel_hears_what_all_may_open_and_who_could_hear_more_is_told(
        self, scene: Scene
    ) -> None:
        scene.model.answer = BOARD
        more = [say("more-in-private", language) for language in ("en", "es")]
        for who in ("Ben", "Ana"):
            reply = await scene.reply(await scene.asks(CHAIR, who=who))
            assert "4,812" not in reply.text
            assert "Pay of the board" not in reply.text
            assert not [words for words in more if words in reply.text]
        await scene.until(lambda: [text for text in scene.told_alone("Ana") if more[0] in text])
        assert not scene.told_alone("Ben")

    @needs("edits")
    async def test_an_edited_question_is_answered_anew_once_in_the_same_place(
        self, scene: Scene
    ) -> None:
        scene.model.answer = ANSWER
        question = await scene.asks(WEEKS)
        before = await scene.reply(question)
        scene.model.answer = MORE
        await scene.edits(question, DAYS)
        await scene.until(lambda: any("27 days" in one.text for one in scene.replies(question)))
        (after,) = scene.replies(question)
        assert after.name == before.name

    @needs("edits")
    async def test_a_question_that_is_deleted_is_answered_no_longer(self, scene: Scene) -> None:
        scene.model.reply = silence()
        question = await scene.asks(WEEKS)
        await scene.until(lambda: scene.is_begun(question))
        await scene.deletes(question)
        await scene.until(lambda: not scene.is_begun(question))
        assert scene.shown(question) == 0

    @needs("stop")
    async def test_an_answer_can_be_stopped(self, scene: Scene) -> None:
        scene.model.reply = silence()
        question = await scene.asks(WEEKS)
        await scene.until(lambda: scene.is_begun(question))
        await scene.stops(question)
        reply = await scene.reply(question)
        assert reply.parts == (say("stopped", "en"),)

    async def test_opinions_are_kept_with_the_receipt_across_a_restart(self, scene: Scene) -> None:
        question = await self._answered(scene)
        assert "Thank you, noted for T-" in await scene.praises(question, "Ana")
        await scene.blames(question, "Ana", "It is 20 weeks now.")
        await scene.restarts()
        opinions = await kept(scene)
        assert [one.verdict for one in opinions].count("up") == 1
        last = opinions[-1]
        assert last.verdict == "down"
        assert "It is 20 weeks now." in (last.better or last.comment)
        (reference,) = references(scene)
        recorded = await History(await scene.app.database()).recorded(reference)
        assert recorded
        assert recorded.receipt.persona == "helpdesk"

    @needs("forms")
    async def test_a_form_asks_for_one_of_five_reasons_and_outlives_a_restart(
        self, scene: Scene
    ) -> None:
        question = await self._answered(scene)
        await scene.praises(question, "Ben")
        form = await scene.opens_form(question, "Ben")
        for fault in FAULTS:
            assert say(f"feedback-{fault}", "es") in form.words
        await scene.restarts()
        await scene.fills_in(form, "outdated", "Son 20 semanas.")
        assert "persona helpdesk" in await scene.why(question, "Ben")
        last = (await kept(scene))[-1]
        assert (last.verdict, last.fault, last.better) == ("down", "outdated", "Son 20 semanas.")

    @needs("edits")
    async def test_an_opinion_of_what_is_forgotten_is_not_thanked_for(self, scene: Scene) -> None:
        question = await self._answered(scene)
        await scene.praises(question, "Ana")
        (reference,) = references(scene)
        form = await scene.opens_form(question, "Ana")
        await scene.deletes(question)
        history = History(await scene.app.database())
        for _ in range(1_500):
            if await history.recorded(reference) is None:
                break
            await asyncio.sleep(0.02)
        told = say("no-longer-kept", "en", reference=reference)
        assert await scene.praises(question, "Ana") == told
        before = len(await history.feedback(reference))
        await scene.fills_in(form, "wrong", "It is 20 weeks.")
        assert len(await history.feedback(reference)) == before

    async def test_why_shows_how_an_answer_came_about(self, scene: Scene) -> None:
        question = await self._answered(scene)
        shown = await scene.why(question, "Ana")
        for word in ("persona helpdesk", "leave.md", "search", "owl"):
            assert word in shown

    async def test_notices_are_in_the_language_of_whoever_asks(self, scene: Scene) -> None:
        scene.model.answer = NOT_FOUND
        for text, words, who in (
            ("What is the capital of the moon?", "I do not know", "Ana"),
            ("¿Cuál es la capital de la luna?", "No lo sé", "Ben"),
        ):
            reply = await scene.reply(await scene.asks(text, who=who))
            assert reply.text.startswith(words)

    @needs("locales")
    async def test_who_presses_something_is_told_in_their_own_language(self, scene: Scene) -> None:
        question = await self._answered(scene)
        assert (await scene.praises(question, "Ben")).startswith("Gracias")
        assert (await scene.praises(question, "Ana")).startswith("Thank you")

    @needs("bots")
    async def test_other_bots_are_ignored(self, scene: Scene) -> None:
        scene.model.answer = ANSWER
        ignored = await scene.bot_asks(WEEKS)
        await scene.reply(await scene.asks(WEEKS))
        assert scene.shown(ignored) == 0

    @needs("files")
    async def test_files_are_read_for_their_question_and_what_is_unreadable_is_named(
        self, scene: Scene
    ) -> None:
        scene.model.answer = SAUNA
        when = "When does the sauna open on Tuesdays?"
        unread = {"photo.png": b"\x89PNG", "broken.docx": b"no archive"}
        written = {
            "sauna.md": SAUNA.encode(),
            "sauna.pdf": a_pdf(SAUNA),
            "sauna.docx": a_docx(SAUNA),
            "sauna.yaml": f"note: {SAUNA}".encode(),
        }
        for name, content in written.items():
            files = {name: content, **(unread if name == "sauna.md" else {})}
            question = await scene.asks(when, files=files)
            reply = await scene.reply(question)
            assert "@attached:" in await scene.why(question, "Ana")
            assert reply.text.startswith("The sauna opens at 17:00 on Tuesdays [1].")
            assert name.removesuffix(".md") in reply.sources
            for other in unread:
                assert (f"“{other}”" in reply.text) == (other in files)
        assert "17:00" not in (await scene.reply(await scene.asks(when))).text

    @needs("files")
    async def test_who_sends_a_file_without_a_word_hears_what_it_says(self, scene: Scene) -> None:
        scene.model.answer = SAUNA
        question = await scene.asks("", files={"sauna.md": SAUNA.encode()})
        assert "17:00" in (await scene.reply(question)).text

    @needs("channels")
    async def test_a_reminder_stands_below_its_question_once_and_removes_nothing(
        self, scene: Scene
    ) -> None:
        question = await self._answered(scene)
        inbox, reminders = await scene.app.inbox(), Reminders(await scene.app.database())
        (platform,) = inbox.worker.platforms.values()
        (conversation,) = await inbox.turns.latest_of("conversation", platform.name, 2)
        asked = await inbox.turns.named(conversation)
        assert asked
        wanted = Reminder(asked.turn.author, conversation, "call *Ben* @everyone", now())
        kept = await reminders.add(wanted)
        assert (kept.platform, kept.place) == (platform.name, asked.turn.place)
        assert await tell(kept, inbox, reminders, platform)
        assert not await tell(kept, inbox, reminders, platform)
        reply = await scene.reply(question, 1)
        assert "You asked me to remind you: call" in reply.text
        assert "Ben" in reply.text
        for reader, text in scene.sent():
            assert_harmless(reader, text)
        await scene.restarts()
        assert len(scene.replies(question)) == 2
        assert "19 weeks" in scene.replies(question)[0].text

    @needs("channels")
    async def test_a_channel_is_told_once_what_nobody_has_asked_for(self, scene: Scene) -> None:
        what = "**Alarm** of x: @everyone [look](https://evil.example)"
        await announced(scene, what)
        await announced(scene, what)
        (reply,) = scene.announced()
        assert "Alarm" in reply.text
        assert reply.buttons == ()
        for reader, text in scene.sent():
            assert_harmless(reader, text)
        await scene.restarts()
        await announced(scene, "Something else.")
        assert [one.parts for one in scene.announced()] == [reply.parts, ("Something else.",)]
        assert not scene.told_alone("Ana") + scene.told_alone("Ben")

    async def _answered(self, scene: Scene) -> Question:
        scene.model.answer = ANSWER
        question = await scene.asks(WEEKS)
        await scene.reply(question)
        return question
