"""What Slack's packages log, without the words: these hold what people said, and tokens."""

import logging

import structlog

log = structlog.get_logger(__name__)


class _WithoutWords(logging.Handler):
    """Logs that something was logged, and where."""

    def emit(self, record: logging.LogRecord) -> None:
        """Note the place alone."""
        log.warning(
            "Slack's package noted something",
            level=record.levelname.lower(),
            where=f"{record.module}.{record.funcName}",
        )


QUIET = logging.getLogger("bot.platforms.slack.package")
"""The logger for everything of theirs; Bolt gives its handler to all of its own."""
QUIET.setLevel(logging.ERROR)  # it warns of what we mean to do
QUIET.propagate = False
QUIET.addHandler(_WithoutWords())
logging.getLogger("slack_bolt").propagate = False
