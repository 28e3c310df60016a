"""The Elasticsearch store: chunks, words and vectors on a server, of version 8 or 9."""

from knowledge.stores.elastic.client import Elastic
from knowledge.stores.elastic.mapping import Shape
from knowledge.stores.elastic.store import ElasticStore
from knowledge.stores.elastic.swapping import Comparison, compared
from knowledge.stores.elastic.versions import ElasticIndexes, Version, VersionError

__all__ = [
    "Comparison",
    "Elastic",
    "ElasticIndexes",
    "ElasticStore",
    "Shape",
    "Version",
    "VersionError",
    "compared",
]
