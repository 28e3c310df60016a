"""Pipelines think: indexing, retrieval, answering."""

import os

import knowledge  # noqa: F401 (its own settings for NumPy must come before NumPy is imported)

# Haystack reports every pipeline run to its makers unless told otherwise.
os.environ.setdefault("HAYSTACK_TELEMETRY_ENABLED", "False")  # noqa: TID251 (set, not read)
# The model libraries wait for their threads in a busy loop; beside any other work on the machine
# that makes them 4 to 40 times slower. It is read once, when the first of them is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # noqa: TID251 (set, not read)
# Haystack sets up structlog for the whole process when it finds it; bot/logs.py does that here.
os.environ.setdefault("HAYSTACK_LOGGING_IGNORE_STRUCTLOG", "true")  # noqa: TID251 (set, not read)
