"""Families of pages: siblings in almost the same words, and one question about the first of them.

A family is made from its number and the seed alone, so the company is written family by family
and never stands in memory. Which kind of question it serves, which language it is written in and
which it is asked in follow from the number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Literal

from knowledge.examples.company.filler import Storyteller
from knowledge.examples.company.pages import Block, Format, Page
from knowledge.examples.company.questions import KINDS, LANGUAGES, Kind, Language, Question
from knowledge.examples.company.values import Value, Values, day, name
from knowledge.examples.company.wording import (
    Fact,
    Subject,
    ValueKind,
    name_lists,
    rules,
    subjects,
    versions,
    words,
)

FAMILY_SIZE = 4
_FAMILIES_IN_A_FOLDER = 250
_FORMATS: tuple[Format, ...] = ("md", "txt", "html")
_FORMAT_WEIGHTS = (84, 8, 8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What all siblings of a family share."""

    number: int
    families: int
    kind: Kind
    language: Language
    asked_in: Language
    subject: Subject
    names: tuple[str, ...]
    phrasing: int
    is_table: bool
    format: Format
    chance: Random

    @property
    def place(self) -> str:
        """The folder of the family."""
        return f"{self.subject.folder}/{self.number // _FAMILIES_IN_A_FOLDER:04}"


@dataclass(slots=True, kw_only=True)
class Draft:
    """One sibling before it is put into words."""

    name: str
    facts: list[tuple[Fact, Value]]
    lead: str = ""
    statements: tuple[str, ...] = ()
    people: tuple[str, tuple[str, ...]] | None = None
    updated: date = date(2026, 1, 1)
    sections: int = 2
    suffix: str = ""


Asked = tuple[str, tuple[str, ...], tuple[str, ...]]  # the text, its answer keys, what is absent


def plan(number: int, *, families: int, size: int, seed: int) -> Plan:
    """Decide everything about a family but its facts."""
    chance = Random(f"{seed}/{number}")
    kind = KINDS[number % len(KINDS)]
    base = name(number, seed=seed)
    known = words("names")["siblings"]
    names = tuple(f"{base} {sibling}" for sibling in chance.sample(known, size))
    is_table = kind in ("single_fact", "paraphrase", "not_found") and chance.random() < 0.3
    is_csv = is_table and chance.random() < 0.4
    return Plan(
        number=number,
        families=families,
        kind=kind,
        language=LANGUAGES[number % 2],
        asked_in=LANGUAGES[number // 2 % 2],
        subject=subjects()[number % len(subjects())],
        names=names,
        phrasing=chance.randrange(3),
        is_table=is_table,
        format="csv" if is_csv else chance.choices(_FORMATS, _FORMAT_WEIGHTS)[0],
        chance=chance,
    )


def family(shared: Plan, values: Values, *, stranger: str) -> tuple[list[Page], Question]:
    """The pages of a family and the question about its first page.

    `stranger` is a name that no family has, for questions about what does not exist.
    """
    drafts = [_draft(shared, own, values) for own in shared.names]
    if shared.kind == "conflicting":
        drafts[1] = _older(drafts[0], shared, values)
    text, keys, absent = _ask(shared, drafts, values, stranger)
    for draft in drafts:
        draft.facts.sort(key=lambda told: told[0].label["en"])
    pages = [_page(draft, shared) for draft in drafts]
    gold = () if shared.kind == "not_found" else (pages[0].path,)
    return pages, Question(
        id=f"{shared.kind}-{shared.number // len(KINDS):05}",
        kind=shared.kind,
        language=shared.asked_in,
        text=text,
        answer_keys=keys,
        gold=gold,
        page_language=shared.language if gold else "",
        absent=absent,
    )


def _draft(shared: Plan, own: str, values: Values) -> Draft:
    chance = shared.chance
    facts = [(fact, values.draw(fact.kind, chance)) for fact in shared.subject.facts]
    updated = date(2024, 1, 1) + timedelta(days=chance.randrange(900))
    return Draft(name=own, facts=facts, updated=updated, sections=chance.randint(2, 3))


def _ask(shared: Plan, drafts: Sequence[Draft], values: Values, stranger: str) -> Asked:
    """Plant what the kind of question needs, and ask for it."""
    if shared.kind == "qualified":
        return _ask_for_a_condition(shared, drafts, values)
    if shared.kind == "complete_list":
        return _ask_for_a_list(shared, drafts, values)
    if shared.kind == "not_found":
        return _ask_for_what_is_not_there(shared, drafts[0], stranger)
    if shared.kind == "long_document":
        drafts[0].sections = shared.chance.randint(24, 40)
    fact, value = shared.chance.choice(drafts[0].facts)
    text = _worded(fact, shared, "rephrased" if shared.kind == "paraphrase" else "asks")
    text = text.format(name=drafts[0].name)
    if shared.kind == "conflicting":
        text = shared.chance.choice(versions().asks[shared.asked_in]).format(question=text)
    return text, value.keys, ()


def _worded(fact: Fact, shared: Plan, way: Literal["asks", "rephrased"]) -> str:
    found = fact.asks if way == "asks" else fact.rephrased
    return shared.chance.choice(found[shared.asked_in])


def _ask_for_a_condition(shared: Plan, drafts: Sequence[Draft], values: Values) -> Asked:
    rule = shared.chance.choice(rules())
    drawn = []
    for draft in drafts:
        first, second = _two_different(rule.kind, shared, values)
        told = {"first": first.texts[shared.language], "second": second.texts[shared.language]}
        draft.statements = (rule.says[shared.language].format(name=draft.name, **told),)
        drawn.append((first, second))
    is_first = shared.chance.random() < 0.5
    asks = (rule.first if is_first else rule.second)[shared.asked_in]
    text = shared.chance.choice(asks).format(name=drafts[0].name)
    return text, drawn[0][0 if is_first else 1].keys, ()


def _two_different(kind: ValueKind, shared: Plan, values: Values) -> tuple[Value, Value]:
    first = second = values.draw(kind, shared.chance)
    while second == first:
        second = values.draw(kind, shared.chance)
    return first, second


def _ask_for_a_list(shared: Plan, drafts: Sequence[Draft], values: Values) -> Asked:
    found = shared.chance.choice(name_lists())
    for draft in drafts:
        count = shared.chance.randint(4, 7)
        people = tuple(values.draw("person", shared.chance).keys[0] for _ in range(count))
        draft.people = (found.says[shared.language].format(name=draft.name), people)
    text = shared.chance.choice(found.asks[shared.asked_in]).format(name=drafts[0].name)
    return text, drafts[0].people[1] if drafts[0].people else (), ()


def _ask_for_what_is_not_there(shared: Plan, draft: Draft, stranger: str) -> Asked:
    """Half of the questions miss a detail of a known subject, half the subject."""
    told = [
        number for number, (fact, _) in enumerate(draft.facts) if fact.kind in ("code", "person")
    ]
    chosen = shared.chance.choice(told)
    fact, value = draft.facts[chosen]
    text = _worded(fact, shared, "asks")
    if shared.number // len(KINDS) % 2:
        own = draft.name.rpartition(" ")[2]
        return text.format(name=f"{stranger} {own}"), (), (stranger,)
    draft.facts.pop(chosen)
    return text.format(name=draft.name), (), (value.texts[shared.language],)


def _older(current: Draft, shared: Plan, values: Values) -> Draft:
    """The page that `current` replaces: the same subject, other values; both state their dates."""
    older = _draft(shared, current.name, values)
    while any(old == new for old, new in zip(older.facts, current.facts, strict=True)):
        older = _draft(shared, current.name, values)
    older.updated = current.updated - timedelta(days=shared.chance.randint(200, 1200))
    older.suffix = f"-{older.updated.year}"
    now, then = (day(draft.updated).texts[shared.language] for draft in (current, older))
    lead = versions().current[shared.language][shared.phrasing]
    current.lead = lead.format(date=now, other=then)
    lead = versions().older[shared.language][shared.phrasing]
    older.lead = lead.format(date=then, other=now)
    return older


def _page(draft: Draft, shared: Plan) -> Page:
    slug = draft.name.casefold().replace(" ", "-") + draft.suffix
    return Page(
        path=f"{shared.place}/{slug}.{shared.format}",
        title=draft.name,
        language=shared.language,
        updated=draft.updated.isoformat(),
        blocks=_blocks(draft, shared),
    )


def _blocks(draft: Draft, shared: Plan) -> list[Block]:
    """The opening, then sections of stories among which the facts are hidden."""
    language, chance = shared.language, shared.chance
    teller = Storyteller(language, chance)
    opening = f"{draft.lead} {shared.subject.intro[language][shared.phrasing]}".strip()
    blocks = [Block(text=opening.format(name=draft.name))]
    if shared.is_table:
        rows = [(fact.label[language], value.texts[language]) for fact, value in draft.facts]
        head = words("sentences")[language]["table_head"]
        blocks.append(Block(rows=[(head[0], head[1]), *rows]))
    if draft.people:
        blocks.append(Block(text=draft.people[0], items=draft.people[1]))
    headings = teller.headings(draft.sections)
    paragraphs = [teller.paragraph() for _ in headings]
    for statement in _statements(draft, shared):
        paragraph = chance.choice(paragraphs)
        paragraph.insert(chance.randint(0, len(paragraph)), statement)
    others = [other for other in shared.names if other != draft.name]
    paragraphs[-1].append(teller.see_also(chance.choice(others)))
    told = zip(headings, paragraphs, strict=True)
    return blocks + [Block(heading=heading, text=" ".join(text)) for heading, text in told]


def _statements(draft: Draft, shared: Plan) -> list[str]:
    """The sentences that state facts; none where a table does."""
    if shared.is_table:
        return list(draft.statements)
    told = [
        fact.says[shared.language][shared.phrasing].format(
            name=draft.name, value=value.texts[shared.language]
        )
        for fact, value in draft.facts
    ]
    return told + list(draft.statements)
