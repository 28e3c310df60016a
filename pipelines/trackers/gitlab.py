"""Issues of one project at GitLab, at gitlab.com or a server of one's own (REST API, version 4)."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel

from pipelines.json_api import JsonApi, understood
from pipelines.tool_caller import CannotError, once_sent
from pipelines.trackers import MOST_BYTES, MOST_COMMENTS, MOST_FOUND, Comment, State, Ticket
from pipelines.web_place import NotThereError, WebPlace

BASE = "https://gitlab.com"
MOST_QUERIED = 150
_NOTES = [("order_by", "created_at"), ("sort", "desc"), ("per_page", "50")]


class _User(BaseModel):
    username: str = "ghost"


class _Issue(BaseModel):
    iid: int
    title: str
    state: str
    author: _User | None = None
    updated_at: datetime
    description: str | None = None
    labels: list[str] = []
    web_url: str = ""
    confidential: bool = False
    user_notes_count: int = 0

    def ticket(self) -> Ticket:
        """The same in our words."""
        return Ticket(
            number=self.iid,
            title=self.title,
            is_open=self.state == "opened",
            author=(self.author or _User()).username,
            changed=self.updated_at,
            text=self.description or "",
            labels=tuple(self.labels),
            url=self.web_url,
            comments=self.user_notes_count,
        )


class _Note(BaseModel):
    author: _User | None = None
    created_at: datetime
    body: str | None = None
    system: bool = False
    internal: bool = False
    confidential: bool | None = False


class GitLab:
    """The issues of a project; confidential ones and internal notes are left out."""

    def __init__(self, name: str, base: str, project: str, token: str, *, is_private: bool) -> None:
        """Nothing is asked yet.

        Args:
            name: what it is called where something goes wrong.
            base: of the server.
            project: GROUP/PROJECT, with all groups, or its number.
            token: empty for what everybody may see.
            is_private: whether the server is in the operator's own network.
        """
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        api = JsonApi(WebPlace(name, base, headers, is_private, most_bytes=MOST_BYTES))
        self._name = name
        self._issues = api.below("api", "v4", "projects", project, "issues")

    async def find(self, words: str, state: State) -> Sequence[Ticket]:
        """Tickets that have these words, or the newest ones where there are none."""
        query = [("order_by", "updated_at"), ("confidential", "false"), ("scope", "all")]
        query += [("per_page", str(MOST_FOUND))]
        if words.strip():
            query += [("search", words.strip()[:MOST_QUERIED])]
        if state != "all":
            query += [("state", "opened" if state == "open" else "closed")]
        found = understood(list[_Issue], await self._issues.get("", query), self._name)
        return [one.ticket() for one in found if not one.confidential]

    async def read(self, number: int) -> Ticket:
        """One ticket."""
        issue = understood(_Issue, await self._issues.get(str(number)), self._name)
        if issue.confidential:
            raise NotThereError(f"{self._name} knows of no such thing.")
        return issue.ticket()

    async def last_comments(self, ticket: Ticket) -> Sequence[Comment]:
        """What was written last below it, oldest first."""
        value = await self._issues.get(f"{ticket.number}/notes", _NOTES)
        notes = understood(list[_Note], value, self._name)
        found = [one for one in notes if not (one.system or one.internal or one.confidential)]
        return [
            Comment((one.author or _User()).username, one.created_at, one.body or "")
            for one in reversed(found[:MOST_COMMENTS])
        ]

    async def create(self, title: str, text: str) -> Ticket:
        """A new ticket."""
        value = await self._issues.post({"title": title, "description": _no_command(text)})
        with once_sent():
            return understood(_Issue, value, self._name).ticket()

    async def comment(self, number: int, text: str) -> None:
        """Write below a ticket."""
        await self._issues.below(str(number), "notes").post({"body": _no_command(text)})


def _no_command(text: str) -> str:
    """A text that does nothing but stand there.

    Raises:
        CannotError: a line of it could be a quick action, such as /close or /assign.
    """
    if any(line.lstrip().startswith("/") for line in text.splitlines()):
        raise CannotError("No line may begin with /: GitLab would take it for a command.")
    return text
