"""The terminal keeps the contract of platforms, so far as it is one."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import ClassVar

import pytest

from tests.bot.platforms.terminal_scene import TerminalScene
from tests.contracts.platform_contract import PlatformContract
from tests.fakes.scripted_model import ScriptedModel


class TestTerminal(PlatformContract):
    """The terminal, with lines from a pipe."""

    lacks: ClassVar[dict[str, str]] = {
        "copies": "a line is read once",
        "channels": "one person sits there; of several, test_talking.py",
        "edits": "a line that was read cannot be changed",
        "stop": "Ctrl+C ends the chat with its answer, see test_chat.py",
        "buttons": "whoever was asked types yes or no",
        "forms": "`- words` says what was wrong",
        "locales": "it speaks the language of the last question",
        "bots": "whoever types is the person who started it",
        "files": "the line is all there is",
        "markup": "it shows text: no link has other words, nobody is called, nothing fetched",
    }

    @pytest.fixture
    async def scene(self, home: Path, model: ScriptedModel) -> AsyncIterator[TerminalScene]:
        scene = TerminalScene(model)
        await scene.begins()
        yield scene
        await scene.ends()
