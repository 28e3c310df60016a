"""A persona with tools, from the question to the receipt, the log of calls and /why."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import logs
from bot.app import App
from bot.places import readers
from bot.receipts_text import sources_text, why_text
from bot.settings import Settings
from bot.warming import warm_up
from knowledge.conversations import Citation
from knowledge.history import History
from knowledge.tool_calls import ToolCalls
from pipelines.personas import PersonaError
from pipelines.tool_files import ToolFilesError
from tests.bot.team import Tertulia, in_a_process, write
from tests.fakes.scripted_model import ScriptedModel, writing

ROOMS = '''
from pipelines.tool import Caller, tool

@tool
def my_rooms(floor: int, caller: Caller) -> str:
    """The rooms that somebody has booked."""
    return f"{caller.person} has booked the room Almanzor for 7 people on floor {floor}."

@tool
def lift(floor: int) -> str:
    """Where the lift is."""
    raise RuntimeError("no such lift: password=hunter2")

@tool(effect="write")
def book(room: str) -> str:
    """Books a room."""
    raise AssertionError("nobody has confirmed this")
'''
CLERK = "---\ntools: [my_rooms, lift, calculate, book]\n---\nYou know rooms.\n"
QUESTION = "Which room have I booked on floor 2?"
ANSWER = "You have booked the room Almanzor for 7 people."


def choice(*calls: tuple[str, dict[str, object]]) -> str:
    return json.dumps({"calls": [{"tool": name, "arguments": given} for name, given in calls]})


@pytest.fixture
def extended(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose team has tools and a clerk who may use them."""
    more = home / "more"
    write(more / "tools", {"rooms.py": ROOMS})
    write(more / "personas", {"clerk.md": CLERK})
    monkeypatch.setenv("EXTENSIONS_DIR", str(more))
    return more


@pytest.fixture
async def app(extended: Path) -> AsyncIterator[App]:
    async with App(Settings()) as app:
        yield app


def say(model: ScriptedModel, *calls: tuple[str, dict[str, object]], answer: str = ANSWER) -> None:
    """Let the model choose these calls, then none, then answer."""
    model.reply_to["\nResults:"] = writing(choice())
    model.reply_to["Tools:\n"] = writing(choice(*calls))
    model.answer = answer


async def test_a_call_is_answered_from_cited_and_written_down(
    app: App, model: ScriptedModel
) -> None:
    say(model, ("my_rooms", {"floor": 2}))
    talk = await app.talk("terminal:ana", "clerk", "C1")
    said = await talk.reply(QUESTION)
    assert said.text == "You have booked the room Almanzor for 7 people [1]."
    answer = said.answer
    assert answer
    (used,) = answer.receipt.tools
    assert (used.call, used.outcome, used.effect) == ("my_rooms(floor=2)", "done", "read")
    assert answer.receipt.timings_s["tools"] >= 0
    (cited,) = answer.citations
    assert isinstance(cited, Citation)
    assert sources_text(answer).splitlines()[1] == "  [1] my_rooms(floor=2)"
    assert "terminal:ana has booked the room Almanzor" in model.last_prompt
    (row,) = await ToolCalls(await app.database()).of("C1")
    assert (row.tool, row.person, row.status) == ("my_rooms", "terminal:ana", "done")
    assert row.arguments == {"floor": 2}


async def test_why_shows_each_call_in_both_languages(app: App, model: ScriptedModel) -> None:
    say(model, ("my_rooms", {"floor": 2}), ("lift", {"floor": 2}), ("book", {"room": "Tejo"}))
    said = await (await app.talk("terminal:ana", "clerk", "C1")).reply(QUESTION)
    assert said.answer
    english, spanish = (
        re.sub(r"\d+\.\d s", "0.0 s", why_text(said.answer, language)) for language in ("en", "es")
    )
    assert "Tool: my_rooms(floor=2): done, 0.0 s" in english
    assert "Tool: lift(floor=2): failed, 0.0 s" in english
    assert 'Tool: book(room="Tejo"): not confirmed, 0.0 s' in english
    assert "Herramienta: my_rooms(floor=2): hecho, 0.0 s" in spanish
    assert "Herramienta: lift(floor=2): ha fallado, 0.0 s" in spanish
    assert 'Herramienta: book(room="Tejo"): sin confirmar, 0.0 s' in spanish
    recorded = await History(await app.database()).recorded(said.answer.reference)
    assert recorded
    assert recorded.receipt.tools == said.answer.receipt.tools
    assert "hunter2" not in model.last_prompt


async def test_who_asks_is_known_from_us_and_not_from_the_model(
    app: App, model: ScriptedModel
) -> None:
    caller = {"person": "terminal:boss", "audience": {"principals": ["everyone"]}}
    say(model, ("my_rooms", {"floor": 2, "caller": caller}))
    said = await (await app.talk("terminal:ana", "clerk", "C1")).reply(QUESTION)
    assert said.answer
    assert [one.outcome for one in said.answer.receipt.tools] == ["refused"]
    assert "boss has booked" not in model.last_prompt
    (row,) = await ToolCalls(await app.database()).of("C1")
    assert (row.person, row.arguments) == ("terminal:ana", {})
    assert "Herramienta: my_rooms(" in why_text(said.answer, "es")
    assert "): rechazado, " in why_text(said.answer, "es")


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("¿Cuánto es el 21 por ciento de 1.350?", "El 21 % de 1.350 es 283,5."),
        ("How much is 21 percent of 1,350?", "21 percent of 1,350 is 283.5."),
    ],
)
async def test_a_result_is_cited_in_either_way_of_writing_numbers(
    app: App, model: ScriptedModel, question: str, answer: str
) -> None:
    expression = "21 por ciento de 1.350" if "¿" in question else "21% of 1,350"
    say(model, ("calculate", {"expression": expression}), answer=answer)
    said = await (await app.talk("terminal:ana", "clerk", "C1")).reply(question)
    assert said.text == f"{answer.removesuffix('.')} [1]."
    say(model, ("calculate", {"expression": expression}), answer=answer.replace("283", "284"))
    said = await (await app.talk("terminal:ana", "clerk", "C2")).reply(question)
    assert said.answer
    assert said.answer.abstained


async def test_a_tool_that_the_persona_has_not_is_not_called(
    app: App, model: ScriptedModel
) -> None:
    say(model, ("current_time", {"zone": "Asia/Tokyo"}))
    said = await (await app.talk("terminal:ana", "clerk", "C1")).reply("¿Quién pide el café?")
    assert said.answer
    assert [one.outcome for one in said.answer.receipt.tools] == ["refused"]
    model.prompts.clear()
    await (await app.talk("terminal:ana", "helpdesk")).reply("¿Quién pide el café?")
    assert not [p for p in model.prompts if "Tools:" in str(p[-1]["content"])]


async def test_an_answer_without_calls_rests_on_pages(app: App, model: ScriptedModel) -> None:
    say(model, answer="El café lo pide Jorge Luna cada jueves.")
    said = await (await app.talk("terminal:ana", "clerk", "C1")).reply("¿Quién pide el café?")
    assert said.text == "El café lo pide Jorge Luna cada jueves [1]."
    assert said.answer
    assert said.answer.receipt.tools == ()
    assert await ToolCalls(await app.database()).of("C1") == []


async def test_what_a_tool_says_reaches_nobody_who_joins_later(
    app: App, model: ScriptedModel
) -> None:
    say(model, ("my_rooms", {"floor": 2}))
    ana = await app.talk("terminal:ana", "clerk", "room")
    assert "Almanzor" in (await ana.reply(QUESTION)).text
    ben = await app.talk("terminal:ben", "clerk", "room")
    say(model)
    await ben.reply("And why?")
    assert "Almanzor" not in model.last_prompt
    assert readers("terminal:ana", "terminal:ben").principals == {"everyone"}


def test_what_a_tool_prints_is_not_among_the_values(
    extended: Path, tertulia: Tertulia, model: ScriptedModel
) -> None:
    said = 'print("read again")\n' + ROOMS.replace("    return", '    print("noise")\n    return')
    write(extended / "tools", {"rooms.py": said})
    say(model, ("my_rooms", {"floor": 2}))
    asked = tertulia("ask", QUESTION, "--persona", "clerk", "--json")
    assert asked.value["receipt"]["tools"][0]["outcome"] == "done"
    assert "read again" in asked.err
    assert "noise" in asked.err
    assert "\n" not in asked.out.strip()


def test_programs_get_the_calls_in_the_receipt(
    extended: Path, model: ScriptedModel, tertulia: Tertulia
) -> None:
    say(model, ("my_rooms", {"floor": 2}))
    value = tertulia("ask", QUESTION, "--persona", "clerk", "--json").value
    (used,) = value["receipt"]["tools"]
    assert 0 <= used.pop("seconds") < 10
    assert used == {"call": "my_rooms(floor=2)", "outcome": "done", "effect": "read"}


async def test_a_persona_that_names_unknown_tools_is_told_with_the_nearest(
    app: App, extended: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(extended / "personas", {"clerk.md": CLERK.replace("lift, calculate", "lifd, xyzzyx")})
    with pytest.raises(PersonaError) as told:
        await app.talk("terminal:ana", "clerk")
    assert "lifd, xyzzyx" in str(told.value)
    assert "Did you mean 'lift' for 'lifd'? There are: " in told.value.what_to_do
    logs.configure(Settings().log, interactive=False)
    await warm_up(app)
    logged = capsys.readouterr().err
    assert "a persona cannot speak" in logged
    assert "Persona 'clerk' names tools that there are not: lifd, xyzzyx." in logged


async def test_everything_that_is_wrong_with_all_personas_is_told_at_the_start(
    app: App, extended: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = {
        "helpdesk.md": "---\ntools: [lifd]\nthink: 5\n---\nYou help.\n",
        "clerk.md": "---\nsources: [lost]\ntools: [xyzzyx]\nmodle: x\n---\n## Style\n\nShort.\n",
    }
    write(extended / "personas", wrong)
    logs.configure(Settings().log, interactive=False)
    await warm_up(app)
    told = " ".join(capsys.readouterr().err.split())
    for words in (
        "Persona 'helpdesk' names tools that there are not: lifd.",
        "The header of persona 'helpdesk' says think: 5, in line 3.",
        "'clerk' names sources that there are not: lost.",
        "'clerk' names tools that there are not: xyzzyx.",
        "'modle', which means nothing, in line 4.",
        "Persona 'clerk' has no role.",
        "cannot answer yet",
    ):
        assert words in told, words


def test_the_doctor_names_broken_tools_and_personas(extended: Path, tertulia: Tertulia) -> None:
    def found(name: str) -> list[tuple[str, str]]:
        checks = tertulia("doctor", "--json").value["checks"]
        return [(one["state"], one["message"]) for one in checks if one["name"] == name]

    assert found("tools") == [
        ("ok", "the team's own: my_rooms, lift, book"),
        (
            "ok",
            "openai:owl is asked for calls with our own prompt"
            " (0 of 6 right natively, 0 of 6 right with our own prompt)",
        ),
    ]
    assert found("persona") == []
    with Settings().home.structure.open("a") as file:
        file.write("\n[tools.weather]\n")
    assert found("tools")[1] == ("ok", "set up in tertulia.toml: weather")
    write(extended / "personas", {"clerk.md": CLERK.replace("lift,", "lifd,")})
    ((state, message),) = found("persona")
    assert (state, "lifd" in message) == ("broken", True)
    write(extended / "tools", {"a.py": "1 / 0", "b.py": "def"})
    ((state, message),) = found("tools")
    assert state == "broken"
    assert "a.py: ZeroDivisionError" in message
    assert "b.py: SyntaxError" in message
    assert found("persona") == [], "what tools there are is not known"


PARCELS = '''
from pipelines.tool import tool
from pipelines.tool_settings import Secret, ToolSettings

class Parcels(ToolSettings):
    key: Secret
    carrier: str = "the post"

@tool
def parcel(settings: Parcels) -> str:
    """Where my parcel is."""
    return f"{settings.carrier} brings it with {settings.key.get_secret_value()} today."
'''


async def test_a_tool_of_ours_gives_way_to_the_team_until_it_is_set_up(
    extended: Path, model: ScriptedModel
) -> None:
    async with App(Settings()) as app:
        assert await app.talk("terminal:ana", "clerk")
    calendar = 'time_zone = "Europe/Madrid"\n[tools.calendar.calendars.tejo]\n'
    with Settings().home.structure.open("a") as file:
        file.write(
            f'\n[tools.calendar]\n{calendar}url = "https://x.example"\naudience = ["everyone"]\n'
        )
    async with App(Settings()) as app:
        with pytest.raises(ToolFilesError, match="there is a tool 'book' already"):
            await app.talk("terminal:ana", "clerk")


async def test_what_is_set_in_tertulia_toml_reaches_a_tool(
    extended: Path, model: ScriptedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(extended / "tools", {"parcels.py": PARCELS})
    write(extended / "personas", {"clerk.md": "---\ntools: [parcel]\n---\nYou know parcels.\n"})
    monkeypatch.setenv("PARCELS_KEY", "7777")
    structure = Settings().home.structure
    say(model, ("parcel", {}), answer="The post brings it with 7777 today.")
    async with App(Settings()) as app:
        with pytest.raises(PersonaError) as lacking:
            await app.talk("terminal:ana", "clerk")
    assert "not set up: parcel" in str(lacking.value)
    with structure.open("a") as file:
        file.write('\n[tools.parcels]\nkey = "${PARCELS_KEY}"\n')
    async with App(Settings()) as app:
        said = await (await app.talk("terminal:ana", "clerk")).reply("Where is my parcel?")
    assert said.text == "The post brings it with 7777 today [1]."


def test_the_doctor_names_what_is_set_wrong_for_tools(extended: Path, tertulia: Tertulia) -> None:
    write(extended / "tools", {"parcels.py": PARCELS})
    structure = Settings().home.structure
    before = structure.read_text() if structure.exists() else ""
    structure.write_text(f"{before}\n[tools.parcels]\nky = 1\n[tools.parcel]\n")
    checks = tertulia("doctor", "--json").value["checks"]
    ((state, said, do),) = [
        (one["state"], one["message"], one["what_to_do"])
        for one in checks
        if one["name"] == "tools"
    ]
    assert state == "broken"
    assert "[tools.parcels] has no 'ky'" in said
    assert "[tools.parcels] has no 'key', and needs it" in said
    assert "there is no table [tools.parcel]" in said
    assert "Did you mean 'key'?" in do


def test_the_doctor_names_tools_that_have_no_room(extended: Path, tertulia: Tertulia) -> None:
    words = "x" * 1_150
    many = "".join(
        f'@tool\ndef long_{n}() -> str:\n    """{words}"""\n    return ""\n' for n in range(9)
    )
    write(extended / "tools", {"long.py": f"from pipelines.tool import tool\n{many}"})
    names = ", ".join(f"long_{n}" for n in range(9))
    write(extended / "personas", {"clerk.md": CLERK.replace("lift", names)})
    checks = tertulia("doctor", "--json").value["checks"]
    (note,) = (one for one in checks if one["name"] == "tools" and one["state"] == "note")
    assert "openai:owl: no room in the prompt of clerk for long_" in note["message"]
    assert "docstrings" in note["what_to_do"]


def test_a_broken_file_of_tools_is_told_by_whoever_needs_it(
    extended: Path, tertulia: Tertulia, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(extended / "tools", {"a.py": "1 / 0", "b.py": "def"})
    asked = tertulia("ask", QUESTION, "--json")
    assert asked.code == 2
    assert asked.error["kind"] == "tool_files"
    monkeypatch.setenv("PLATFORMS", "terminal")
    served = in_a_process("serve", cwd=extended.parent)
    assert served.code == 2
    assert "Traceback" not in served.err
    for said in (asked.error["message"], " ".join(served.err.split())):
        assert "a.py: ZeroDivisionError" in said
        assert "b.py: SyntaxError" in said
    assert ToolFilesError("", what_to_do="").kind == "tool_files"


async def test_a_tool_answers_also_where_nothing_is_known(
    empty_home: Path, model: ScriptedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(empty_home / "more/personas", {"clerk.md": CLERK})
    write(empty_home / "more/tools", {"rooms.py": ROOMS})
    monkeypatch.setenv("EXTENSIONS_DIR", str(empty_home / "more"))
    async with App(Settings()) as app:
        say(model, ("my_rooms", {"floor": 2}))
        talk = await app.talk("terminal:ana", "clerk", "C1")
        assert (
            await talk.reply(QUESTION)
        ).text == "You have booked the room Almanzor for 7 people [1]."
        model.answer = "NOT FOUND"
        said = await talk.reply(QUESTION)
        assert said.answer
        assert said.answer.abstained
