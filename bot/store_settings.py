"""The settings of where chunks, conversations and all else are kept."""

import re

from pydantic import SecretStr, ValidationInfo, field_validator

from bot.concerns import Concern, one_of
from bot.web_address import ELASTIC_PORTS, http_address
from knowledge.errors import OperatorError

STORES = ("embedded", "elastic")
VECTOR_INDEXES = ("int8_hnsw", "bbq_hnsw")
_INDEX = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")


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
        """An address that begins with http:// or https://, with the port that is usual for it."""
        return http_address(value, "http://127.0.0.1:9200", ELASTIC_PORTS)

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
