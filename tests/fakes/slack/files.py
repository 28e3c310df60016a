"""Files that people have shared."""

from dataclasses import dataclass

from tests.fakes.slack.errors import Json

LOGIN_PAGE = "<!DOCTYPE html><html><head><title>Login | Slack</title></head><body></body></html>"


@dataclass(frozen=True)
class StoredFile:
    """One file, and in which channels it may be seen."""

    file_id: str
    name: str
    content: bytes
    mimetype: str
    user_id: str
    team_id: str
    channel_id: str
    created: int

    @property
    def path(self) -> str:
        """Where it can be fetched with a token."""
        return f"/files-pri/{self.team_id}-{self.file_id}/download"

    def as_json(self, url: str) -> Json:
        """The file as messages and `files.info` have it."""
        return {
            "id": self.file_id,
            "created": self.created,
            "name": self.name,
            "title": self.name,
            "mimetype": self.mimetype,
            "filetype": self.name.rpartition(".")[2],
            "pretty_type": self.name.rpartition(".")[2].upper(),
            "user": self.user_id,
            "size": len(self.content),
            "mode": "hosted",
            "is_external": False,
            "is_public": False,
            "url_private": url + self.path.removesuffix("/download"),
            "url_private_download": url + self.path,
            "channels": [self.channel_id],
        }
