"""The embedded store: knowledge in a folder, without a server."""

from knowledge.stores.embedded.store import EmbeddedStore

__all__ = ["EmbeddedStore"]
