"""How Slack writes `&`, `<` and `>` that people typed, and how people see them."""

import re

# Mentions, channels, commands such as `<!here>`, and links stay as they are.
_MARKS = re.compile(r"(<[@#!][^<>\s]+>|<https?://[^<>\s]+>)")


def escaped(text: str) -> str:
    """What apps get of what somebody typed."""
    parts = _MARKS.split(text)
    return "".join(part if number % 2 else _escaped(part) for number, part in enumerate(parts))


def shown(text: str) -> str:
    """What people see of what was written."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
