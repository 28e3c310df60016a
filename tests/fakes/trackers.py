"""The tickets of GitHub and GitLab on loopback, as their REST APIs are documented."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.fakes.loopback import Reply, Request

DAY = "2026-05-04T10:00:00Z"


@dataclass
class FakeTracker:
    """Issues by their numbers, and comments below them.

    Attributes:
        instead: what is said to everything, for faults.
        found_too: what a search finds besides.
    """

    token: str
    issues: dict[int, dict[str, Any]] = field(default_factory=dict)
    comments: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    instead: Reply | None = None
    found_too: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def respond(self, request: Request) -> Reply:
        parts = urlsplit(request.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        self.asked.append(f"{request.method} {unquote(request.path)}")
        if self.instead:
            return self.instead
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return Reply.of({"message": "Bad credentials"}, status=401)
        path = [unquote(one) for one in parts.path.split("/") if one]
        body = json.loads(request.body) if request.body else None
        return self.say(request.method, path, query, body)

    def say(self, method: str, path: list[str], query: dict[str, str], body: Any) -> Reply:  # noqa: ANN401 (JSON)
        raise NotImplementedError

    def rest(
        self,
        method: str,
        path: list[str],
        notes: str,
        body: Any,  # noqa: ANN401 (JSON)
    ) -> Reply:
        """What both have in common: reading one issue, and writing."""
        match method, path:
            case "GET", [number] if int(number) in self.issues:
                return Reply.of(self.issues[int(number)])
            case "GET", [number, below] if below == notes:
                return Reply.of(self.comments.get(int(number), []))
            case "POST", []:
                number = str(max(self.issues, default=0) + 1)
                self.put(int(number), **body)
                return Reply.of(self.issues[int(number)], status=201)
            case "POST", [number, below] if below == notes and int(number) in self.issues:
                self.comments.setdefault(int(number), []).append(body)
                return Reply.of({"id": 1, **body}, status=201)
        return Reply.of({"message": "404 Not found"}, status=404)

    def put(self, number: int, **said: Any) -> None:  # noqa: ANN401 (JSON)
        raise NotImplementedError


class FakeGitHub(FakeTracker):
    """docs.github.com/en/rest/issues and /search; the repository is Acme/Web-Site."""

    def say(self, method: str, path: list[str], query: dict[str, str], body: Any) -> Reply:  # noqa: ANN401 (JSON)
        if path == ["search", "issues"]:
            return Reply.of(self._searched(query["q"]))
        if [one.casefold() for one in path[:4]] != ["repos", "acme", "web-site", "issues"]:
            return Reply.of({"message": "Not Found"}, status=404)
        if method == "GET" and not path[4:]:
            found = self.issues.values()
            return Reply.of([one for one in found if query["state"] in ("all", one["state"])])
        return self.rest(method, path[4:], "comments", body)

    def put(self, number: int, **said: Any) -> None:  # noqa: ANN401 (JSON)
        self.issues[number] = {
            "number": number,
            "state": "open",
            "user": {"login": "ana-g"},
            "updated_at": DAY,
            "body": None,
            "labels": [],
            "html_url": f"https://github.com/Acme/Web-Site/issues/{number}",
            "repository_url": "https://api.github.com/repos/Acme/Web-Site",
            "comments": len(self.comments.get(number, [])),
            **said,
        }

    def _searched(self, asked: str) -> dict[str, Any]:
        words = [one for one in asked.split() if ":" not in one]
        state = "closed" if "is:closed" in asked else "open" if "is:open" in asked else ""
        found = [
            one
            for one in self.issues.values()
            if all(word in f"{one['title']} {one['body']}".lower() for word in words)
            and state in ("", one["state"])
        ]
        items = [*found, *self.found_too]
        return {"total_count": len(items), "incomplete_results": False, "items": items}


class FakeGitLab(FakeTracker):
    """docs.gitlab.com/api/issues and /notes; the project is taller/web/site."""

    def say(self, method: str, path: list[str], query: dict[str, str], body: Any) -> Reply:  # noqa: ANN401 (JSON)
        if path[:5] != ["api", "v4", "projects", "taller/web/site", "issues"]:
            return Reply.of({"message": "404 Project Not Found"}, status=404)
        if method == "GET" and not path[5:]:
            wanted = query.get("search", "").lower()
            found = [
                one
                for one in self.issues.values()
                if wanted in f"{one['title']} {one['description']}".lower()
                and query.get("state", one["state"]) == one["state"]
            ]
            return Reply.of([*found, *self.found_too])
        return self.rest(method, path[5:], "notes", body)

    def put(self, number: int, **said: Any) -> None:  # noqa: ANN401 (JSON)
        self.issues[number] = {
            "id": 1_000 + number,
            "iid": number,
            "state": "opened",
            "author": {"username": "jluna"},
            "updated_at": DAY,
            "description": None,
            "labels": [],
            "web_url": f"https://gitlab.com/taller/web/site/-/issues/{number}",
            "confidential": False,
            "user_notes_count": len(self.comments.get(number, [])),
            **said,
        }
