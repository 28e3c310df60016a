"""The settings of the platforms that are served: tokens, and where their servers are."""

import re
from typing import Annotated

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import NoDecode

from bot.concerns import Concern
from bot.web_address import http_address


class SlackSettings(Concern):
    """How we talk to Slack: over a socket with an app token, else over HTTP with a secret.

    Attributes:
        slack_teams: ids of the workspaces that may install the app, where there are several.
        slack_public_url: where browsers reach our pages for installing; without a path.
    """

    slack_bot_token: SecretStr = SecretStr("")
    slack_app_token: SecretStr = SecretStr("")
    slack_signing_secret: SecretStr = SecretStr("")
    slack_client_id: str = ""
    slack_client_secret: SecretStr = SecretStr("")
    slack_teams: Annotated[tuple[str, ...], NoDecode] = ()
    slack_public_url: str = ""
    slack_api_url: str = "https://slack.com/api/"
    slack_http_host: str = "127.0.0.1"
    slack_http_port: int = Field(default=3000, ge=0, le=65535)

    @field_validator("slack_bot_token", "slack_app_token")
    @classmethod
    def beginning(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        """Tokens of the right kind: they are easily taken for one another."""
        right = {"slack_bot_token": "xoxb-", "slack_app_token": "xapp-"}[str(info.field_name)]
        if value.get_secret_value() and not value.get_secret_value().startswith(right):
            raise ValueError(f"is a token of another kind. Right: one that begins with {right}")
        return value

    @field_validator("slack_api_url")
    @classmethod
    def address(cls, value: str) -> str:
        """An address that begins with http:// or https://, with a slash at its end."""
        return http_address(value, "https://slack.com/api/") + "/"

    @field_validator("slack_teams", mode="before")
    @classmethod
    def teams(cls, value: object) -> object:
        """Ids of workspaces, separated by commas, as they stand in Slack's addresses."""
        if not isinstance(value, str):
            return value
        found = tuple(part.strip() for part in value.split(",") if part.strip())
        wrong = [one for one in found if not re.fullmatch(r"T[A-Z0-9]+", one)]
        if wrong:
            raise ValueError(f"'{wrong[0]}' is no id of a workspace. Right: T0123ABCD")
        return tuple(dict.fromkeys(found))

    @field_validator("slack_public_url")
    @classmethod
    def public_address(cls, value: str) -> str:
        """An address that begins with https://, or nothing."""
        return http_address(value, "https://bot.example.org") if value.strip() else ""

    @property
    def is_installable(self) -> bool:
        """Whether workspaces install the app themselves, rather than one token being set."""
        secret = self.slack_client_secret.get_secret_value()
        return bool(self.slack_client_id or secret or self.slack_teams)


class DiscordSettings(Concern):
    """How we talk to Discord, and what we ask of it beyond the least.

    Attributes:
        discord_guilds: ids of the servers whose members are the team; all where none is named.
        discord_message_content: whether what follows in a thread is heard without a mention.
        discord_sharded: for bots in thousands of servers.
    """

    discord_token: SecretStr = SecretStr("")
    discord_guilds: Annotated[tuple[str, ...], NoDecode] = ()
    discord_message_content: bool = False
    discord_sharded: bool = False
    discord_api_base: str = "https://discord.com/api/v10"
    discord_gateway_url: str = ""

    @field_validator("discord_token")
    @classmethod
    def whole(cls, value: SecretStr) -> SecretStr:
        """A token in one piece: it goes into a header of each request."""
        token = value.get_secret_value().strip()
        if not (token.isascii() and token.isprintable()) or " " in token:
            raise ValueError("is broken by a space or the end of a line. Right: copy it anew")
        return SecretStr(token)

    @field_validator("discord_guilds", mode="before")
    @classmethod
    def ids(cls, value: object) -> object:
        """Numbers, separated by commas, as Discord shows them in its developer mode."""
        if not isinstance(value, str):
            return value
        found = tuple(part.strip() for part in value.split(",") if part.strip())
        wrong = [one for one in found if not (one.isascii() and one.isdigit())]
        if wrong:
            raise ValueError(f"'{wrong[0]}' is no id of a server. Right: 81384788765712384")
        return found

    @field_validator("discord_message_content", "discord_sharded", mode="before")
    @classmethod
    def yes_or_no(cls, value: object) -> object:
        """`true` or `false`."""
        if isinstance(value, str) and value.strip().lower() not in ("true", "false"):
            raise ValueError(f"'{value}'. Right: true or false")
        return value.strip().lower() == "true" if isinstance(value, str) else value

    @field_validator("discord_api_base")
    @classmethod
    def address(cls, value: str) -> str:
        """An address that begins with http:// or https://."""
        return http_address(value, "https://discord.com/api/v10")

    @field_validator("discord_gateway_url")
    @classmethod
    def socket(cls, value: str) -> str:
        """An address that begins with ws:// or wss://; that which Discord names where empty."""
        if value and not value.startswith(("ws://", "wss://")):
            raise ValueError(
                f"'{value}' is no address of a gateway. Right: wss://gateway.discord.gg"
            )
        return value
