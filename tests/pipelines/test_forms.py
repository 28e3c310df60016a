"""A persona that demands a JSON schema: it validates, is asked for once more, or is refused."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.egress import Egress
from bot.replying import worded
from knowledge.conversations import Answer
from pipelines import personas
from pipelines.answerability import Answerability
from pipelines.answering import Assistant
from pipelines.form_formats import FORMATS
from pipelines.forms import checked
from pipelines.personas import PersonaError
from pipelines.progress import Watcher
from pipelines.retrieval import Retrieved
from pipelines.steps import Evidence
from tests.fakes.loopback import LoopbackServer, Reply, Request
from tests.fakes.scripted_model import ScriptedModel, writing
from tests.pipelines.small_knowledge import Index, asked, open_index, pages
from tests.pipelines.test_answering import at

HEADER = """
schema:
  type: object
  properties:
    title: {type: string}
    urgency: {enum: [low, high]}
    room: {type: string}
    people: {type: integer}
  required: [title, urgency]
  additionalProperties: false
"""
BROKEN = "The printer in room B12 is broken, it is urgent."


@pytest.fixture
async def index(tmp_path: Path) -> AsyncIterator[Index]:
    """The six pages, with their vectors."""
    async with open_index(tmp_path) as index:
        await index.add(pages())
        await index.embed_all()
        yield index


def ticket(folder: Path, header: str = HEADER) -> personas.Persona:
    folder.mkdir(exist_ok=True)
    text = f"---\n{header}\n---\nYou write tickets.\n"
    (folder / "ticket.md").write_text(text, encoding="utf-8")
    return personas.load("ticket", folder)


class Clerk(ScriptedModel):
    """A model that writes these forms, one after the other."""

    def __init__(self, *forms: object) -> None:
        super().__init__()
        self.forms = [one if isinstance(one, str) else json.dumps(one) for one in forms]
        self.formats: list[Any] = []
        self.refuses = False

    def respond(self, request: Request) -> Reply:
        if not request.path.endswith("/completions") or request.json().get("max_tokens") == 1:
            return super().respond(request)
        self.formats.append(request.json().get("response_format"))
        self.prompts.append(request.json()["messages"])
        if self.refuses and self.formats[-1]["type"] == "json_schema":
            return Reply(b'{"error": {"message": "no such format"}}', status=400)
        return writing(self.forms.pop(0))


async def filled_in(
    index: Index, folder: Path, clerk: Clerk, message: str = BROKEN, *, header: str = HEADER
) -> Answer:
    async with LoopbackServer(clerk.respond) as server:
        model = at(f"{server.url}/v1")
        try:
            return await Assistant(
                retriever=index.retriever,
                model=model,
                persona=ticket(folder / "personas", header),
                coverage=index.retriever.coverage,
            ).answer(asked(message))
        finally:
            await model.stop()


RIGHT = {"title": "Printer broken", "urgency": "high", "room": "B12"}


async def test_a_form_is_posted_as_people_can_copy_it(index: Index, tmp_path: Path) -> None:
    clerk = Clerk(RIGHT)
    answer = await filled_in(index, tmp_path, clerk)
    assert answer.text.startswith("```json\n")
    assert json.loads(answer.text.strip("`").removeprefix("json")) == RIGHT
    assert not answer.abstained
    assert worded(answer) == answer.text
    assert answer.receipt.persona == "ticket"
    (wanted,) = clerk.formats
    assert wanted["json_schema"]["schema"]["required"] == ["title", "urgency"]
    assert '"required": ["title", "urgency"]' in clerk.prompts[-1][0]["content"]


async def test_a_wrong_form_is_asked_for_once_more_with_its_mistakes(
    index: Index, tmp_path: Path
) -> None:
    clerk = Clerk({"title": "Printer", "urgency": "maybe", "people": "x"}, RIGHT)
    answer = await filled_in(index, tmp_path, clerk)
    assert '"B12"' in answer.text
    said = clerk.prompts[-1][-1]["content"]
    assert "urgency: 'maybe' is not one of" in said
    assert "people: 'x' is not of type 'integer'" in said


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        ({"title": "printer"}, "urgency"),
        ({}, "title, urgency"),
        (RIGHT | {"room": "C7"}, "room"),
        (RIGHT | {"title": "Call Zebulon Okafor"}, "title"),
        (RIGHT | {"title": "Zebulon! Okafor! Kowalski must repair it"}, "title"),
        (RIGHT | {"title": "Rodríguez"}, "title"),
        (RIGHT | {"title": "pedro rodríguez"}, "title"),
        (RIGHT | {"title": "QWXZ-TTRP"}, "title"),
        (RIGHT | {"title": "see https://evil.example"}, "title"),
        (RIGHT | {"title": "see evil.example"}, "title"),
        (RIGHT | {"room": "Duero"}, "room"),
        (RIGHT | {"people": 4000}, "people"),
        (RIGHT | {"people": 10**320 // 9}, "people"),
        ("[1]", ""),
        ('{"title": "x", "urgency": "low", "people": NaN}', ""),
        ('{"title": "x", "urgency": "low", "people": 1e999}', ""),
        ('{"title": "x", "urgency": "low", "people": -1e999}', ""),
        ('{"title": "Pri', ""),
    ],
)
@pytest.mark.parametrize("message", [BROKEN, "La impresora de la sala B12 no funciona, urge."])
async def test_a_form_that_stays_wrong_is_refused_with_the_reason(
    index: Index, tmp_path: Path, form: object, fields: str, message: str
) -> None:
    answer = await filled_in(index, tmp_path, Clerk(form, form), message)
    assert (answer.abstained, answer.about, answer.citations) == (True, fields, ())
    said = worded(answer)
    assert fields in said
    assert said.startswith("I could not" if message == BROKEN else "No pude rellenar")


OPEN = "schema: {type: object, properties: {title: {type: string}, more: {type: object}}}"


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"title": "Printer", "more": {"Ana Torres pays 4812 euros": True}}, "more"),
        ({"title": "Printer", "more": {"Ana Torres": {"pays": "4812 euros"}}}, "more"),
        ({"title": "Printer", "more": {"all": {"title": {"4812 euros": None}}}}, "more.title"),
        ({"title": "Printer", "more": [{"4812 euros": None}]}, "more"),
        ({"title": "Printer", "4812 euros": True}, ""),
    ],
)
async def test_a_key_that_nobody_said_is_refused_and_never_shown(
    index: Index, tmp_path: Path, form: object, field: str
) -> None:
    clerk = Clerk(form, form)
    answer = await filled_in(index, tmp_path, clerk, header=OPEN)
    assert (answer.abstained, answer.about) == (True, field)
    assert "4812 euros is said nowhere" in clerk.prompts[-1][-1]["content"]


async def test_a_key_that_somebody_said_may_be_written(index: Index, tmp_path: Path) -> None:
    form = {"title": "Printer", "more": {"room B12": "broken", "B12": {"urgent": 1.0}}}
    answer = await filled_in(index, tmp_path, Clerk(form), header=OPEN)
    assert json.loads(answer.text.strip("`").removeprefix("json")) == form


async def test_what_a_page_says_is_cited_below_the_form(index: Index, tmp_path: Path) -> None:
    form = {"title": "Deposit of 35 euros for the cargo bike", "urgency": "low"}
    answer = await filled_in(index, tmp_path, Clerk(form), "How much is the fianza of the bici?")
    assert answer.text.endswith("title [1].")
    (citation,) = answer.citations
    assert citation.chunk.title == "Bicicletas"
    assert citation.quote == "La fianza es de 35 euros."


async def test_lists_are_checked_item_by_item_and_a_page_is_cited_once(
    index: Index, tmp_path: Path
) -> None:
    header = """think: true
schema:
  type: object
  properties:
    deposit: {type: number}
    people: {type: array, items: {type: string}}
    kind: {const: loan}
    notes: {type: array, items: {type: object, properties: {name: {type: string}}}}
"""
    form = {
        "deposit": 35,
        "people": ["key of Irene Sanz"],
        "kind": "loan",
        "notes": [{"name": "Ana Vidal"}],
    }
    wrong = form | {"people": ["key of Irene Sanz", "key of Zoe Sanz"]}
    clerk = Clerk(wrong, form)
    message = "La fianza de la bicicleta, y quién tiene la llave: para Ana Vidal"
    answer = await filled_in(index, tmp_path, clerk, message, header=header)
    assert "people: key of Zoe Sanz is said nowhere." in clerk.prompts[-1][-1]["content"]
    assert answer.text.endswith("deposit [1]. people [1].")
    assert [one.quote for one in answer.citations] == ["La fianza es de 35 euros."]


async def test_a_form_is_filled_in_from_the_message_alone(index: Index, tmp_path: Path) -> None:
    message = "Zebulon Okafor lost the key 4711, it is urgent"
    form = {"title": "Zebulon Okafor lost key 4711", "urgency": "high"}
    answer = await filled_in(index, tmp_path, Clerk(form), message)
    assert not answer.abstained
    assert not answer.citations


async def test_no_value_ends_the_fence(index: Index, tmp_path: Path) -> None:
    form = {"title": "```\n<!channel>", "urgency": "low"}
    answer = await filled_in(index, tmp_path, Clerk(form))
    assert answer.text.count("```") == 2
    assert json.loads(answer.text.strip("`").removeprefix("json"))["title"] == form["title"]


async def test_a_server_that_knows_no_schemas_is_asked_for_json(
    index: Index, tmp_path: Path
) -> None:
    clerk = Clerk(RIGHT)
    clerk.refuses = True
    answer = await filled_in(index, tmp_path, clerk)
    assert not answer.abstained
    assert [one["type"] for one in clerk.formats] == ["json_schema", "json_object"]


def test_a_form_passes_the_gate_of_every_chat_as_json() -> None:
    form = {"title": "Printer", "name": "Ana", "urgency": "high"}
    text = f"```json\n{json.dumps(form, indent=2)}\n```\n\ntitle [1]."
    for platform in ("slack", "discord", "terminal"):
        shown = Egress(platform).markdown(text)
        code = shown.split("```")[1].removeprefix("json")
        assert json.loads(code) == form


SIMPLE = {"type": "object", "properties": {"a": {"type": "string"}}}


def test_a_schema_may_stand_in_a_file_beside_the_persona(tmp_path: Path) -> None:
    folder = tmp_path / "team"
    folder.mkdir()
    (folder / "form.json").write_text(json.dumps(SIMPLE), encoding="utf-8")
    persona = ticket(folder, "schema: form.json")
    assert persona.schema == SIMPLE
    changed = SIMPLE | {"required": ["a"]}
    (folder / "form.json").write_text(json.dumps(changed), encoding="utf-8")
    assert ticket(folder, "schema: form.json").version != persona.version
    (folder / "child.md").write_text("---\nextends: ticket\n---\n", encoding="utf-8")
    assert personas.load("child", folder).schema == changed


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ("none.json", "there is no file none.json"),
        ("broken.json", "broken.json is no JSON"),
        ("../form.json", "the name of a .json file"),
        ("5", "a JSON schema, the name of a .json file"),
        ("{type: array}", "not of `type: object`"),
        ("{type: object}", "it has no properties"),
        ("{type: object, properties: {name: {}, input: {}}}", "like a call of a tool"),
        ("{type: object, properties: {a: {$ref: '#/$defs/no'}}}", "#/$defs/no, and nothing is"),
        (
            "{type: object, properties: {a: {}}, required: [a, b], additionalProperties: false}",
            "'b' is required, and no property has that name",
        ),
        (
            "{type: object, properties: {a: {items: {format: phone}}}}",
            "the format 'phone' is not checked; there are date, date-time, email",
        ),
        ("{type: object, properties: {a: {type: text}}}", "properties/a/type: 'text' is not"),
        ("{type: object, properties: {a: {const: .nan}}}", "cannot be written as JSON"),
        (
            "{type: object, properties: {a: {anyOf: [{$ref: 'http://x.example/y'}]}}}",
            "it refers to http://x.example/y",
        ),
        (
            "{type: object, properties: {a: {description: '" + "x" * 6_000 + "'}}}",
            "at most 6000",
        ),
    ],
)
def test_a_wrong_schema_is_told(tmp_path: Path, schema: str, words: str) -> None:
    (tmp_path / "broken.json").write_text("{")
    with pytest.raises(PersonaError) as caught:
        ticket(tmp_path, f"schema: {schema}")
    assert words in f"{caught.value} {caught.value.what_to_do}"


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ("{}", ("not of `type: object`", "it has no properties")),
        (
            "{properties: {name: {}, input: {}, a: {$ref: 'x.json'}, b: {$ref: '#/no'}}}",
            (
                *("not of `type: object`", "like a call of a tool", "it refers to x.json; only"),
                "it refers to #/no, and nothing is there",
            ),
        ),
        (
            "{type: object, properties: {a: {type: text, format: phone}, b: {items: 5}, c: 7, "
            "d: {anyOf: [3, {}], format: fax}, e: {minLength: 3, maxLength: 2, minItems: 2, "
            "maxItems: 1}}, required: [c, z], additionalProperties: false}",
            (
                *("properties/a/type: 'text'", "properties/b/items: 5", "properties/c: 7"),
                *("properties/d/anyOf/0: 3", "the format 'phone'", "the format 'fax'"),
                *("minLength 3 is more than maxLength 2", "minItems 2 is more than maxItems 1"),
                "'z' is required, and no property has that name",
            ),
        ),
        (
            "{type: object, required: 5, properties: {a: {pattern: '['}, b: {type: 5}}}",
            ("required: 5", "properties/a/pattern", "properties/b/type"),
        ),
        ("{type: object, properties: [a], required: [a]}", ("no properties", "properties: ['a']")),
        (
            "{type: object, properties: {a: {}}, additionalProperties: false, required: "
            f"[{', '.join(f'f{n}' for n in range(60))}]}}",
            ("'f0' is required", "'f39' is required", "; and 20 more mistakes."),
        ),
    ],
)
def test_all_that_is_wrong_with_a_schema_is_told_at_once(
    tmp_path: Path, schema: str, words: tuple[str, ...]
) -> None:
    (tmp_path / "form.json").write_text(json.dumps(yaml.safe_load(schema)))
    for said in (schema, "form.json"):
        with pytest.raises(PersonaError) as caught:
            ticket(tmp_path, f"languages: [en]\nschema: {said}")
        assert not [one for one in words if one not in str(caught.value)], str(caught.value)
        assert "The schema of persona 'ticket', in line 3, cannot be used: " in str(caught.value)
        assert "'c' is required" not in str(caught.value), "it is there, if wrong"


ENDLESS = "{type: object, required: [b], properties: {b: {$ref: '#/properties/a'}}}"


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("{type: string, minLength: 10, maxLength: 2}", "minLength 10 is more than maxLength 2"),
        ("{type: array, minItems: 5, maxItems: 2}", "minItems 5 is more than maxItems 2"),
        ("{type: integer, minimum: 10, maximum: 2}", "minimum 10 is more than maximum 2"),
        ("{minProperties: 3, maxProperties: 1}", "minProperties 3 is more than maxProperties 1"),
        ("{exclusiveMinimum: 2, maximum: 2}", "no number between"),
        ("{minimum: 2, exclusiveMaximum: 2}", "no number between"),
        ("{exclusiveMinimum: 3, exclusiveMaximum: 2}", "no number between"),
        ("{type: integer, exclusiveMinimum: 2, exclusiveMaximum: 3}", "no number between"),
        ("{type: integer, minimum: 2.1, maximum: 2.9}", "no number between"),
        ("{anyOf: [{items: {minLength: 2, maxLength: 1}}]}", "is more than maxLength"),
        ("{minLength: 100000}", "minLength is 100000; at most 2000"),
        ("{minItems: 4000000000}", "minItems is 4000000000; at most"),
        ("{$ref: '#/properties/a'}", "contains itself without end"),
        ("{allOf: [{$ref: '#/properties/a'}]}", "contains itself without end"),
        ("{anyOf: [{$ref: '#/properties/a'}]}", "contains itself without end"),
        ("{type: array, minItems: 1, items: {$ref: '#/properties/a'}}", "itself without end"),
        (ENDLESS, "contains itself without end"),
        ("{pattern: '[('}", "properties/a/pattern: '[('"),
        ("{patternProperties: {a+: {}}}", "patternProperties is not taken; name each property"),
        ("{enum: []}", "its enum is empty"),
        ("{not: {}}", "its `not` leaves nothing"),
        ("{not: true}", "its `not` leaves nothing"),
        ("{type: string, const: 5}", "no value of its const is of type string"),
        ("{type: [string, 'null'], enum: [1, 2]}", "no value of its enum is of type"),
        ("{type: array, contains: {type: string}, maxItems: 0}", "more than maxItems 0"),
        ("{type: object, properties: {b: false}, required: [b]}", "'b' is required and may not"),
        ("{required: [b, c], maxProperties: 1}", "2 fields are required, and maxProperties is 1"),
        ("{pattern: '^((a{0,1000}){0,1000}){0,1000}$'}", "has 16000000002 signs; at most 2000"),
        ("{pattern: '^(a{0,40}){0,40}$'}", "has 6402 signs; at most 2000"),
        ("{pattern: 'a{99999999999}'}", "a pattern of it repeats something too often"),
        ("{pattern: '^[a-z]{3,}(?:b|c{2001})$'}", "has 2010 signs; at most 2000"),
    ],
)
def test_a_schema_that_nothing_can_keep_to_is_told(tmp_path: Path, part: str, words: str) -> None:
    with pytest.raises(PersonaError) as caught:
        ticket(tmp_path, f"schema: {{type: object, properties: {{a: {part}}}}}")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "schema",
    [
        "{type: object, properties: {a: {minLength: 2, maxLength: 2, minItems: 0}}}",
        "{type: object, properties: {a: {type: integer, minimum: 2, maximum: 2}}}",
        "{type: object, properties: {a: {exclusiveMinimum: 2, exclusiveMaximum: 3}}}",
        "{type: object, properties: {a: {type: array, items: {$ref: '#/properties/a'}}}}",
        "{type: object, properties: {a: {anyOf: [{type: string}, {$ref: '#/properties/a'}]}}}",
        "{type: object, properties: {minLength: {type: string}, maxLength: {enum: [1]}}}",
        "{type: object, properties: {format: {enum: [phone]}, required: {default: {format: x}}}}",
        "{type: object, properties: {a: {$ref: '#/$defs/b~1c'}}, $defs: {b/c: {type: string}}}",
        "{type: object, properties: {a: {}}, required: [a], additionalProperties: false}",
        "{type: object, properties: {a: {}}, required: [b]}",
        "{type: object, properties: {a: {const: 2026-01-01}}}",
        "{type: object, properties: {a: {format: date}, b: {format: uri}}}",
        "{type: object, properties: {a: false, b: {type: [string, 'null'], enum: [null, 1]}}}",
        "{type: object, properties: {a: {contains: {}, minContains: 0, maxItems: 0}}}",
        "{type: object, properties: {a: {type: number, const: 5}, b: {not: {type: string}}}}",
        "{type: object, properties: {a: {pattern: '^[A-Z]{1,900}-[0-9{}]{1,900}(a|b)*$'}}}",
        "{type: object, properties: {a: {pattern: '[a{9000}]'}, b: {pattern: '^(a{0,9}b){2}$'}}}",
        "{type: object, properties: {a: {type: string}}, x: {required: true, type: object}}",
    ],
)
def test_what_can_be_kept_to_is_no_mistake(tmp_path: Path, schema: str) -> None:
    assert ticket(tmp_path, f"schema: {schema}").schema


@pytest.mark.parametrize(
    ("kind", "value", "is_right"),
    [
        *(("date", "2026-05-04", True), ("date", "tomorrow morning", False)),
        *(("time", "09:30", True), ("time", "nine", False)),
        *(("date-time", "2026-05-04T09:30:00Z", True), ("date-time", "2026-05-04T09:30", False)),
        *(("email", "ana@a.example", True), ("email", "nobody", False)),
        *(("uri", "https://a.example/x", True), ("uri", "http://[", False), ("uri", "x", False)),
        *(("uuid", "1", False), ("ipv4", "1.2.3", False), ("date", 5, True)),
    ],
)
def test_a_format_is_checked(kind: str, value: object, is_right: bool) -> None:
    assert FORMATS.conforms(value, kind) is is_right


@pytest.mark.parametrize(
    ("message", "day", "is_right"),
    [
        ("I want the drill tomorrow.", "2026-11-24", True),
        ("I want the drill tomorrow.", "2026-11-25", False),
        ("Quiero el taladro pasado mañana.", "2026-11-25", True),
        ("Quiero el taladro pasado mañana.", "2026-11-24", False),
        ("Quiero el taladro hoy por la mañana.", "2026-11-24", False),
        ("I want the drill on 4 May.", "2027-05-04", True),
        ("I want the drill on May 4th.", "2027-05-04", True),
        ("I want the drill on 4 May.", "2031-05-04", False),
        ("I want the drill on 4 May 2029.", "2029-05-04", True),
        ("I want the drill on May 4th, 2029.", "2027-05-04", False),
        ("Quiero el taladro el 4 de mayo de 2029.", "2027-05-04", False),
        ("Quiero el taladro el 4 de mayo.", "2027-05-04", True),
        ("Se rompió el 29 de febrero.", "2024-02-29", True),
        ("Quiero el taladro el viernes.", "2026-11-27", True),
        ("Quiero el taladro el viernes.", "2026-12-18", False),
        ("I want the drill next Friday.", "2026-12-04", True),
        ("I want the drill in two weeks.", "2026-12-07", True),
        ("I want the drill.", "2026-11-23", False),
        ("I want the drill in 999999999 days.", "2026-11-24", False),
        ("I want the drill on 25/12.", "2026-12-25", True),
        ("I want the drill on 12/25.", "2026-12-25", True),
        ("I want the drill on 25/12.", "2030-12-25", False),
        ("I want the drill on 5/5.", "2027-05-05", True),
        ("Quiero el taladro el 25/12/2027.", "2027-12-25", True),
        ("I want the drill on 12/25/27.", "2027-12-25", True),
        ("Quiero el taladro el 25.12.2027.", "2027-12-25", True),
        ("Quiero el taladro el 25.12.2027.", "2026-12-25", False),
        ("I want the drill on 4/5.", "2027-05-04", False),
        ("I want the drill on 4/5.", "2027-04-05", False),
        ("I want the drill on 4/5/2027.", "2027-05-04", False),
        ("I want a drill of 4.25 mm, 24/7.", "2027-07-24", False),
    ],
)
async def test_a_day_may_follow_from_what_was_said_and_when(
    index: Index, tmp_path: Path, message: str, day: str, *, is_right: bool
) -> None:
    header = HEADER.replace("room: {type: string}", "room: {type: string, format: date}")
    form = {"title": "drill", "urgency": "low", "room": day}
    conversation = asked(message)
    told = replace(conversation.question, sent_at=datetime(2026, 11, 23, 9, tzinfo=UTC))
    clerk = Clerk(form, form)
    async with LoopbackServer(clerk.respond) as server:
        model = at(f"{server.url}/v1")
        try:
            answer = await Assistant(
                retriever=index.retriever,
                model=model,
                persona=ticket(tmp_path / "personas", header),
                coverage=index.retriever.coverage,
            ).answer(replace(conversation, messages=(told,)))
        finally:
            await model.stop()
    assert "Today is Monday 23 November 2026." in clerk.prompts[-1][1]["content"]
    assert answer.abstained is not is_right


@pytest.mark.parametrize(
    ("kind", "message", "value", "is_right"),
    [
        ("date-time", "The van on 2026-11-24 at 15:30.", "2026-11-24T15:30:00Z", True),
        ("date-time", "The van on 2026-11-24 at 15:30.", "2026-11-24T15:30:00+01:00", True),
        ("date-time", "La furgoneta mañana a las 15:30.", "2026-11-24T15:30:00Z", True),
        ("date-time", "The van tomorrow at 3:30 pm.", "2026-11-24T15:30:00.000Z", True),
        ("date-time", "The van on 2026-11-24 at 15:30.", "2026-11-25T15:30:00Z", False),
        ("date-time", "The van on 2026-11-24 at 15:30.", "2026-11-24T14:30:00Z", False),
        ("date-time", "The van on 2026-11-24 at 15:30.", "2026-11-24T15:30:07Z", False),
        ("date-time", "The van on 2026-11-24.", "2026-11-24T09:00:00Z", False),
        ("time", "The van at 15:30.", "15:30:00Z", True),
        ("time", "La furgoneta a las 15:30.", "15:30:00", True),
        ("time", "The van at 15:30.", "15:00:30", False),
    ],
)
def test_an_instant_may_be_written_as_its_format_wants_it(
    kind: str, message: str, value: str, *, is_right: bool
) -> None:
    schema = {"type": "object", "properties": {"at": {"type": "string", "format": kind}}}
    evidence = Evidence(
        question=message,
        language="English",
        earlier="",
        passages=(),
        found=Retrieved(message, "en", (), Answerability(0.0, ())),
        watcher=Watcher(None),
        most_tokens=100,
        reply_in="en",
        at=datetime(2026, 11, 23, 9, tzinfo=UTC),
    )
    _, wrong = checked(json.dumps({"at": value}), schema, evidence)
    assert (not wrong) is is_right


async def test_a_value_of_another_format_is_asked_for_again(index: Index, tmp_path: Path) -> None:
    header = HEADER.replace("room: {type: string}", "room: {type: string, format: date}")
    assert header != HEADER
    answer = await filled_in(index, tmp_path, Clerk(RIGHT, RIGHT), header=header)
    assert (answer.abstained, answer.about) == (True, "room")


async def test_a_persona_with_one_language_fills_in_forms_in_it(
    index: Index, tmp_path: Path
) -> None:
    english = RIGHT | {"title": "The printer in the hall is broken and this is urgent"}
    spanish = RIGHT | {"title": "La impresora de la sala está rota y es urgente"}
    header = f"languages: [es]\n{HEADER}"
    clerk = Clerk(english, spanish)
    answer = await filled_in(index, tmp_path, clerk, header=header)
    assert "La impresora" in answer.text
    assert "title: write it in Spanish." in clerk.prompts[-1][-1]["content"]


@pytest.mark.parametrize("pattern", ["^([a-z]+-?)+$", "^(a+)+$", "^(a|a?)+$"])
async def test_no_text_makes_a_pattern_take_for_ever(
    index: Index, tmp_path: Path, pattern: str
) -> None:
    header = HEADER.replace("room: {type: string}", f"room: {{pattern: '{pattern}'}}")
    text = "a" * 2_000 + "!"
    form = RIGHT | {"room": text}
    answer = await filled_in(index, tmp_path, Clerk(form, form), f"Order {text}", header=header)
    assert answer.abstained


async def test_a_pattern_is_kept_to(index: Index, tmp_path: Path) -> None:
    header = HEADER.replace("room: {type: string}", "room: {pattern: '^[A-Z][0-9]+$'}")
    clerk = Clerk(RIGHT | {"room": "printer"}, RIGHT)
    answer = await filled_in(index, tmp_path, clerk, header=header)
    assert '"B12"' in answer.text
    assert "room: 'printer' does not match" in clerk.prompts[-1][-1]["content"]


async def test_a_schema_that_cannot_be_checked_is_refused(index: Index, tmp_path: Path) -> None:
    persona = ticket(tmp_path / "personas")
    wrong = {"type": "object", "properties": {"title": {"$ref": "#/nowhere"}}}
    async with LoopbackServer(Clerk(RIGHT, RIGHT).respond) as server:
        model = at(f"{server.url}/v1")
        try:
            here = Assistant(
                retriever=index.retriever,
                model=model,
                persona=replace(persona, schema=wrong),
                coverage=index.retriever.coverage,
            )
            answer = await here.answer(asked(BROKEN))
        finally:
            await model.stop()
    assert answer.reason == "form-not-filled"
