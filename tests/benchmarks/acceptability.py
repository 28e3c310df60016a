"""Sentences about an office, in English and Spanish, of which some break one rule of grammar.

Made up by chance from a seed: no public set is at hand that may be kept here. Both classes come
from the same frames and nouns, so that nothing but grammar tells them apart; what is learnt and
what measures share neither a frame nor a noun. As in CoLA, seven in ten are acceptable.

A frame is written in words. `person` and `thing` stand for an article with its noun, of which the
first agrees with the verb; `has/have` is that verb, for one and for several; `looking~looked` a
form of a verb and a wrong one in its place; `+for` a word that cannot be left out.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

ACCEPTABLE = 0.7
"""Share of the sentences."""
PHRASES = ("person", "thing")
Words = list[list[str]]
"""Of a sentence; an article stands with its noun."""


@dataclass(frozen=True, slots=True)
class Part:
    """What sentences are made of in one language.

    Attributes:
        frames: see above.
        nouns: for `person` and `thing`; each for one and for several, with its articles.
    """

    frames: Sequence[str]
    nouns: Mapping[str, Sequence[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One of them.

    Attributes:
        broken: the rule that it breaks; empty where it is acceptable.
    """

    text: str
    broken: str = ""


def _english(nouns: str) -> list[tuple[str, str]]:
    return [(f"this {noun}", f"these {noun}s") for noun in nouns.split()]


def _spanish(masculine: str, feminine: str) -> list[tuple[str, str]]:
    found = [(f"el {noun}", f"los {_several(noun)}") for noun in masculine.split()]
    return [*found, *((f"la {noun}", f"las {_several(noun)}") for noun in feminine.split())]


def _several(noun: str) -> str:
    return noun + ("s" if noun[-1] in "aeiou" else "es")


LEARNT = (
    Part(
        (
            "person was/were looking~looked +for thing all morning.",
            "person has/have waited~waits +for thing since Monday.",
            "person is/are sitting~sits +behind thing again.",
            "person does/do not listen~listens +to thing.",
            "thing was/were signed~sign +by person yesterday.",
            "why has/have person laughed~laughing +at thing?",
            "thing is/are too heavy +for person to lift~lifted.",
            "when does/do person come~comes +with thing?",
        ),
        {
            "person": _english("manager clerk visitor intern lawyer cleaner"),
            "thing": _english("report desk printer invoice folder lamp"),
        },
    ),
    Part(
        (
            "person estaba/estaban pensando~pensar +en thing ayer.",
            "person ha/han tropezado~tropezar +con thing otra vez.",
            "thing debe/deben llegar~llega hoy +para person.",
            "person quiere/quieren dormir~duerme +sin thing.",
            "¿por qué ha/han protestado~protestar person +contra thing?",
            "thing no puede/pueden caber~cabe +en thing.",
            "person suele/suelen viajar~viaja +con thing.",
            "cada lunes person vuelve/vuelven a caminar~camina +hacia thing.",
        ),
        {
            "person": _spanish("empleado becario vecino", "abogada jefa clienta"),
            "thing": _spanish("informe cable cartel", "mesa factura impresora"),
        },
    ),
)
MEASURING = (
    Part(
        (
            "person has/have spoken~spoke +about thing twice.",
            "how often is/are person thinking~thinks +of thing?",
            "thing has/have been hidden~hide +from person.",
            "person never wants/want to live~lived +without thing.",
            "thing still belongs/belong +to person and will stay~stayed there.",
            "thing is/are being kept~keep +near person tonight.",
            "person was/were staring~stared +into thing quietly.",
        ),
        {
            "person": _english("director driver accountant trainee guard nurse"),
            "thing": _english("contract chair screen letter drawer calendar"),
        },
    ),
    Part(
        (
            "person está/están luchando~luchar +contra thing ahora.",
            "person lleva/llevan años insistiendo~insistir +en thing.",
            "thing va/van a servir~sirve +para person.",
            "¿cuándo podrá/podrán salir~sale person +sin thing?",
            "person parece/parecen haber chocado~chocar +con thing.",
            "thing acaba/acaban de caer~cae +sobre person.",
            "person sigue/siguen bromeando~bromear +sobre thing todavía.",
        ),
        {
            "person": _spanish("director conductor socio", "secretaria contadora enfermera"),
            "thing": _spanish("contrato calendario buzón", "silla carta pantalla"),
        },
    ),
)


def sentences(parts: Sequence[Part], count: int, seed: str) -> list[Sentence]:
    """As many sentences, no two alike, the languages in turn; always the same of one seed."""
    chance = random.Random(seed)
    acceptable = round(count * ACCEPTABLE)
    rules = [*[""] * acceptable, *islice(cycle(RULES), count - acceptable)]
    chance.shuffle(rules)
    found = dict[str, Sentence]()
    for n, rule in enumerate(rules):
        while len(found) == n:
            text = _sentence(parts[n % len(parts)], rule, chance)
            found.setdefault(text, Sentence(text, rule))
    return list(found.values())


def _sentence(part: Part, rule: str, chance: random.Random) -> str:
    frame = chance.choice(part.frames)
    end, words = frame[-1], frame[:-1].split()
    phrases = dict[int, tuple[str, str]]()
    for n, word in enumerate(words):
        if word in PHRASES:
            others = [one for one in part.nouns[word] if one not in phrases.values()]
            phrases[n] = chance.choice(others)
    numbers = {n: chance.randrange(2) for n in phrases}
    first = next(iter(phrases))
    filled = [
        phrases[n][numbers[n]].split() if n in phrases else [_in_number(word, numbers[first])]
        for n, word in enumerate(words)
    ]
    if rule:
        RULES[rule](filled, words, numbers[first], part, chance)
    text = " ".join(word for some in filled for word in some)
    begin = 1 if text.startswith("¿") else 0
    return f"{text[:begin]}{text[begin].upper()}{text[begin + 1 :]}{end}"


def _in_number(word: str, number: int) -> str:
    """A word of a frame as it should be."""
    return word.split("/")[number if "/" in word else 0].split("~")[0].lstrip("+")


def _place(words: Sequence[str], sign: str) -> int:
    return next(n for n, word in enumerate(words) if sign in word)


def _agreement(
    filled: Words, words: Sequence[str], number: int, _part: Part, _chance: random.Random
) -> None:
    """The verb for several where there is one, and the other way round."""
    verb = _place(words, "/")
    filled[verb] = [_in_number(words[verb], 1 - number)]


def _article(
    filled: Words, words: Sequence[str], _number: int, part: Part, chance: random.Random
) -> None:
    """The article of another number, or of another gender."""
    noun = chance.choice([n for n, word in enumerate(words) if word in PHRASES])
    articles = {phrase.split()[0] for two in part.nouns["thing"] for phrase in two}
    filled[noun][0] = chance.choice(sorted(articles - {filled[noun][0]}))


def _order(
    filled: Words, words: Sequence[str], _number: int, _part: Part, chance: random.Random
) -> None:
    """A noun before its article."""
    filled[chance.choice([n for n, word in enumerate(words) if word in PHRASES])].reverse()


def _count(
    filled: Words, words: Sequence[str], _number: int, _part: Part, chance: random.Random
) -> None:
    """A word that is missing, or stands there twice."""
    if chance.randrange(2):
        filled[_place(words, "+")] = []
    else:
        twice = chance.choice([_place(words, sign) for sign in "+/~"])
        filled[twice] *= 2


def _form(
    filled: Words, words: Sequence[str], _number: int, _part: Part, _chance: random.Random
) -> None:
    """A wrong form of the verb that does not agree."""
    verb = _place(words, "~")
    filled[verb] = [words[verb].split("~")[1]]


RULES: Mapping[str, Callable[[Words, Sequence[str], int, Part, random.Random], None]] = {
    "agreement": _agreement,
    "article": _article,
    "order": _order,
    "count": _count,
    "form": _form,
}
