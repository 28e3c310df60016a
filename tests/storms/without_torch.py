"""Imported first of all by the process whose forks serve: as `main` does it, torch is kept out."""

import sys

sys.modules.setdefault("torch", None)  # type: ignore[arg-type]  # what is not there is None
