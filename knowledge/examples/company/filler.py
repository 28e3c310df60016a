"""Sentences about things that nobody asks for, so that finding a fact is work."""

from random import Random

from knowledge.examples.company.questions import Language
from knowledge.examples.company.wording import words


class Storyteller:
    """Tells small things of office life in one language; the same chance, the same stories."""

    def __init__(self, language: Language, chance: Random) -> None:
        self._words = words("sentences")[language]
        self._chance = chance

    def sentence(self) -> str:
        """One sentence."""
        chosen = {key: self._pick(values) for key, values in self._words["words"].items()}
        chosen["team_capital"] = _capital(chosen["team"])
        chosen["when_capital"] = _capital(chosen["when"])
        text: str = self._pick(self._words["sentences"]).format_map(chosen)
        return text.replace(" de el ", " del ").replace(" a el ", " al ")

    def paragraph(self) -> list[str]:
        """Two to five sentences."""
        return [self.sentence() for _ in range(2 + int(self._chance.random() * 4))]

    def headings(self, count: int) -> list[str]:
        """Headings of sections; they repeat only where there are more sections than headings."""
        known = self._chance.sample(self._words["headings"], len(self._words["headings"]))
        return [known[number % len(known)] for number in range(count)]

    def see_also(self, name: str) -> str:
        """A pointer to another page."""
        return self._pick(self._words["see_also"]).format(name=name)

    def _pick(self, values: list[str]) -> str:
        return values[int(self._chance.random() * len(values))]


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
