"""What a short result says with what its tool is called, and no more than that."""

import pytest

from knowledge.articles import RESULT, Audience, Chunk
from pipelines.citing import cite
from pipelines.coverage import SoftCoverage
from tests.pipelines.test_flag_claims import coverage

__all__ = ["coverage"]
FREE, ENGLISH = (
    'free_rooms(day="2026-05-04", people=8)',
    "Which rooms are free on 4 May 2026 for 8 people?",
)
SPANISH = "¿Qué salas están libres el 4 de mayo de 2026 para 8 personas?"
BARE, IS_FREE = (
    'is_room_free(room="Tejo", day="2026-05-04")',
    "Is the room Tejo free on 4 May 2026?",
)
MORE = "Is Duero free on 4 May 2026 and does it have a projector?"
MORE_ES = "¿Está libre Duero el 4 de mayo de 2026 y tiene proyector?"


@pytest.mark.parametrize(
    ("called", "text", "question", "answer", "holds"),
    [
        (FREE, '["Duero"]', ENGLISH, "The room Duero is free on 4 May 2026.", True),
        (FREE, '["Duero"]', ENGLISH, "Duero is free for 8 people.", True),
        (FREE, '["Tejo", "Duero"]', ENGLISH, "The rooms Tejo and Duero are free.", True),
        (FREE, '["Duero"]', SPANISH, "La sala Duero está libre.", True),
        (FREE, '["Duero"]', SPANISH, "La sala Duero está libre el 4 de mayo de 2026.", True),
        (FREE, '["Duero"]', ENGLISH, "The room Tejo is free on 4 May 2026.", False),
        (FREE, '["Duero"]', MORE, "Duero is free and has a projector.", False),
        (FREE, '["Duero"]', MORE_ES, "Duero está libre y tiene proyector.", False),
        (FREE, '["Duero"]', IS_FREE, "The room Tejo is free on 4 May 2026.", False),
        ("rooms_without_projector()", '["Duero"]', MORE, "The room Duero is free.", False),
        ('free_rooms(near="Tejo")', '["Duero"]', IS_FREE, "The room Tejo is free.", False),
        (BARE, "true", IS_FREE, "Yes, the room Tejo is free on 4 May 2026.", True),
        (BARE, "true", IS_FREE, "The room Tejo is free on 4 May 2026.", True),
        (BARE, "false", IS_FREE, "No, the room Tejo is not free on 4 May 2026.", True),
        (BARE, "false", IS_FREE, "Yes, the room Tejo is free on 4 May 2026.", False),
        (BARE, "true", IS_FREE, "No, the room Tejo is not free on 4 May 2026.", False),
    ],
)
async def test_a_short_result_is_read_with_its_call(
    coverage: SoftCoverage, called: str, text: str, question: str, answer: str, *, holds: bool
) -> None:
    result = f"{RESULT}rooms"
    chunk = Chunk(result, result, 0, called, text, language="", audience=Audience.of("everyone"))
    found = await cite(answer, question=question, chunks=[chunk], coverage=coverage)
    assert bool(found.citations) is holds
