"""Whether a text does what an instruction of IFEval asks for, by the strict rules of its authors.

Each check takes the text and the values of the instruction. Sentences and words are counted with
regular expressions where the authors use a library. `language:response_language` is left out: it
asks for languages that nothing here tells apart.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Values = Mapping[str, Any]
_SENTENCE = re.compile(r"[^.!?…]+[.!?…]+|[^.!?…]+$")


def follows(text: str, instructions: Sequence[str], values: Sequence[Values]) -> bool:
    """Whether a text does all that is asked for; nothing at all never does."""
    pairs = zip(instructions, values, strict=True)
    return bool(text.strip()) and all(CHECKS[name](text, given) for name, given in pairs)


def _related(count: int, relation: str, wanted: int) -> bool:
    return count < wanted if relation == "less than" else count >= wanted


def _sentences(text: str, values: Values) -> bool:
    count = sum(1 for one in _SENTENCE.findall(text) if one.strip(" \n\t.!?…"))
    return _related(count, values["relation"], values["num_sentences"])


def _words(text: str, values: Values) -> bool:
    return _related(len(re.findall(r"\w+", text)), values["relation"], values["num_words"])


def _paragraphs(text: str, values: Values) -> bool:
    parts = [one.strip() for one in re.split(r"\s?\*\*\*\s?", text)]
    inner = parts[1 if not parts[0] else 0 : -1 if not parts[-1] else None]
    return all(inner) and len(inner) == int(values["num_paragraphs"])


def _first_word(text: str, values: Values) -> bool:
    parts = [one.strip() for one in re.split(r"\n\n", text) if one.strip()]
    at = values["nth_paragraph"]
    if len(parts) != values["num_paragraphs"] or at > len(parts):
        return False
    word = re.match(r"[\"']?([^\s.,?!\"']*)", parts[at - 1])
    return word is not None and word[1].lower() == str(values["first_word"]).lower()


def _bullets(text: str, values: Values) -> bool:
    found = re.findall(r"^\s*\*[^*].*$|^\s*-.*$", text, re.MULTILINE)
    return len(found) == int(values["num_bullets"])


def _highlights(text: str, values: Values) -> bool:
    found = re.findall(r"\*[^\n*]*\*", text) + re.findall(r"\*\*[^\n*]*\*\*", text)
    return sum(1 for one in found if one.strip("* ")) >= int(values["num_highlights"])


def _json(text: str, _: Values) -> bool:
    inner = re.sub(r"^```(?:json|JSON|Json)?|```$", "", text.strip())
    try:
        json.loads(inner.strip())
    except ValueError:
        return False
    return True


def _sections(text: str, values: Values) -> bool:
    parts = re.split(rf"\s?{re.escape(values['section_spliter'])}\s?\d+\s?", text)
    return len(parts) - 1 >= int(values["num_sections"])


def _postscript(text: str, values: Values) -> bool:
    marker = {
        "P.P.S": r"\s*p\.\s?p\.\s?s.*$",
        "P.S.": r"\s*p\.\s?s\..*$",
    }.get(values["postscript_marker"], rf"\s*{re.escape(values['postscript_marker'].lower())}.*$")
    return bool(re.search(marker, text.lower(), re.MULTILINE))


def _two(text: str, _: Values) -> bool:
    parts = [one.strip() for one in text.split("******")]
    inner = [one for at, one in enumerate(parts) if one or 0 < at < len(parts) - 1]
    return len(inner) == 2 and all(inner) and inner[0] != inner[1]


def _keyword(text: str, values: Values) -> bool:
    count = len(re.findall(re.escape(values["keyword"]), text, re.IGNORECASE))
    return _related(count, values["relation"], values["frequency"])


def _letter(text: str, values: Values) -> bool:
    count = text.lower().count(values["letter"].lower())
    return _related(count, values["let_relation"], values["let_frequency"])


def _capitals(text: str, values: Values) -> bool:
    count = sum(1 for one in re.findall(r"[\w'’-]+", text) if one.isupper())
    return _related(count, values["capital_relation"], values["capital_frequency"])


def _has(text: str, word: str) -> bool:
    return bool(re.search(re.escape(word), text, re.IGNORECASE))


CHECKS: Mapping[str, Callable[[str, Values], bool]] = {
    "change_case:capital_word_frequency": _capitals,
    "change_case:english_capital": lambda text, _: text.isupper(),
    "change_case:english_lowercase": lambda text, _: text.islower(),
    "combination:repeat_prompt": lambda text, values: (
        text.strip().lower().startswith(values["prompt_to_repeat"].strip().lower())
    ),
    "combination:two_responses": _two,
    "detectable_content:number_placeholders": lambda text, values: (
        len(re.findall(r"\[.*?\]", text)) >= values["num_placeholders"]
    ),
    "detectable_content:postscript": _postscript,
    "detectable_format:constrained_response": lambda text, _: any(
        f"My answer is {one}." in text for one in ("yes", "no", "maybe")
    ),
    "detectable_format:json_format": _json,
    "detectable_format:multiple_sections": _sections,
    "detectable_format:number_bullet_lists": _bullets,
    "detectable_format:number_highlighted_sections": _highlights,
    "detectable_format:title": lambda text, _: any(
        one.strip() for one in re.findall(r"<<([^\n]+)>>", text)
    ),
    "keywords:existence": lambda text, values: all(_has(text, one) for one in values["keywords"]),
    "keywords:forbidden_words": lambda text, values: (
        not any(
            re.search(rf"\b{re.escape(one)}\b", text, re.IGNORECASE)
            for one in values["forbidden_words"]
        )
    ),
    "keywords:frequency": _keyword,
    "keywords:letter_frequency": _letter,
    "length_constraints:nth_paragraph_first_word": _first_word,
    "length_constraints:number_paragraphs": _paragraphs,
    "length_constraints:number_sentences": _sentences,
    "length_constraints:number_words": _words,
    "punctuation:no_comma": lambda text, _: "," not in text,
    "startend:end_checker": lambda text, values: (
        text.strip().strip('"').lower().endswith(values["end_phrase"].strip().lower())
    ),
    "startend:quotation": lambda text, _: (
        len(text.strip()) > 1 and text.strip()[0] == text.strip()[-1] == '"'
    ),
}
