"""Benchmarks: what docs/benchmarks.md shows."""

# As in use: one thread for linear algebra, which is decided when NumPy is first imported.
import knowledge as knowledge
