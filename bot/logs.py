"""What is logged, where to and how: fixed events with fields on stderr, never what people said."""

import logging
import sys

import structlog

from bot.concerns import LogSettings

QUIET = "critical"
"""At a terminal people read answers; they see the log only if they set LOG_LEVEL."""


def configure(settings: LogSettings, *, interactive: bool) -> None:
    """Set up logging for this process."""
    is_chosen = "log_level" in settings.model_fields_set
    level = settings.log_level if is_chosen or not interactive else QUIET
    number = logging.getLevelNamesMapping()[level.upper()]
    render = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
    logging.basicConfig(level=max(number, logging.WARNING), stream=sys.stderr)
