"""Markdown as a hostile model would write it: nested constructs, foreign addresses, pings."""

from random import Random

ALLOWED = ("https://wiki.example.test/runbook", "https://docs.acme.test/a_b/c?x=1&y=2#top")
_FOREIGN = (
    "https://evil.example.test/?d=secret",
    "http://evil.test",
    "HTTPS://EVIL.TEST/X",
    "https://wiki.example.test@evil.test/runbook",
    "https://wiki.example.test\\@evil.test/",
    "https://wiki.example.test/runbook/../x",
    "https://wiki.example.test/runbook?q=1",
    "https://wiki.example.test/runbook%2e",
    "https:evil.test/x",
    "https:\\\\evil.test\\x",
    "//evil.test/x",
    "www.evil.test",
    "evil.test/path?d=1",
    "evil.test",
    "wiki.ехample.test/x",
    "mailto:a@evil.test?body=secret",
    "javascript:alert(1)",
    "data:text/html;base64,PHNjcmlwdD4=",
    "https&#58;//evil.test",
    "https&colon;//evil.test/x",
    "htt\u200bps://evil.test",
    "slack://open?team=1",
    "discord://-/channels/1",
    "https://[::1]/x",
    "https://evil.test/`x`",
    "https://evil.test|https://wiki.example.test/runbook",
)
_PINGS = (
    *("@everyone", "@here", "@channel", "<!channel>", "<!here|here>", "<!everyone>"),
    *("<@U0123ABC>", "<@U0123ABC|bob>", "<#C0PRIVATE1|hr>", "<!subteam^S012AB>", "<@123456789>"),
    *("<@!123456789>", "<@&123456789>", "<#123456789>", "</ask:1234>", "<id:customize>"),
    *("&lt;!channel&gt;", "&amp;lt;!channel&amp;gt;", "&#60;!here&#62;", "\\<!channel>"),
    *(
        "@every\u200bone",
        "@every&#8203;one",
        "@every![](x)one",
        "@here![](https://evil.test/i.png)",
    ),
    *("<:smile:123456>", "<a:dance:123456>", "<t:1700000000:R>", "<!date^1^{date}|x>"),
)
_WORDS = (
    *("plan", "año", "3 * 4", "snake_case", "[1]", "[2][3]", "a < b", "R&D", "`", "``", "*", "_"),
    *("\\", "|", "||", "~~", "<", ">", "&lt;", "](", "[", "]", "!", "(", ")", "\u202e", "👩‍🌾"),
    *("#", "-", "1.", "***", "https:", "README.md", "hr@acme.test", "**", "__init__", "\\`", "$x$"),
)


def hostile(random: Random, most_blocks: int = 4) -> str:
    """A document of some blocks."""
    return "\n\n".join(_block(random, 2) for _ in range(random.randint(1, most_blocks)))


def _block(random: Random, depth: int) -> str:
    kind = random.choice(_BLOCKS)
    if depth == 0 or kind == "paragraph":
        return "\n".join(_line(random, 2) for _ in range(random.randint(1, 3)))
    if kind == "heading":
        return "#" * random.randint(1, 7) + " " + _line(random, 1)
    if kind in ("quote", "list", "numbers"):
        first, other = {"quote": ("> ", "> "), "list": ("- ", "  "), "numbers": ("3. ", "   ")}[
            kind
        ]
        inner = "\n\n".join(_block(random, depth - 1) for _ in range(random.randint(1, 2)))
        return first + inner.replace("\n", f"\n{other}")
    return _verbatim(random, kind)


_BLOCKS = (
    *("paragraph", "paragraph", "paragraph", "heading", "quote", "list", "numbers", "fence"),
    *("table", "definition", "html", "indented", "setext"),
)


def _verbatim(random: Random, kind: str) -> str:
    line = _line(random, 1)
    target = random.choice((*_FOREIGN, *ALLOWED))
    return {
        "fence": f"{random.choice(('```', '~~~', '````'))}py\n{line}\n{random.choice(_PINGS)}\n"
        + random.choice(("```", "~~~", "````", "")),
        "table": f"| a | {_line(random, 0)} |\n|---|:-:|\n| {line} | {random.choice(_PINGS)} |",
        "definition": f"[r]: {target} 'title'\n\n[{line}][r] [r]",
        "html": f'<a href="{target}">{line}</a><img src="{target}">',
        "indented": f"    {line}",
        "setext": f"{line}\n===",
    }[kind]


def _line(random: Random, depth: int) -> str:
    joint = random.choice((" ", " ", " ", ""))
    return joint.join(_piece(random, depth) for _ in range(random.randint(1, 5)))


def _piece(random: Random, depth: int) -> str:
    kind = random.randrange(10)
    if kind < 3:
        return random.choice(_WORDS)
    if kind == 3:
        return random.choice(_PINGS)
    url = random.choice((*_FOREIGN, *ALLOWED, *ALLOWED))
    if kind == 4:
        return url
    inner = _line(random, depth - 1) if depth else random.choice((*_WORDS, *_FOREIGN))
    if kind in (5, 6):
        return _link(random, inner, url)
    mark = random.choice(("*", "**", "_", "__", "~~", "`", "``", "```", "||"))
    return f"{mark}{inner}{mark}"


def _link(random: Random, words: str, url: str) -> str:
    return random.choice(
        (
            f"[{words}]({url})",
            f"[{words}](<{url}>)",
            f'[{words}]({url} "title")',
            f"![{words}]({url})",
            f"[![{words}]({url})]({random.choice(ALLOWED)})",
            f"<{url}>",
            f"<{url}|{words}>",
            f"[{random.choice(_FOREIGN)}]({random.choice(ALLOWED)})",
            f"\\[{words}\\]({url})",
            f"[{words}]\n({url})",
        )
    )
