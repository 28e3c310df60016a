"""Issues of one repository at GitHub or GitHub Enterprise (REST API, version 2022-11-28)."""

import re
from collections.abc import Sequence
from datetime import datetime
from math import ceil
from typing import Any

from pydantic import BaseModel, Field

from pipelines.json_api import JsonApi, understood
from pipelines.tool_caller import once_sent
from pipelines.trackers import MOST_BYTES, MOST_COMMENTS, MOST_FOUND, Comment, State, Ticket
from pipelines.web_place import NotThereError, WebPlace

BASE = "https://api.github.com"
MOST_QUERIED = 150
_PAGE = 100


class _User(BaseModel):
    login: str = ""


class _Label(BaseModel):
    name: str = ""


class _Issue(BaseModel):
    number: int
    title: str
    state: str
    user: _User | None = None
    updated_at: datetime
    body: str | None = None
    labels: list[_Label] = []
    html_url: str = ""
    repository_url: str = ""
    comments: int = 0
    pull_request: dict[str, Any] | None = None

    def ticket(self) -> Ticket:
        """The same in our words."""
        return Ticket(
            number=self.number,
            title=self.title,
            is_open=self.state == "open",
            author=_name(self.user),
            changed=self.updated_at,
            text=self.body or "",
            labels=tuple(one.name for one in self.labels),
            url=self.html_url,
            comments=self.comments,
        )


class _Found(BaseModel):
    items: list[_Issue] = Field(default_factory=list)


class _Comment(BaseModel):
    user: _User | None = None
    created_at: datetime
    body: str | None = None


class GitHub:
    """The issues of a repository; pull requests are none."""

    def __init__(self, name: str, base: str, project: str, token: str, *, is_private: bool) -> None:
        """Nothing is asked yet.

        Args:
            name: what it is called where something goes wrong.
            base: of the API.
            project: OWNER/REPOSITORY.
            token: empty for what everybody may see.
            is_private: whether the server is in the operator's own network.
        """
        headers = {
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
            **({"Authorization": f"Bearer {token}"} if token else {}),
        }
        self._name, self._project = name, project
        self._api = JsonApi(WebPlace(name, base, headers, is_private, most_bytes=MOST_BYTES))
        self._issues = self._api.below("repos", *project.split("/"), "issues")

    async def find(self, words: str, state: State) -> Sequence[Ticket]:
        """Tickets that have these words, or the newest ones where there are none."""
        plain = " ".join(re.findall(r"\w+", words.lower()))[:MOST_QUERIED]
        if not plain:
            query = [("state", state), ("sort", "updated"), ("per_page", str(_PAGE))]
            found = understood(list[_Issue], await self._issues.get("", query), self._name)
        else:
            found = await self._searched(plain, state)
        return [one.ticket() for one in found if one.pull_request is None][:MOST_FOUND]

    async def _searched(self, plain: str, state: State) -> list[_Issue]:
        """What GitHub finds in this repository; whatever else it may find is left out."""
        only = "" if state == "all" else f" is:{state}"
        query = [("q", f"{plain} repo:{self._project} is:issue{only}"), ("per_page", str(_PAGE))]
        found = understood(_Found, await self._api.get("search/issues", query), self._name)
        ours = f"/repos/{self._project}".casefold()
        return [one for one in found.items if one.repository_url.casefold().endswith(ours)]

    async def read(self, number: int) -> Ticket:
        """One ticket."""
        issue = understood(_Issue, await self._issues.get(str(number)), self._name)
        if issue.pull_request is not None:
            raise NotThereError(f"{number} is a pull request, no ticket.")
        return issue.ticket()

    async def last_comments(self, ticket: Ticket) -> Sequence[Comment]:
        """What was written last below it, oldest first."""
        if not ticket.comments:
            return []
        page = [("per_page", str(_PAGE)), ("page", str(ceil(ticket.comments / _PAGE)))]
        value = await self._issues.get(f"{ticket.number}/comments", page)
        found = understood(list[_Comment], value, self._name)[-MOST_COMMENTS:]
        return [Comment(_name(one.user), one.created_at, one.body or "") for one in found]

    async def create(self, title: str, text: str) -> Ticket:
        """A new ticket."""
        value = await self._issues.post({"title": title, "body": text})
        with once_sent():
            return understood(_Issue, value, self._name).ticket()

    async def comment(self, number: int, text: str) -> None:
        """Write below a ticket."""
        await self._issues.below(str(number), "comments").post({"body": text})


def _name(user: _User | None) -> str:
    """Who wrote it; ghosts have no account any more."""
    return (user.login if user else "") or "ghost"
