"""How our indices are made: settings, fields, and what each of them is for."""

from dataclasses import dataclass
from typing import Any

from knowledge import words
from knowledge.stores.word_groups import GROUPS

MAPPING_VERSION = 1
SEARCHED = {group: f"words_{group}" for group in GROUPS}
"""For each group of languages the field with the terms of the text; `headline_` the other one."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How an index is laid out.

    Attributes:
        dimensions: of a vector.
        model: the embedder that made the vectors.
        pipeline: the fingerprint of parsing and chunking.
        vectors: `int8_hnsw`, or `bbq_hnsw` above five million chunks.
        shards: primaries; about one for every 30 GB.
        replicas: copies of each, on other nodes.
    """

    dimensions: int
    model: str
    pipeline: str = ""
    vectors: str = "int8_hnsw"
    shards: int = 1
    replicas: int = 0

    @property
    def fingerprint(self) -> str:
        """Whatever makes an index of another kind: chunks made otherwise cannot stand beside it."""
        parts = (MAPPING_VERSION, words.VERSION, self.dimensions, self.model)
        return "|".join(map(str, (*parts, self.pipeline, self.vectors, self.shards)))


def chunk_index(shape: Shape, identity: str) -> dict[str, Any]:
    """The body that makes an index of chunks."""
    return {
        "settings": {
            "number_of_shards": shape.shards,
            "number_of_replicas": shape.replicas,
            # Readers see what a writer has finished, not what a clock decides.
            "refresh_interval": -1,
            "analysis": {"analyzer": {"terms": {"type": "custom", "tokenizer": "whitespace"}}},
        },
        "mappings": {
            "dynamic": False,
            "_meta": {
                "identity": identity,
                "fingerprint": shape.fingerprint,
                "model": shape.model,
                "dimensions": shape.dimensions,
            },
            # Vectors are 8 kB of JSON each; nothing may copy documents within the server, since
            # what is not in `_source` would be lost on the way.
            "_source": {"excludes": ["vector", "sketch_*", "words_*", "headline_*"]},
            "properties": {**_facts(), **_terms(), "vector": vector_field(shape)},
        },
    }


def kept_index(shape: Shape) -> dict[str, Any]:
    """The body that makes an index of vectors by the hash of their text; nobody searches it."""
    return {
        "settings": {"number_of_shards": 1, "number_of_replicas": shape.replicas},
        "mappings": {"dynamic": False, "properties": {}},
    }


def vector_field(shape: Shape) -> dict[str, Any]:
    """The field of chunks' vectors: a graph over small whole numbers."""
    return {
        "type": "dense_vector",
        "dims": shape.dimensions,
        "index": True,
        "similarity": "max_inner_product",
        "index_options": {"type": shape.vectors},
    }


def sketch_field(dimensions: int) -> dict[str, Any]:
    """The field of sketches: no graph, since they are only searched until the vectors are there."""
    return {
        "type": "dense_vector",
        "dims": dimensions,
        "index": True,
        "similarity": "max_inner_product",
        "index_options": {"type": "int8_flat"},
    }


def _facts() -> dict[str, Any]:
    keyword = {"type": "keyword"}
    unsearched = {"type": "keyword", "index": False, "doc_values": False}
    return {
        "key": keyword,
        "digest": unsearched,
        "source": keyword,
        "article": keyword,
        "position": {"type": "integer"},
        "title": {"type": "text", "index": False},
        "heading": {"type": "text", "index": False},
        "text": {"type": "text", "index": False},
        "language": keyword,
        "audience": keyword,
        "readers": keyword,
        "url": unsearched,
        "page": {"type": "integer", "index": False},
        "updated_at": {"type": "date", "index": False},
        "text_hash": keyword,
        "embedded": {"type": "boolean"},
    }


def _terms() -> dict[str, Any]:
    # Stems and stop words are our own, so that both stores rank alike: here are terms, one by one.
    field = {"type": "text", "analyzer": "terms"}
    return {name: field for group in GROUPS for name in (SEARCHED[group], f"headline_{group}")}
