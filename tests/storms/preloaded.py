"""Imported by the process whose forks serve: all that `tertulia serve` imports, already read."""

import openai  # noqa: F401

import bot.commands.serve
import bot.platforms.discord
import bot.platforms.slack
import bot.serving  # noqa: F401 (all of these: for what they import)
import pipelines.models.kinds.openai  # noqa: F401
from knowledge import language

language.load()
