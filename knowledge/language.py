"""Which language a text is in; short texts are told apart by their little words."""

import re
from functools import cache
from tempfile import gettempdir

from py3langid.langid import MODEL_FILE, LanguageIdentifier  # type: ignore[import-untyped]  # it carries no type hints

from knowledge.errors import OperatorError

# Enough for what teams write; with all 140 a list of product names becomes Latin or Luxembourgish.
_LANGUAGES = (  # noqa: SIM905 (a list of forty quoted codes is harder to read)
    "ar bg ca cs da de el en es et eu fa fi fr gl he hi hr hu id it ja ko lt lv nl no pl pt ro ru "
    "sk sl sv th tr uk vi zh"
).split()
_EN = frozenset(
    """
    the of and to in is are was were be been for on with that this these those it its you your we
    our they their he she his her from by at or an what which who whom whose how when where why can
    could do does did will would should must may many much have had there if not but about into than
    then them i my us get need any all out up off does doesn't don't isn't what's i'm please yes
    tell show find list explain give help let hello hi
    thanks
    """.split()  # noqa: SIM905 (a list of a hundred quoted words is harder to read)
)
_ES = frozenset(
    """
    el la los las un una unos unas de del al y e o u que en es son está están fue ser se su sus por
    para con sin sobre como más pero si lo le les nos mi tu te ya hay qué cuál cuáles quién quiénes
    cómo cuándo cuánto cuánta cuántos cuántas dónde adónde cual quien cuando cuanto cuantos cuantas
    donde puedo puede pueden podemos debo debe tengo tiene tienen hacer hago hace este esta estos
    estas ese esa eso esto muy también entre hasta desde durante cada otro otra nuestro nuestra
    nuestros nuestras dime muestra busca explica dame ayuda porque según hola
    gracias
    """.split()  # noqa: SIM905 (as above)
)
_WORD = re.compile(r"[^\W\d_]+(?:'[a-z]+)?")
_EN_SHAPE = re.compile(
    r"\w(?:ing|tion|tions|ness|ship|ight|ough|ous|ly|ed)\b|\w\w[bcdfghkmptwxy]s?\b|th|sh|wh|ck|ee|oo"
)
_ES_SHAPE = re.compile(
    r"[ñ¿¡]|[áíóú]|\w(?:ción|ciones|sión|siones|cion|dad|dades|mente|ado|ada|ados|adas|ido|idos|"
    r"miento|mientos|anza|encia|encias|ario|arios|aje|ajes|ores|ero|era|eros|illa|ñas?)\b"
    r"|\w{4}(?:as?|os?)\b"
)
_SURE = 0.75
_VERY_SURE = 0.85


def load() -> None:
    """Read what tells languages apart, which takes a second; the first text would wait for it.

    Raises:
        TemporaryFolderError: it cannot be read.
    """
    _all_languages()
    _two_languages()


def language_of(text: str) -> str:
    """ISO 639-1 code of an article's language; empty where it cannot be told."""
    sample = text[:4000]
    words = len(_WORD.findall(sample))
    if words < 12:
        return _vote(sample) or (_identified(sample) if words > 3 else "")
    best, probability = _all_languages().classify(sample)
    if best in {"en", "es"}:
        return str(best)
    return _vote(sample, least=words // 4) or (str(best) if probability > _SURE else "")


def language_of_question(text: str, default: str = "") -> str:
    """The language that the asker expects the reply in; `default` where it cannot be told."""
    if len(_WORD.findall(text)) >= 5:
        best, probability = _all_languages().classify(text)
        # French and Portuguese share little words with Spanish: here the model knows better.
        if probability > _VERY_SURE:
            return str(best)
    return _vote(text) or _vote_of_shapes(text) or _identified(text) or default


def language_of_part(text: str, whole: str) -> str:
    """A chunk's language: that of its article, but for a clear passage in English or Spanish."""
    if whole not in {"en", "es", ""}:
        return whole
    return _vote(text, least=3, times=3) or whole


def _vote(text: str, *, least: int = 1, times: int = 1) -> str:
    """English or Spanish by little words: at least `least`, more than `times` the other's."""
    words = _WORD.findall(text.lower())
    english = sum(word in _EN for word in words)
    spanish = sum(word in _ES for word in words)
    if english >= least and english > times * spanish:
        return "en"
    return "es" if spanish >= least and spanish > times * english else ""


def _vote_of_shapes(text: str) -> str:
    """English or Spanish by typical letters and endings, for questions of one or two words."""
    lowered = text.lower()
    english, spanish = len(_EN_SHAPE.findall(lowered)), len(_ES_SHAPE.findall(lowered))
    if english == spanish:
        return ""
    return "en" if english > spanish else "es"


def _identified(text: str) -> str:
    """English or Spanish by the model, where it is sure."""
    best, probability = _two_languages().classify(text)
    return str(best) if probability > _SURE else ""


class TemporaryFolderError(OperatorError):
    """Nothing can be written to the folder for temporary files."""


@cache
def _all_languages() -> LanguageIdentifier:
    return _identifier(_LANGUAGES)


@cache
def _two_languages() -> LanguageIdentifier:
    return _identifier(["en", "es"])


def _identifier(languages: list[str]) -> LanguageIdentifier:
    try:
        identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    except OSError as error:  # it unpacks its model there
        raise TemporaryFolderError(
            f"The folder for temporary files, {gettempdir()}, cannot be used: {error.strerror}.",
            what_to_do="Make room on its disk, or set TMPDIR to another folder.",
        ) from error
    identifier.set_languages(languages)
    return identifier
