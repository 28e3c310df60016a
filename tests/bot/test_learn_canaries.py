"""Of sixty pieces of personal data none is in anything that is given out to be learnt from."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.app import App
from bot.settings import Settings
from knowledge.articles import Audience
from knowledge.conversations import (
    Answer,
    ChunkUse,
    Citation,
    Conversation,
    Feedback,
    Message,
    Receipt,
)
from knowledge.history import History
from pipelines.learning.formats import FORMATS
from pipelines.learning.sets import Wanted
from tests.bot.learning_team import PEOPLE, all_agree, write_down
from tests.pipelines.learning.canaries import CANARIES

STRANGER = "terminal:zoe"
EVERYBODY = Audience.of("everyone")


@pytest.fixture
async def team(home: Path) -> AsyncIterator[App]:
    """A team in which all but one agree."""
    write_down(home)
    await all_agree()
    async with App(Settings()) as app:
        yield app


async def ask_and_rate(app: App, number: int, canary: str) -> None:
    """A canary in question, answer and correction; each fourth row comes from a stranger."""
    retriever, history = await app.retriever(), History(await app.database())
    (chunk, score), *_ = await retriever.search("parental leave", reader=EVERYBODY, top=1)
    asker = STRANGER if number % 4 == 3 else PEOPLE[number % 3]
    at = datetime.now(UTC) - timedelta(minutes=number)
    use = ChunkUse(chunk.article, chunk.position, score, used=True, chunk=chunk.id)
    receipt = Receipt("helpdesk", "1", "m", chunks=(use,))
    citation = Citation(1, chunk, "19 weeks", 0.9)
    kept = await history.keep(
        Conversation(
            f"c{number}",
            (Message(f"m{number}", asker, f"Question {number}: {canary}", at),),
            EVERYBODY,
            learns_in="terminal:chat",
        ),
        Answer("", f"Answer {number}. {canary}", "en", (citation,), receipt),
    )
    rater = STRANGER if number % 4 == 2 else PEOPLE[(number + 1) % 3]
    better = f"Better {number}. {canary}" if number % 2 else ""
    await history.keep_feedback(
        Feedback(kept.reference, rater, "down" if better else "up", given_at=at, better=better)
    )


async def test_no_canary_and_no_row_without_consent_is_given_out(team: App, tmp_path: Path) -> None:
    assert len(CANARIES) >= 50
    for number, (_, said) in enumerate(CANARIES):
        await ask_and_rate(team, number, said)
    mined = await team.learning.mine()
    agreed = [n for n in range(len(CANARIES)) if n % 4 < 2]
    assert len(mined.made) + mined.left_out["personal-data"] >= len(agreed) - 2
    assert mined.left_out["no-person"] == len([n for n in range(len(CANARIES)) if n % 4 == 3])
    kept = await team.learning.kept()
    rows = await kept.all()
    assert all(STRANGER not in one.people for one in rows)
    for one in rows:
        await team.learning.decide(one, "approved", "terminal:carla")
    written = []
    for form in FORMATS:
        folder = tmp_path / form
        _, made = await team.learning.give_out(Wanted(form), folder)
        assert made.rows
        written += [file.read_text() for file in folder.iterdir()]
    everything = "\n".join([*written, *(str((o.messages, o.given)) for o in rows)]).casefold()
    assert [one for one, _ in CANARIES if one.casefold() in everything] == []
