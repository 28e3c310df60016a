"""How a persona speaks: its tone, how it addresses people in Spanish, which English it writes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from knowledge.words import fold

CHOICES = {
    "tone": ("formal", "close"),
    "es": ("tú", "vos", "usted"),
    "plural": ("vosotros", "ustedes"),
    "en": ("british", "american"),
}
"""What each line may say."""
LONGEST_SHOWN = 40
"""Characters of a line that there is not."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A tone and the forms of address; what is empty is left to the model.

    Attributes:
        es: how one person is addressed in Spanish.
        plural: how several are.
        en: whose English it is.
    """

    tone: str = ""
    es: str = ""
    plural: str = ""
    en: str = ""

    def __bool__(self) -> bool:
        """Whether anything is asked for."""
        return any((self.tone, self.es, self.plural, self.en))


def problems_with_voice(value: object) -> Iterator[str]:
    """All that is wrong with it."""
    if not isinstance(value, Mapping) or not value:
        yield "it has no lines"
        return
    for key, said in value.items():
        if key not in CHOICES:
            yield f"'{str(key)[:LONGEST_SHOWN]}' is none of {', '.join(CHOICES)}"
        elif _chosen(key, said) not in CHOICES[key]:
            yield f"{key} is one of {', '.join(CHOICES[key])}"
    if _chosen("es", value.get("es")) == "vos" and value.get("plural") == "vosotros":
        yield "whoever says vos says ustedes to several"


def _chosen(key: str, said: object) -> str:
    """The choice that is meant; accents and capitals do not matter."""
    plain = {fold(choice): choice for choice in CHOICES[key]}
    return plain.get(fold(str(said)), "")


def read_voice(value: Mapping[str, object]) -> Voice:
    """The voice; who says vos or usted to one says ustedes to several, unless told otherwise."""
    said = {key: _chosen(key, one) for key, one in value.items()}
    if said.get("es") == "vos":
        said.setdefault("plural", "ustedes")
    return Voice(**said)
