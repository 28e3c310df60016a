"""Files that people have shared."""

from dataclasses import dataclass

from tests.fakes.slack.errors import Json

LOGIN_PAGE = "<!DOCTYPE html><html><head><title>Login | Slack</title></head><body></body></html>"


@dataclass(frozen=True)
class StoredFile:
    """One file, and in which channels it may be seen.

    Attributes:
        length: of what the app has announced; its content is empty until it has come.
        ts, thread_ts: of the message in which the app has shared it.
        description: for who cannot see it.
    """

    file_id: str
    name: str
    content: bytes
    mimetype: str
    user_id: str
    team_id: str
    channel_id: str
    created: int
    length: int = 0
    title: str = ""
    description: str = ""
    ts: str = ""
    thread_ts: str = ""

    @property
    def upload_path(self) -> str:
        """Where the app brings its bytes."""
        return f"/upload/v1/{self.team_id}-{self.file_id}"

    @property
    def path(self) -> str:
        """Where it can be fetched with a token."""
        return f"/files-pri/{self.team_id}-{self.file_id}/download"

    def as_json(self, url: str) -> Json:
        """The file as messages and `files.info` have it."""
        value: Json = {
            "id": self.file_id,
            "created": self.created,
            "name": self.name,
            "title": self.title or self.name,
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
        if self.description:
            value["alt_txt"] = self.description
        if self.ts:
            shared = {"ts": self.ts} | ({"thread_ts": self.thread_ts} if self.thread_ts else {})
            kind = "public" if self.channel_id.startswith("C") else "private"
            value["shares"] = {kind: {self.channel_id: [shared]}}
        return value
