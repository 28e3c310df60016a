"""What tests of an office share: its home, and a model that reads like a clerk."""

from tests.bot.conftest import empty_home, model, model_server, tertulia

__all__ = ["empty_home", "model", "model_server", "tertulia"]
