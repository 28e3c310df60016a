"""Tickets: issues at GitHub or GitLab are found, read, written and commented on."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, model_validator

from knowledge.cleaning import clean
from pipelines.named_places import WritablePlace, chosen, chosen_to_change, listed, open_to_all
from pipelines.tool import Caller, CannotError, tool
from pipelines.tool_settings import Secret, ToolSettings
from pipelines.trackers import Comment, State, Ticket, Tracker, github, gitlab
from pipelines.web_place import NotThereError, WebAddress, check_lines

LONGEST_TITLE, LONGEST_TEXT = 200, 10_000
SHOWN_TEXT, SHOWN_COMMENT = 1_800, 300
WITHIN_S = 20
SIGNED = "\n\n(Written through Tertulia.)"
_PROJECT = re.compile(r"[\w.-]+(?:/[\w.-]+)*")
_HIDDEN = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
"""What people who read the ticket do not see."""
Which = Annotated[str, "which repository; left out if there is only one"]
Number = Annotated[int, Field(description="the number of the ticket", ge=1, le=10**9)]


class Repository(WritablePlace):
    """What is said of one repository or project.

    Attributes:
        project: OWNER/REPOSITORY at GitHub; GROUP/PROJECT at GitLab, with all groups.
        base_url: of the API of GitHub Enterprise (`https://HOST/api/v3`), or of a GitLab server.
        token: its rights are what can be done here at most.
        private: whether the server is in the operator's own network.
    """

    kind: Literal["github", "gitlab"]
    project: str
    base_url: WebAddress | None = None
    token: Secret | None = None
    private: bool = False

    @model_validator(mode="after")
    def _plain(self) -> "Repository":
        check_lines(self.base_url or "", private=self.private)
        parts = self.project.split("/")
        is_short = self.kind == "github" and len(parts) != 2
        if not _PROJECT.fullmatch(self.project) or {".", ".."} & set(parts) or is_short:
            raise ValueError("project has to be written like acme/website")
        return self

    def tracker(self, name: str) -> Tracker:
        """The tracker as it is asked."""
        token = self.token.get_secret_value() if self.token else ""
        if self.kind == "github":
            base = self.base_url or github.BASE
            return github.GitHub(name, base, self.project, token, is_private=self.private)
        base = self.base_url or gitlab.BASE
        return gitlab.GitLab(name, base, self.project, token, is_private=self.private)


class Tickets(ToolSettings):
    """What `[tools.tickets]` may say."""

    repositories: Annotated[dict[str, Repository], Field(min_length=1)]

    def for_model(self) -> str:
        """The names of the repositories that everybody may know of."""
        known = open_to_all(self.repositories)
        return f"Repositories: {listed(known)}." if known else ""


@tool(within_s=WITHIN_S, outward=True)
async def find_tickets(
    caller: Caller,
    settings: Tickets,
    text: Annotated[str, "words that the ticket has; left out for the newest"] = "",
    repository: Which = "",
    state: Annotated[State, "open, closed or all"] = "open",
) -> str:
    """Finds tickets (issues, bugs, tasks) by their words. Use it for what is open or reported."""
    name, place = chosen(repository, settings.repositories, caller)
    found = await place.tracker(name).find(text, state)
    if not found:
        return f"No {'' if state == 'all' else state + ' '}tickets in {name} have these words."
    return "\n".join([f"Tickets in {name}:", *(_line(one) for one in found)])


@tool(within_s=WITHIN_S, outward=True)
async def read_ticket(
    number: Number, caller: Caller, settings: Tickets, repository: Which = ""
) -> str:
    """Reads a ticket (issue) and its last comments. Use it where a number such as #12 is named."""
    name, place = chosen(repository, settings.repositories, caller)
    tracker = place.tracker(name)
    ticket = await _read(tracker, name, number)
    return "\n".join(_whole(name, ticket, await tracker.last_comments(ticket)))


def _new_ticket(
    title: str, text: str, caller: Caller, settings: Tickets, repository: str
) -> dict[str, str]:
    """What a new ticket comes to."""
    place = _place(repository, settings, caller)
    return {"title": _written(_short(title)), "text": _written(text), **place}


@tool(effect="write", within_s=WITHIN_S, completed=_new_ticket)
async def create_ticket(
    title: Annotated[str, Field(description="in one line", min_length=3, max_length=LONGEST_TITLE)],
    text: Annotated[str, Field(description="what should be known", max_length=LONGEST_TEXT)],
    caller: Caller,
    settings: Tickets,
    repository: Which = "",
) -> str:
    """Creates a ticket (issue). Use it only where somebody asks for a new ticket."""
    name, place = chosen_to_change(repository, settings.repositories, caller)
    ticket = await place.tracker(name).create(_written(_short(title)), _written(text) + SIGNED)
    return f"Created ticket #{ticket.number} in {name}: {_short(ticket.title)}"


async def _new_comment(
    number: int, text: str, caller: Caller, settings: Tickets, repository: str
) -> dict[str, str]:
    """What a comment comes to: people know a ticket by its title."""
    place = _place(repository, settings, caller)
    tracker = settings.repositories[place["repository"]].tracker(place["repository"])
    ticket = await _read(tracker, place["repository"], number)
    return {"text": _written(text), **place, "ticket": _short(ticket.title)}


@tool(effect="write", within_s=WITHIN_S, completed=_new_comment)
async def comment_ticket(
    number: Number,
    text: Annotated[str, Field(description="to write", min_length=1, max_length=LONGEST_TEXT)],
    caller: Caller,
    settings: Tickets,
    repository: Which = "",
) -> str:
    """Writes a comment below a ticket (issue). Use it only where somebody asks for that."""
    name, place = chosen_to_change(repository, settings.repositories, caller)
    tracker = place.tracker(name)
    await _read(tracker, name, number)  # what may not be read is not written on
    await tracker.comment(number, _written(text) + SIGNED)
    return f"Commented on ticket #{number} in {name}."


def _place(repository: str, settings: Tickets, caller: Caller) -> dict[str, str]:
    """Where something is written: under which name we know it, and what it is called there."""
    name, place = chosen_to_change(repository, settings.repositories, caller)
    return {"repository": name, "project": f"{place.kind}: {place.project}"}


async def _read(tracker: Tracker, name: str, number: int) -> Ticket:
    try:
        return await tracker.read(number)
    except NotThereError as error:
        raise CannotError(f"There is no ticket #{number} in {name}.") from error


def _written(text: str) -> str:
    """What somebody wants written, without invisible signs.

    Raises:
        CannotError: nothing of it can be seen.
    """
    if seen := clean(text).strip():
        return seen
    raise CannotError("There is nothing to write.")


def _line(ticket: Ticket) -> str:
    state = "open" if ticket.is_open else "closed"
    return f"#{ticket.number} {_short(ticket.title)} ({state}, {_day(ticket.changed)})"


def _whole(name: str, ticket: Ticket, comments: Sequence[Comment]) -> Iterator[str]:
    """A ticket with its comments; what people wrote is marked, so that it cannot pass for more."""
    yield f"In {name}: {_line(ticket)}, by {_short(ticket.author, 40)}"
    if ticket.labels:
        yield f"Labels: {', '.join(_short(one, 40) for one in ticket.labels[:10])}"
    yield from _quoted(ticket.text, SHOWN_TEXT)
    for one in comments:
        yield f"{_short(one.author, 40)} on {_day(one.written)}:"
        yield from _quoted(one.text, SHOWN_COMMENT)


def _quoted(text: str, longest: int) -> Iterator[str]:
    text = _HIDDEN.sub("", clean(text))
    lines = [line for line in text[:longest].splitlines() if line.strip()]
    yield from (f"> {line}" for line in lines)
    if len(text) > longest:
        yield f"> … ({len(text) - longest:,} more characters)"


def _short(text: str, longest: int = LONGEST_TITLE) -> str:
    """A text on one line."""
    return " ".join(clean(text).split())[:longest]


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"
