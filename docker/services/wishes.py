"""What the environment asks for; the one file here that reads it."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from platformdirs import site_cache_path, user_cache_path

USUAL_ELASTICSEARCH = "http://127.0.0.1:9200"
USUAL_OLLAMA = "http://127.0.0.1:11434"


def _from(variable: str, default: str = "") -> str:
    return os.environ.get(variable, "").strip() or default  # noqa: TID251 (these programs have no settings of the product)


def _cache() -> Path:
    """Root's own folder is closed to the user that Elasticsearch then runs as."""
    given = _from("SERVICES_CACHE")
    if given:
        return Path(given).expanduser().absolute()
    name = "tertulia-services"
    return site_cache_path(name) if os.geteuid() == 0 else user_cache_path(name)


def _models() -> Path:
    """The folder of model files that the tests use too."""
    given = _from("TERTULIA_TEST_MODELS")
    return Path(given) if given else user_cache_path("tertulia-tests") / "models"


def _archives() -> Path | None:
    given = _from("SERVICES_DIR")
    return Path(given).expanduser().absolute() if given else None


def with_scheme(address: str) -> str:
    """An address as a URL: Ollama's variable may leave the scheme out, or say where it listens."""
    url = address if "://" in address else f"http://{address}"
    return url.replace("://0.0.0.0", "://127.0.0.1").rstrip("/")


def port_of(url: str) -> int | None:
    """The port that an address of this machine names."""
    parts = urlsplit(url)
    return parts.port if parts.hostname in {"127.0.0.1", "localhost", "::1"} else None


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is asked for.

    Attributes:
        elasticsearch_url: where a server is looked for first, and started if none is there.
        elasticsearch_version: such as 8.19 or 9.4; empty takes any that answers, else starts 8.19.
        ollama_host: the same for Ollama.
        archives: a folder with `ollama-*.tar.zst`, where there is one.
        cache: programs that were fetched, and the data of servers while they run.
        models: the folder of model files.
    """

    elasticsearch_url: str = USUAL_ELASTICSEARCH
    elasticsearch_version: str = ""
    ollama_host: str = USUAL_OLLAMA
    archives: Path | None = None
    cache: Path = field(default_factory=_cache)
    models: Path = field(default_factory=_models)

    @classmethod
    def from_environment(cls) -> "Wishes":
        """The wishes that the environment names."""
        return cls(
            elasticsearch_url=with_scheme(_from("ELASTICSEARCH_URL", USUAL_ELASTICSEARCH)),
            elasticsearch_version=_from("ELASTICSEARCH_VERSION"),
            ollama_host=with_scheme(_from("OLLAMA_HOST", USUAL_OLLAMA)),
            archives=_archives(),
        )


def java_home() -> Path:
    """The Java that the user prefers; a folder without one where none is named."""
    return Path(_from("JAVA_HOME", os.devnull))
