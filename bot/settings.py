"""Every setting, read once from the environment and `.env`; the one file that reads them.

Two places are read besides the environment, the first one wins: `.env` in the current folder and
`.env` in the home folder of an installed copy. `.env.example` names every setting.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from copy import copy
from difflib import get_close_matches
from pathlib import Path

from dotenv import dotenv_values
from pydantic import SecretStr, ValidationError
from pydantic_core import ErrorDetails

from bot.concerns import (
    BUNDLED_EMBEDDER,
    Concern,
    HomeSettings,
    LogSettings,
    ModelSettings,
    PlatformSettings,
    SomeConcern,
)
from bot.platform_settings import DiscordSettings, SlackSettings
from bot.store_settings import StoreSettings
from knowledge.errors import UsageError

__all__ = ["BUNDLED_EMBEDDER", "Settings", "WrongSettingsError", "every_key"]

_FOR_PROGRAMS = (
    *("PATH", "HOME", "USER", "LOGNAME", "TMPDIR"),
    *("SSH_AUTH_SOCK", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    *("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("https_proxy", "http_proxy", "all_proxy", "no_proxy"),
)


class WrongSettingsError(UsageError):
    """One or more settings are wrong; the message has a line for each."""


class Settings:
    """All concerns together.

    Raises:
        WrongSettingsError: names every wrong setting at once.
    """

    def __init__(self) -> None:
        self._problems: list[str] = []
        self._encoding = "utf-8"
        self._files = self._env_files()
        self.home = self._read(HomeSettings)
        self.models = self._read(ModelSettings)
        self.platforms = self._read(PlatformSettings)
        self.slack = self._read(SlackSettings)
        self.discord = self._read(DiscordSettings)
        self.store = self._read(StoreSettings)
        self.log = self._read(LogSettings)
        self._problems += self._missing_adapter()
        self._problems += misspelt_keys(self._files)
        self._problems = list(dict.fromkeys(self._problems))
        if self._problems:
            raise WrongSettingsError(
                "\n".join(self._problems),
                what_to_do="Put these right in the environment or in .env; "
                ".env.example explains every setting.",
            )

    @property
    def database(self) -> str:
        """The address of the relational database; there may be a password in it."""
        return self.store.database_url.get_secret_value() or f"sqlite:///{self.home.database}"

    def with_knowledge_in(self, folder: Path) -> "Settings":
        """The same settings over other knowledge; models and personas stay where they are.

        It gets a relational database of its own, and by that on a server an index of its own.
        """
        other = copy(self)
        other.home = HomeSettings.model_construct(
            tertulia_home=folder, extensions_dir=self.home.extensions_dir
        )
        other.home.__dict__["models"] = self.home.models  # as if it had been asked for before
        own: dict[str, object] = {"database_url": SecretStr("")}
        if index := self.store.elasticsearch_index:
            own["elasticsearch_index"] = f"{index}-{folder.name}"
        other.store = self.store.model_copy(update=own)
        return other

    def _missing_adapter(self) -> Iterator[str]:
        """What a reranker was tuned to, and is not there: searches would go on without a word."""
        kind, _, named = self.models.reranker.partition(":")[2].partition(":")
        if kind == "embedded" and "+" in named:
            from pipelines.models.kinds.embedded import adapter_file  # only where one is named

            file = adapter_file(self.home.models, named.partition("+")[2])
            if not file.is_file():
                yield f"RERANKER: there is no {file}. Put the adapter there, or set none"

    def _env_files(self) -> tuple[Path, ...]:
        self._files = tuple(filter(self._can_be_read, [Path(".env").absolute()]))
        home = self._read(HomeSettings).tertulia_home / ".env"
        others = [home] if home not in self._files else []
        return (*filter(self._can_be_read, others), *self._files)

    def _can_be_read(self, path: Path) -> bool:
        """Whether there is such a file; one that is not as it should be is a problem."""
        try:
            path.read_text(encoding="utf-8")
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return False
        except OSError as error:
            self._problems.append(f"{path}: cannot be read: {error.strerror}. Give us the right to")
            return False
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            self._problems.append(f"{path}: is no UTF-8 text (line {line}). Save it as UTF-8")
            self._encoding = "latin-1"  # reads every byte: the other problems are named as well
        return True

    def _read(self, concern: type[SomeConcern]) -> SomeConcern:
        try:
            return concern(_env_file=self._files, _env_file_encoding=self._encoding)  # type: ignore[call-arg]  # keywords of pydantic-settings that mypy does not see
        except ValidationError as error:
            self._problems += [in_words(problem) for problem in error.errors()]
            return concern.model_construct()


def in_words(problem: ErrorDetails) -> str:
    """One line for a validation error: `KEY: what is wrong and what would be right`."""
    key = ".".join(str(part) for part in problem["loc"][:1]).upper()
    message = str(problem["msg"]).removeprefix("Value error, ")
    return f"{key}: {message}"


def every_key() -> list[str]:
    """The names of all settings, as they stand in `.env`."""
    concerns: tuple[type[Concern], ...] = (
        *(HomeSettings, ModelSettings, PlatformSettings, SlackSettings, DiscordSettings),
        *(StoreSettings, LogSettings),
    )
    return [name.upper() for concern in concerns for name in concern.model_fields]


def misspelt_keys(files: tuple[Path, ...]) -> Iterator[str]:
    """Keys of `.env` files that are nearly a setting's name; others are none of our business."""
    known = every_key()
    for path in files:
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            key = line.partition("=")[0].strip().removeprefix("export ").strip()
            near = get_close_matches(key, known, n=1, cutoff=0.85)
            if key not in known and near:
                yield f"{key}: there is no such setting ({path}). Did you mean '{near[0]}'?"


def environment_value(name: str) -> str:
    """A value that a source names in `tertulia.toml`: of the environment, else of an `.env`."""
    if name in os.environ:  # noqa: TID251 (this file reads the environment)
        return os.environ[name]  # noqa: TID251 (as above)
    for path in (Path(".env"), HomeSettings().tertulia_home / ".env"):
        with suppress(OSError, UnicodeDecodeError):
            if found := dotenv_values(path, interpolate=False).get(name):
                return found
    return ""


def environment_of_programs() -> dict[str, str]:
    """What a program that a source starts may know of our environment: no setting, no token."""
    return {name: os.environ[name] for name in _FOR_PROGRAMS if name in os.environ}  # noqa: TID251 (as above)
