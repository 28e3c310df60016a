"""The one gate that every outgoing text passes.

A platform asks it for each text, whoever wrote it:

    outgoing = Egress("discord", allowed=urls_that_are_always_fine)
    text = outgoing.markdown(answer.text, links=urls_of_its_sources, language=answer.language)

What comes out links to nothing but these addresses, shows no image, notifies nobody and holds
nothing invisible and no secret. It is still the platform's business to post with
`AllowedMentions.none()`, `suppress_embeds`, `unfurl_links=False` and `unfurl_media=False`.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import replace

from bot.egress.cleaning import cleaned
from bot.egress.credentials import masked, masked_markdown
from bot.egress.dialects import DIALECTS, in_markdown
from bot.egress.nodes import Node, joined, parsed, plain
from bot.egress.screening import Rules, linkable, screened
from bot.egress.tool_calls import is_tool_call
from bot.egress.writing import adapted, written
from bot.splitting import Part, split

MOST_ROUNDS = 4
"""Rewritten lines may read as something new; after so many rounds the words alone are shown."""


SMALLEST = 100
"""Characters of a message, of which some are needed to close a fence and open it again."""


class Egress:
    """What goes out on one platform.

    Args:
        platform: `slack` (`markdown_text`, block `markdown`), `discord` or `terminal`.
        allowed: addresses that may always be linked, byte for byte.
    """

    def __init__(self, platform: str, *, allowed: Collection[str] = ()) -> None:
        self._dialect = DIALECTS[platform]
        self._allowed = frozenset(allowed)

    def markdown(self, text: str, *, links: Collection[str] = (), language: str = "en") -> str:
        """A text that is Markdown, as this platform may show it.

        Args:
            text: of a model, or a sentence of ours with titles in it.
            links: the addresses that may be linked, byte for byte: those of the sources.
            language: of what stands in place of something that is taken out.
        """
        rules = self._rules(links, language)
        if is_tool_call(text):
            text = rules.mark("no-words")
        text = masked_markdown(cleaned(text), rules.mark("secret-removed"), but=rules.allowed)
        return self._settled(text, rules)

    def literal(self, text: str, *, links: Collection[str] = (), language: str = "en") -> str:
        """A text that is shown as it is, with no sign of it read as markup: titles, questions."""
        rules = self._rules(links, language)
        safe = masked(cleaned(text), rules.mark("secret-removed"), but=rules.allowed)
        return self._words(safe, rules)

    def parts(
        self,
        text: str,
        *,
        limit: int | None = None,
        links: Collection[str] = (),
        language: str = "en",
    ) -> tuple[Part, ...]:
        """What `markdown` makes of a text, in messages of at most `limit` characters.

        Each message has passed the gate by itself: a cut makes nothing of it anything else. There
        is at least one; where nothing was left of the text, it says so.
        """
        whole = self.markdown(text, links=links, language=language)
        whole = whole or self._rules(links, language).mark("no-words")
        most = limit or self._dialect.limit
        if len(whole) <= most or not self._dialect.is_markdown:
            return split(whole, most)
        rules = self._rules(links, language)
        return self._fitting(whole, most, rules)

    def _fitting(self, whole: str, most: int, rules: Rules) -> tuple[Part, ...]:
        """Parts that still fit when they have passed the gate, where a cut needs more escapes."""
        parts: tuple[Part, ...] = ()
        for size in (most, most * 3 // 4, most // 2, most // 4):
            cut = split(whole, max(size, SMALLEST))
            parts = _filled(replace(p, shown=self._settled(p.shown, rules)) for p in cut)
            if all(len(part.shown) <= most for part in parts):
                break
        return parts

    def _rules(self, links: Collection[str], language: str) -> Rules:
        return Rules(
            linkable(self._allowed.union(links)),
            language,
            links_names=self._dialect.links_names,
            links_in_code=self._dialect.links_in_code,
        )

    def _tree(self, text: str, rules: Rules) -> Node:
        tree = adapted(screened(parsed(text), rules), self._dialect)
        # Once more: in an aligned table, words of several pieces have become one text.
        return tree if self._dialect.has_tables else screened(tree, rules)

    def _settled(self, text: str, rules: Rules) -> str:
        """The text written anew until it reads as what it was written from."""
        for _ in range(MOST_ROUNDS):
            text, is_settled = self._once(text, rules)
            if is_settled:
                return text
        return self._words(plain(parsed(text)), rules)

    def _once(self, text: str, rules: Rules) -> tuple[str, bool]:
        """The text written once, and whether it would be written the same again."""
        tree = self._tree(text, rules)
        easy = written(tree, self._dialect)
        if not self._dialect.is_markdown or self._reads_as(tree, easy, rules):
            return easy, True
        careful = written(tree, self._dialect, is_careful=True)
        return careful, careful == text

    def _reads_as(self, tree: Node, text: str, rules: Rules) -> bool:
        """Whether a text says what the tree says, and would be written just so."""
        again = self._tree(text, rules)
        return again == tree and written(again, self._dialect) == text

    def _words(self, text: str, rules: Rules) -> str:
        """Paragraphs of nothing but text."""
        paragraphs = [_paragraph(lines) for lines in re.split(r"\n\s*\n", text) if lines.strip()]
        screen = screened(Node("document", children=tuple(paragraphs)), rules)
        tree = adapted(screen, self._dialect)
        easy = written(tree, self._dialect)
        if not self._dialect.is_markdown or self._reads_as(tree, easy, rules):
            return easy
        return written(tree, self._dialect, is_careful=True)


def _filled(parts: Iterable[Part]) -> tuple[Part, ...]:
    """The parts, where those with nothing to show belong to the one before."""
    result: list[Part] = []
    for part in parts:
        if part.shown.strip() or not result:
            result.append(part)
        else:
            result[-1] = replace(result[-1], original=result[-1].original + part.original)
    return tuple(result)


def _paragraph(text: str) -> Node:
    pieces: list[Node] = []
    for line in text.strip("\n").split("\n"):
        pieces += [Node("break", mark="  "), Node("text", line.strip())]
    return Node("paragraph", children=joined(pieces[1:]))


__all__ = ["Egress", "Part", "cleaned", "in_markdown"]
