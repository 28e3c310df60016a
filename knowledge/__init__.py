"""Knowledge remembers: articles, chunks, stores, sources, conversations."""

import os

# Read once, when NumPy loads its linear algebra. With more threads a query of 0.2 ms waits up to
# 16 ms for the other cores whenever anything else is running.
for _name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ.setdefault(_name, "1")  # noqa: TID251 (set for a library, not read as a setting)
