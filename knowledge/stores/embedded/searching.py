"""The legs of a search: words, vectors and sketches, each in two groups of languages."""

from collections.abc import Iterator, Sequence

import numpy as np

from knowledge.articles import Audience
from knowledge.stores import Hit, Leg, LegName, Probe
from knowledge.stores.embedded.moments import Moment
from knowledge.stores.embedded.places import Places, Scope
from knowledge.stores.embedded.rows import chunks_in_rows, rows_of_sources
from knowledge.stores.embedded.vector_leg import likenesses, nearest
from knowledge.stores.embedded.word_leg import Found, by_words

Scopes = tuple[tuple[bool, Scope], ...]
"""The rows to search in the own language (True) and in the others (False)."""


def search(moment: Moment, probe: Probe, *, reader: Audience, limit: int) -> list[Leg]:
    """The legs of one search; who may read is decided before the best are chosen."""
    if not reader.principals or limit < 1:
        return []
    scopes = _scopes(moment.places, probe.language, reader)
    if probe.sources:
        rows = rows_of_sources(moment.connection, probe.sources)
        scopes = tuple((own, _among(rows, scope)) for own, scope in scopes)
    found = list(_found(moment, probe, scopes, limit))
    chunks = chunks_in_rows(moment.connection, {row for *_, hits in found for row, _ in hits})
    has_vector = moment.places.vectors.of_row >= 0
    return [
        Leg(
            name,
            own,
            tuple(Hit(chunks[row], score, bool(has_vector[row])) for row, score in hits),
        )
        for name, own, hits in found
    ]


def _scopes(places: Places, language: str, reader: Audience) -> Scopes:
    readable = places.readable(reader)
    if not language:
        return ((True, readable), (False, np.zeros_like(readable)))
    own = places.in_languages((language, ""))
    return ((True, readable & own), (False, readable & ~own))


def _among(rows: Sequence[int], scope: Scope) -> Scope:
    """Those of these rows that are in the scope."""
    among = np.zeros_like(scope)
    among[list(rows)] = True
    return among & scope


def _found(
    moment: Moment, probe: Probe, scopes: Scopes, limit: int
) -> Iterator[tuple[LegName, bool, Found]]:
    places = moment.places
    for own, scope in scopes:
        yield "words", own, by_words(moment.connection, places, probe, scope, limit=limit)
    if probe.vector is not None:
        likeness = likenesses(moment.vectors, probe.vector)
        other = probe.other_vector
        to_others = likeness if other is None else likenesses(moment.vectors, other)
        for own, scope in scopes:
            scores = likeness if own else to_others
            yield "vectors", own, nearest(scores, places.vectors, scope, limit)
    has_sketches = moment.sketches and places.sketches.version == probe.sketch_version
    if probe.sketch is not None and moment.sketches and has_sketches:
        scores = likenesses(moment.sketches, probe.sketch)
        for own, scope in scopes:
            yield "sketches", own, nearest(scores, places.sketches, scope, limit)
