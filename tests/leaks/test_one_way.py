"""Text that somebody may not read has one way to people, and it is guarded."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
ONLY = {
    "retrieve": {
        "pipelines/steps.py",
        "pipelines/in_private.py",
        "pipelines/evaluation/asking.py",
        "pipelines/tools/knowledge.py",
    },
    "candidates": {"pipelines/retrieval.py"},
    # With the rights of who asked, or of whoever looks into it; nothing of it is shown.
    "ranking": {"pipelines/learning/counterfactuals.py", "pipelines/learning/reading_rows.py"},
    "search(reader=)": {"pipelines/retrieval.py", "bot/commands/search.py"},
    "readable": {
        "pipelines/retrieval.py",
        "pipelines/answering.py",
        "bot/app.py",
        "bot/talking.py",
        "bot/attending.py",
        "bot/desk.py",
        "bot/learning.py",
    },
    "earlier": {"bot/talking.py", "pipelines/tools/thread.py"},
    "chunks_of": {"pipelines/retrieval.py"},
    "feedback": set[str](),
    # What people put right, asked anew with the rights of who asked.
    "references": {"bot/triaging.py"},
    # Work on the whole knowledge, which shows nothing of it: vectors, sketches, statistics. What
    # is learnt from takes only what everybody of the team may read.
    "batches": {"pipelines/sketching.py", "pipelines/learning/pair_making.py"},
    "without_sketch": {"pipelines/sketching.py"},
    "without_vector": {"pipelines/embedding.py"},
    "vectors": {"pipelines/late_embedding.py", "pipelines/learning/pair_making.py"},
}
"""Who may call what tells of chunks or of what was said; who else must ask the retriever."""


def calls() -> Iterator[tuple[str, str, ast.Call]]:
    """Every call of a method in `bot` and `pipelines`: file, name, call."""
    for path in (*(ROOT / "bot").rglob("*.py"), *(ROOT / "pipelines").rglob("*.py")):
        file = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                yield file, node.func.attr, node


def test_text_comes_out_of_a_store_in_one_place() -> None:
    found: dict[str, set[str]] = {name: set() for name in ONLY}
    for file, name, call in calls():
        has_reader = any(keyword.arg == "reader" for keyword in call.keywords)
        wanted = f"{name}(reader=)" if has_reader and name == "search" else name
        if wanted in found:
            found[wanted].add(file)
    assert {name: files - ONLY[name] for name, files in found.items() if files - ONLY[name]} == {}
    assert found["search(reader=)"] == ONLY["search(reader=)"]
    assert found["retrieve"] == ONLY["retrieve"]


def test_the_door_without_a_lock_is_used_by_nobody() -> None:
    """Haystack's face of a store shows everything to whoever asks; it is for other programs."""
    for part in ("bot", "pipelines", "knowledge"):
        for path in (ROOT / part).rglob("*.py"):
            if path.name != "documents.py":
                assert "ChunkDocumentStore" not in path.read_text(encoding="utf-8"), path


def test_who_reads_along_is_decided_in_one_place() -> None:
    """A conversation without its true readers would be answered for others."""
    made = {
        path.relative_to(ROOT).as_posix()
        for part in ("bot", "pipelines")
        for path in (ROOT / part).rglob("*.py")
        if " Conversation(" in path.read_text(encoding="utf-8")
    }
    # The tool has its readers from the caller, whom `calling.py` makes of a conversation; rows to
    # learn reading from, from the audience that the tuned model will serve.
    asked = {
        "bot/talking.py",
        "pipelines/evaluation/asking.py",
        "pipelines/learning/reading_rows.py",
        "pipelines/tools/knowledge.py",
    }
    assert made == asked
