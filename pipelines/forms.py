"""Fills in the form that a persona demands: a JSON object that keeps to its schema, or a refusal.

What the model writes is checked against the schema and, value by value, against what was said: a
number, name or code that stands in no message and in no passage is a mistake like any other. It
is asked once more with the mistakes; then the form is refused with the fields that are wrong.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, NoReturn

from haystack import component
from haystack.dataclasses import ChatMessage

from knowledge.conversations import Citation
from knowledge.language import language_of_part
from pipelines.citing import NOTHING, Cited
from pipelines.context import Passage
from pipelines.form_formats import FORMATS
from pipelines.form_names import names_of
from pipelines.manners import reminder, rules_of
from pipelines.models import ChatModel
from pipelines.models.errors import ModelRefusedError
from pipelines.particulars import exact_parts, folded, is_one_name
from pipelines.personas import Persona
from pipelines.prompting import filled, prompt
from pipelines.run_options import generation_options
from pipelines.said_days import days_said, in_words
from pipelines.schema_check import UncheckableError, violations
from pipelines.schema_parts import listed, named
from pipelines.statements import statements
from pipelines.steps import Draft, Evidence

PROMPT = "fill_form"
NOT_FILLED, FIELDS_WRONG = "form-not-filled", "form-fields-wrong"
MOST_TOLD, MOST_NAMED = 6, 300
"""Mistakes that the model is told, and characters of fields that people are."""
MOST_CHARACTERS = 8_000
"""Of a reply: what is longer fits no message."""
MOST_COUNTED = 10
"""Up to here a number may be a rank or a count: how urgent, how many printers; nobody says it."""
_NOWHERE = "is said nowhere. Leave it out, or write what is no name without a capital."
_FREE = re.compile(r"\w+")
_INSTANT = re.compile(r"(?:(\d{4}-\d\d-\d\d)T)?(\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(?:Z|[+-]\d\d:\d\d)?")


@dataclass(frozen=True, slots=True)
class Wrong:
    """A mistake in a form: the field, and what is told to the model."""

    field: str
    told: str


@component
class FillForm:
    """One JSON object that keeps to a persona's schema.

    Args:
        schema: of the form.
    """

    def __init__(self, model: ChatModel, persona: Persona, schema: Mapping[str, Any]) -> None:
        self._model, self._persona = model, persona
        self._schema = dict(schema)
        self._written = json.dumps(self._schema, ensure_ascii=False)

    def fixed(self) -> list[ChatMessage]:
        """The part of the prompt that is the same for every message."""
        manners = rules_of(self._persona.voice)
        said = prompt(PROMPT)[:1]
        return filled(said, persona=self._persona, schema=self._written, manners=manners)

    @component.output_types(draft=Draft)
    def run(self, evidence: Evidence) -> dict[str, Any]:
        """Not for use: everything here is asynchronous."""
        raise NotImplementedError

    @component.output_types(draft=Draft)
    async def run_async(self, evidence: Evidence) -> dict[str, Any]:
        """The form, or the fields that stayed wrong."""
        manner = reminder(self._persona.voice, evidence.language)
        today = in_words(evidence.at)
        asked = filled(prompt(PROMPT)[1:2], evidence=evidence, manner=manner, today=today)
        messages = [*self.fixed(), *asked]
        wrong: list[Wrong] = []
        for _ in range(2):
            reply = await self._replied(messages, evidence)
            form, wrong = checked(reply, self._schema, evidence, self._persona.only_language)
            if not wrong:
                read = frozenset(passage.chunk.id for passage in evidence.passages)
                return {"draft": Draft(_cited(form, evidence, self._schema), None, rests_on=read)}
            told = [one.told for one in wrong[:MOST_TOLD]]
            said = filled(prompt(PROMPT)[2:], reply=reply[:MOST_CHARACTERS], mistakes=told)
            messages = [*messages[:2], *said]
        fields = ", ".join(dict.fromkeys(one.field for one in wrong if one.field))
        reason = FIELDS_WRONG if fields else NOT_FILLED
        return {"draft": Draft(NOTHING, reason, about=fields[:MOST_NAMED])}

    async def _replied(self, messages: list[ChatMessage], evidence: Evidence) -> str:
        """What the model writes; a server that cannot keep to the schema is asked for any JSON."""
        generator = self._model.generator()
        try:
            outputs = await generator.run_async(
                messages, None, generation_options(self._persona, self._format())
            )
        except ModelRefusedError:
            free = {"type": "json_object"}
            outputs = await generator.run_async(
                messages, None, generation_options(self._persona, free)
            )
        reply: ChatMessage = outputs["replies"][0]
        evidence.watcher.count(reply)
        return reply.text or ""

    def _format(self) -> dict[str, Any]:
        # Not strict: services then take only schemas in which every field is required.
        form = {"name": "form", "strict": False, "schema": self._schema}
        return {"type": "json_schema", "json_schema": form}


def checked(
    reply: str, schema: Mapping[str, Any], evidence: Evidence, only_language: str = ""
) -> tuple[dict[str, Any], list[Wrong]]:
    """The form that a model wrote, and everything that is wrong with it.

    Args:
        reply: as the model wrote it.
        schema: that it has to keep to.
        evidence: what its values may be taken from.
        only_language: that texts must be in; empty where whoever asked decides it.
    """
    try:
        form = json.loads(reply, parse_constant=_refused, parse_float=_finite)
    except (ValueError, RecursionError):
        told = "It is no JSON object, it broke off, or a number in it is too large."
        return {}, [Wrong("", told)]
    if not isinstance(form, dict):
        return {}, [Wrong("", "It is no JSON object.")]
    wrong = list(_against_schema(form, schema))
    # What the schema says is not invented: "hardware, software or network" in a description.
    said = (json.dumps(schema, ensure_ascii=False), *_texts(evidence.passages))
    known = " ".join((evidence.question, evidence.earlier, *said))
    allowed = frozenset(listed(schema, "enum", "const")) | _days(evidence)
    for field, value in _values(form, named(schema)):
        if not _is_told(value, known, allowed):
            wrong.append(Wrong(field, f"{field or 'A name in it'}: {value[:100]} {_NOWHERE}"))
        elif only_language and language_of_part(value, only_language) != only_language:
            wrong.append(Wrong(field, f"{field}: write it in {evidence.language}."))
    return form, wrong


def _days(evidence: Evidence) -> frozenset[str]:
    """The days that people mean without naming their year."""
    return days_said(f"{evidence.question}\n{evidence.earlier}", evidence.at.date())


def _refused(constant: str) -> NoReturn:
    """What Python reads as a number and nobody else does."""
    raise ValueError(constant)


def _finite(written: str) -> float:
    """A number with a point or an exponent; `1e999` would be posted as Infinity."""
    number = float(written)
    return number if isfinite(number) else _refused(written)


def _against_schema(form: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[Wrong]:
    try:
        found = violations(form, schema, FORMATS)
    except UncheckableError:
        yield Wrong("", "It cannot be checked.")
        return
    known = named(schema)
    for error in sorted(found, key=lambda one: one.json_path):
        if error.validator == "required" and isinstance(error.instance, Mapping):
            missing = [name for name in error.validator_value if name not in error.instance]
            yield from (Wrong(one, f"{one} is missing.") for one in missing)
        else:
            steps = (one for one in error.absolute_path if isinstance(one, int) or one in known)
            path = ".".join(map(str, steps))
            yield Wrong(path, f"{path or 'The object'}: {error.message[:200]}")


def _texts(passages: Sequence[Passage]) -> list[str]:
    return [passage.proof for passage in passages]


def _values(part: object, known: frozenset[str], field: str = "") -> Iterator[tuple[str, str]]:
    """The texts and numbers of a form, and the keys that its schema leaves open.

    Args:
        part: of a form.
        known: the names that its schema has.
        field: where the part stands. It holds no other names: whoever asked is told of it.

    Yields:
        a field and a value.
    """
    if isinstance(part, Mapping):
        for key, value in part.items():
            inside = ".".join(filter(None, (field, key))) if key in known else field
            if key not in known:
                yield field, key
            yield from _values(value, known, inside)
    elif isinstance(part, list):
        for value in part:
            yield from _values(value, known, field)
    elif isinstance(part, str):
        yield field, part
    elif isinstance(part, int | float) and not isinstance(part, bool) and abs(part) > MOST_COUNTED:
        yield field, str(part) if isinstance(part, int) else f"{part:.12g}"


def _is_told(value: str, text: str, known: frozenset[str]) -> bool:
    """Whether a value is one of those known, or a text says it.

    Of an instant the day and the time must each be told, as they are. Its zone need not: the
    formats `date-time` and `time` want one, which people do not say, and all can read it there.
    """
    if value in known:
        return True
    if instant := _INSTANT.fullmatch(value):
        day, time = instant.groups()
        return (not day or day in known or _is_said(day, text)) and _is_said(time, text)
    return _is_said(value, text)


def _is_said(value: str, text: str) -> bool:
    """Whether every number, date, code and name of a value stands in a text."""
    words = set(_FREE.findall(folded(text)))
    strange = (n for n in names_of(value) if not all(_is_known(p, words) for p in _FREE.findall(n)))
    return not exact_parts(value) - exact_parts(text) and not any(strange)


def _is_known(piece: str, words: set[str]) -> bool:
    return piece in words or any(is_one_name(piece, word) for word in words)


def _cited(form: Mapping[str, Any], evidence: Evidence, schema: Mapping[str, Any]) -> Cited:
    """The form as people can copy it, and below it the pages that some of its values are from."""
    said = f"{evidence.question} {evidence.earlier}"
    citations: list[Citation] = []
    lines: list[str] = []
    for field, value in _values(form, named(schema)):
        days = _days(evidence)
        if _is_told(value, said, days):
            continue
        # One that several pages hold only together is cited with none of them.
        holding = (p for p in evidence.passages if _is_told(value, f"{said} {p.proof}", days))
        if passage := next(holding, None):
            number = _number(citations, passage, said, value)
            lines.append(f"{field} [{number}].".lstrip())
    # A backtick could end the fence; in JSON it may be written like this as well.
    written = json.dumps(form, ensure_ascii=False, indent=2).replace("`", "\\u0060")
    text = "\n\n".join(filter(None, (f"```json\n{written}\n```", " ".join(dict.fromkeys(lines)))))
    return Cited(text, tuple(citations), ())


def _number(citations: list[Citation], passage: Passage, said: str, value: str) -> int:
    """The number of a passage's citation, which is made where there is none."""
    for one in citations:
        if one.chunk.id == passage.chunk.id:
            return one.n
    spans = statements(passage.chunk.text)
    holding = [s for s in spans if _is_said(value, f"{said} {s.text}")] or spans[:1]
    quote = passage.chunk.text[holding[0].start : holding[0].end] if holding else ""
    citations.append(Citation(len(citations) + 1, passage.chunk, quote, 1.0))
    return len(citations)
