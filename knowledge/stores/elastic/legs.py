"""The searches behind the legs: words, vectors and sketches, each in two groups of languages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from knowledge import words
from knowledge.articles import Audience
from knowledge.stores import Hit, Leg, LegName, Probe, Vector
from knowledge.stores.elastic.about import About
from knowledge.stores.elastic.contents import MOST_AT_ONCE, Query
from knowledge.stores.elastic.documents import SHOWN, chunk_of, numbers
from knowledge.stores.elastic.mapping import SEARCHED
from knowledge.stores.word_groups import HEADLINE_WEIGHT, question_terms

CANDIDATES = 6
"""How many times more neighbours a graph looks at than are wanted."""
FEWEST_CANDIDATES = 100
OVERSAMPLE = 3.0
"""Of the neighbours so many times the wanted ones are compared again with their exact vectors."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One leg, and the query that finds it; None where nothing can be found."""

    name: LegName
    own_language: bool
    query: Query | None


def asked(probe: Probe, about: About, *, reader: Audience, limit: int) -> list[Asked]:
    """The queries of one search; who may read is a part of each of them."""
    scopes = list(_scopes(probe, reader, about))
    found = [Asked("words", own, _by_words(probe, scope)) for own, scope in scopes]
    for own, scope in scopes:
        vector = probe.vector_for(own_language=own)
        if vector is not None:
            found.append(Asked("vectors", own, _nearest("vector", vector, scope, limit)))
    sketches = about.fields.get(about.sketch_version)
    if probe.sketch is not None and sketches and about.sketch_version == probe.sketch_version:
        found += [
            Asked("sketches", own, _nearest(sketches, probe.sketch, scope, limit, exact=False))
            for own, scope in scopes
        ]
    return found


def body(query: Query, limit: int) -> dict[str, Any]:
    """A search for the best of a query; among equals always in the same order."""
    return {
        "query": query,
        "size": min(limit, MOST_AT_ONCE),
        "sort": [{"_score": "desc"}, {"key": "asc"}],
        "track_scores": True,
        "track_total_hits": False,
        "_source": SHOWN,
    }


def leg(one: Asked, hits: Sequence[Any]) -> Leg:
    """What came back for a leg."""
    score = (lambda value: value) if one.name == "words" else _product
    found = tuple(
        Hit(chunk_of(hit["_source"]), score(float(hit["_score"])), bool(hit["_source"]["embedded"]))
        for hit in hits
    )
    return Leg(one.name, one.own_language, found)


def readable(reader: Audience, about: About) -> list[Query]:
    """The filter that lets a reader see what they may open, and nothing else."""
    filters: list[Query] = [{"terms": {"audience": sorted(reader.principals)}}]
    if closed := about.closed_to(reader):
        filters.append({"bool": {"must_not": {"terms": {"source": closed}}}})
    return filters


def _scopes(
    probe: Probe, reader: Audience, about: About
) -> Iterator[tuple[bool, list[Query] | None]]:
    """The filters of the own language (True) and of the others (False)."""
    may_read = readable(reader, about)
    if probe.sources:
        may_read.append({"terms": {"source": list(probe.sources)}})
    if not probe.language:
        yield True, may_read
        yield False, None
        return
    own = {"terms": {"language": [probe.language, ""]}}
    yield True, [*may_read, own]
    yield False, [*may_read, {"bool": {"must_not": own}}]


def _by_words(probe: Probe, scope: list[Query] | None) -> Query | None:
    """BM25 over title, headings and text as one field, in each group of languages."""
    spoken = words.content_words(probe.text, probe.language)
    terms = {group: question_terms(spoken, group) for group in SEARCHED} if spoken else {}
    groups = [_in_group(group, some) for group, some in terms.items() if some]
    if scope is None or not groups:
        return None
    return {"bool": {"filter": scope, "should": groups, "minimum_should_match": 1}}


def _in_group(group: str, terms: Sequence[str]) -> Query:
    fields = [f"headline_{group}^{HEADLINE_WEIGHT}", SEARCHED[group]]
    # Terms hold no blanks, and the analyzer of these fields splits at blanks and does nothing else.
    return {"combined_fields": {"query": " ".join(terms), "fields": fields, "operator": "or"}}


def _nearest(
    field: str, vector: Vector, scope: list[Query] | None, limit: int, *, exact: bool = True
) -> Query | None:
    if scope is None:
        return None
    wanted = min(limit, MOST_AT_ONCE)
    # Elasticsearch 9.4 finds documents without a vector, too, where there is no graph.
    has_one = {"exists": {"field": field}}
    query: Query = {
        "field": field,
        "query_vector": numbers(vector),
        "k": wanted,
        "num_candidates": min(max(wanted * CANDIDATES, FEWEST_CANDIDATES), MOST_AT_ONCE),
        "filter": [*scope, has_one],
    }
    if exact:
        query["rescore_vector"] = {"oversample": OVERSAMPLE}
    return {"knn": query}


def _product(score: float) -> float:
    """The dot product behind a score of `max_inner_product`."""
    return score - 1 if score >= 1 else 1 - 1 / max(score, 1e-9)
