"""Tokens: whose they are, what they allow, how long they live."""

from dataclasses import dataclass, field
from secrets import token_hex

from tests.fakes.slack.errors import RefusedError
from tests.fakes.slack.moments import Moments

LIFE_S = 12 * 3600.0


@dataclass
class Token:
    """A bot token.

    Attributes:
        expires_at: on the clock of the test; None lives for ever.
        refresh: what buys the next one; empty without rotation.
    """

    text: str
    team_id: str
    scopes: tuple[str, ...]
    expires_at: float | None = None
    refresh: str = ""
    is_revoked: bool = False


@dataclass
class Tokens:
    """All bot tokens that were given out."""

    moments: Moments
    _all: dict[str, Token] = field(default_factory=dict)

    def give(self, team_id: str, scopes: tuple[str, ...], *, rotates: bool = False) -> Token:
        """A new token of a workspace."""
        secret = token_hex(8)
        if rotates:
            expires = self.moments.now() + LIFE_S
            token = Token(f"xoxe.xoxb-{secret}", team_id, scopes, expires, f"xoxe-1-{token_hex(8)}")
        else:
            token = Token(f"xoxb-{secret}", team_id, scopes)
        self._all[token.text] = token
        return token

    def named(self, text: str) -> Token:
        """The token, if it opens something.

        Raises:
            RefusedError: it is missing, wrong, too old, or revoked.
        """
        if not text:
            raise RefusedError("not_authed")
        token = self._all.get(text)
        if token is None:
            raise RefusedError("invalid_auth")
        if token.is_revoked:
            raise RefusedError("token_revoked")
        if token.expires_at is not None and token.expires_at <= self.moments.now():
            raise RefusedError("token_expired")
        return token

    def refreshed(self, refresh: str) -> Token:
        """A new token for an old one's refresh token, which is used up by this."""
        for token in self._all.values():
            if refresh and token.refresh == refresh and not token.is_revoked:
                token.refresh = ""
                return self.give(token.team_id, token.scopes, rotates=True)
        raise RefusedError("invalid_refresh_token")

    def revoke(self, team_id: str) -> None:
        """Nothing of this workspace opens anything any more."""
        for token in self._all.values():
            if token.team_id == team_id:
                token.is_revoked = True
