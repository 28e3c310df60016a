"""Everything that a process logs, at any level: ours, and what libraries warn of."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from structlog.testing import capture_logs


class _Collecting(logging.Handler):
    """Keeps what libraries say."""

    def __init__(self, kept: list[Any]) -> None:
        super().__init__(logging.WARNING)
        self._kept = kept

    def emit(self, record: logging.LogRecord) -> None:
        self._kept.append({"event": record.getMessage(), "of": record.name})


@contextmanager
def all_logged() -> Iterator[list[Any]]:
    """The log, as it grows; nothing is printed meanwhile."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.NOTSET))
    try:
        with capture_logs() as kept:
            collecting = _Collecting(kept)
            logging.getLogger().addHandler(collecting)
            try:
                yield kept
            finally:
                logging.getLogger().removeHandler(collecting)
    finally:
        structlog.configure(**before)
