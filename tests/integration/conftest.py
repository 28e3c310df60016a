"""The fixtures of `bot`, for tests that run whole processes."""

from tests.bot.conftest import (
    empty_home,
    home,
    indexed,
    model,
    model_server,
    on_server,
    pages,
    tertulia,
)

__all__ = [
    "empty_home",
    "home",
    "indexed",
    "model",
    "model_server",
    "on_server",
    "pages",
    "tertulia",
]
