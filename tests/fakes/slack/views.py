"""Modals and the app's home: what is open, and what becomes of it when it is submitted."""

from dataclasses import dataclass, field

from tests.fakes.slack.errors import Json, RefusedError, complain
from tests.fakes.slack.limits import VIEW_BLOCKS, check_blocks
from tests.fakes.slack.messages import with_names

_FIELDS = (
    "type",
    "title",
    "blocks",
    "submit",
    "close",
    "callback_id",
    "private_metadata",
    "external_id",
    "clear_on_close",
    "notify_on_close",
    "submit_disabled",
)


@dataclass
class View:
    """One view as a person sees it.

    Attributes:
        content: as the app wrote it, with names for its blocks.
        errors: by `block_id`, what the app said to the last submission.
        version: grows with each update; apps know it as the `hash`.
    """

    view_id: str
    user_id: str
    team_id: str
    content: Json
    app_id: str
    bot_id: str
    root_id: str = ""
    previous_id: str | None = None
    errors: dict[str, str] = field(default_factory=dict)
    version: int = 1
    values: Json = field(default_factory=dict)
    is_open: bool = True

    def __post_init__(self) -> None:
        self.root_id = self.root_id or self.view_id

    @property
    def hash(self) -> str:
        """The version, as apps know it."""
        return f"{self.version}.{self.view_id}"

    def replace(self, content: Json) -> None:
        """Show something else in its place."""
        self.content = content
        self.version += 1
        self.errors = {}

    def block(self, name: str) -> Json:
        """The input block with this `block_id`, or whose element has this `action_id`."""
        for block in self.content["blocks"]:
            if name in (block.get("block_id"), block.get("element", {}).get("action_id")):
                found: Json = block
                return found
        names = [block["block_id"] for block in self.content["blocks"]]
        raise AssertionError(f"The view has no input {name!r}; its blocks are {names}.")

    def as_json(self) -> Json:
        """The view as apps get it."""
        return {
            "id": self.view_id,
            "team_id": self.team_id,
            "app_id": self.app_id,
            "app_installed_team_id": self.team_id,
            "bot_id": self.bot_id,
            "root_view_id": self.root_id,
            "previous_view_id": self.previous_id,
            "hash": self.hash,
            "callback_id": "",
            "private_metadata": "",
            "state": {"values": self.values},
            **self.content,
        }


def checked(content: Json | None) -> Json:
    """The view that an app sent, with names for its blocks.

    Raises:
        RefusedError: something about it is not as Slack wants it.
    """
    if not content or content.get("type") not in ("modal", "home"):
        raise RefusedError("invalid_arguments")
    blocks = content.get("blocks") or []
    check_blocks(blocks, at_most=VIEW_BLOCKS)
    if content["type"] == "modal":
        _check_words(content)
    if (
        len(content.get("private_metadata", "")) > 3_000
        or len(content.get("callback_id", "")) > 255
    ):
        raise complain("/view", "private_metadata or callback_id is too long")
    known = {name: content[name] for name in _FIELDS if name in content}
    return known | {"blocks": with_names(blocks)}


def _check_words(content: Json) -> None:
    """Titles and buttons are short, and inputs need a button to submit."""
    words = {name: content[name] for name in ("title", "submit", "close") if content.get(name)}
    for name, word in words.items():
        if not 0 < len(word.get("text", "")) <= 24:
            raise complain(f"/view/{name}", "must be less than 25 characters")
    if "title" not in words:
        raise complain("/view", "missing required field: title")
    if "submit" not in words and any(b.get("type") == "input" for b in content["blocks"]):
        raise complain("/view", "missing required field: submit")
