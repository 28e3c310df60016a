"""tertulia.toml: what is written can be read, and what is wrong is named."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from bot import extensions
from bot.extensions import UnknownNameError
from bot.rhythm import RhythmError
from bot.source_entry import SourceEntry, StructureError
from bot.structure import DEFAULT_SCHEDULE, SCHEDULE_OF_OWN_READERS, Structure
from knowledge.articles import Audience
from knowledge.errors import suggestion
from tests.fakes.shelves import shelves


@pytest.fixture
def structure(tmp_path: Path) -> Structure:
    return Structure(tmp_path / "home" / "tertulia.toml")


def entry(path: Path, name: str = "handbook", *readers: str) -> SourceEntry:
    return SourceEntry(name, "files", {"path": str(path)}, Audience.of(*(readers or ("everyone",))))


def test_what_was_added_is_listed_in_order(structure: Structure, tmp_path: Path) -> None:
    first, second = entry(tmp_path), entry(tmp_path, "team", "terminal:ana", "slack:U1")
    assert structure.add(first)
    assert structure.add(second)
    assert structure.sources() == [first, second]
    assert structure.source("team").build(tmp_path).name == "team"


def test_adding_the_same_twice_changes_nothing(structure: Structure, tmp_path: Path) -> None:
    assert structure.add(entry(tmp_path))
    assert not structure.add(entry(tmp_path))
    assert len(structure.sources()) == 1


def test_another_source_of_the_same_name_is_refused(structure: Structure, tmp_path: Path) -> None:
    structure.add(entry(tmp_path))
    with pytest.raises(StructureError, match="already"):
        structure.add(entry(tmp_path / "other"))


@pytest.mark.parametrize("name", ["", "Hand Book", "../x", "a:b", "ñ", "x" * 41, "-a"])
def test_a_name_that_would_spoil_ids_is_refused(structure: Structure, name: str) -> None:
    with pytest.raises(StructureError, match="cannot be a source's name"):
        structure.add(SourceEntry(name, "files", {"path": "/"}))


def test_removing_keeps_the_comments_of_the_others(structure: Structure, tmp_path: Path) -> None:
    structure.add(entry(tmp_path))
    structure.add(entry(tmp_path, "team"))
    file = tmp_path / "home" / "tertulia.toml"
    file.write_text("# ours\n" + file.read_text())
    structure.remove("handbook")
    assert [e.name for e in structure.sources()] == ["team"]
    assert file.read_text().startswith("# ours\n")


A_SOURCE = 'kind = "files"\npath = "/x"\naudience = ["everyone"]\n'
WAYS_TO_WRITE = {
    "apart": f"[sources.a]\n{A_SOURCE}[schedule]\ntimezone = 'UTC'\n[sources.b]\n{A_SOURCE}",
    "inline": '[sources]\na = {kind="files", path="/x", audience=["everyone"]}\n'
    '[schedule]\ntimezone = "UTC"',
    "together": f"# ours\n[schedule]\ntimezone = 'UTC'\n[sources]\n[sources.a]\n{A_SOURCE}",
}


def written(path: Path, text: str) -> Structure:
    path.write_text(text)
    return Structure(path)


def by_name(structure: Structure) -> list[SourceEntry]:
    return sorted(structure.sources(), key=lambda source: source.name)


@pytest.mark.parametrize("text", WAYS_TO_WRITE.values(), ids=WAYS_TO_WRITE)
def test_tables_may_stand_in_any_order_and_form(tmp_path: Path, text: str) -> None:
    structure = written(tmp_path / "tertulia.toml", text)
    before = structure.sources()
    assert before[0] == entry(Path("/x"), "a")
    assert structure.add(entry(tmp_path, "new"))
    assert by_name(structure) == [*before, entry(tmp_path, "new")]
    assert structure.replace(entry(tmp_path, "a"))
    structure.remove("new")
    assert by_name(structure) == [entry(tmp_path, "a"), *before[1:]]
    for name in structure.names():
        structure.remove(name)
    assert structure.sources() == []
    assert "timezone" in (tmp_path / "tertulia.toml").read_text()


@pytest.mark.parametrize(
    "text",
    [
        'sources = {a = {kind="files", path="/x", audience=["everyone"]}}\n',
        'sources.a.kind = "files"\nsources.a.path = "/x"\nsources.a.audience = ["everyone"]\n',
    ],
)
def test_what_cannot_be_added_to_is_left_as_it_is(tmp_path: Path, text: str) -> None:
    structure = written(tmp_path / "tertulia.toml", text)
    with pytest.raises(StructureError, match="not written as tables"):
        structure.add(entry(tmp_path, "new"))
    assert (tmp_path / "tertulia.toml").read_text() == text
    assert structure.sources() == [entry(Path("/x"), "a")]


def test_a_source_that_is_written_wrong_can_be_removed(tmp_path: Path) -> None:
    structure = written(tmp_path / "tertulia.toml", f"[sources.a]\nx = 1\n[sources.b]\n{A_SOURCE}")
    structure.remove("a")
    assert structure.sources() == [entry(Path("/x"), "b")]


def test_two_who_add_at_once_both_find_their_source(structure: Structure, tmp_path: Path) -> None:
    names = [f"s{n}" for n in range(16)]
    with ThreadPoolExecutor(8) as pool:
        added = list(pool.map(lambda name: structure.add(entry(tmp_path, name)), names))
    assert all(added)
    assert sorted(structure.names()) == sorted(names)


def test_a_source_takes_the_place_of_another_one_of_its_name(
    structure: Structure, tmp_path: Path
) -> None:
    for name in ("example", "team"):
        structure.add(entry(tmp_path, name))
    assert structure.replace(entry(tmp_path / "second", "example"))
    assert not structure.replace(entry(tmp_path / "second", "example"))
    assert structure.sources() == [entry(tmp_path / "second", "example"), entry(tmp_path, "team")]


def test_an_unknown_source_is_answered_with_the_nearest(
    structure: Structure, tmp_path: Path
) -> None:
    with pytest.raises(StructureError) as none_yet:
        structure.source("handbook")
    assert "none yet" in none_yet.value.what_to_do
    structure.add(entry(tmp_path))
    with pytest.raises(StructureError) as caught:
        structure.remove("handbok")
    assert "Did you mean 'handbook'" in caught.value.what_to_do


def test_an_unknown_kind_and_an_unknown_option_are_named(
    structure: Structure, tmp_path: Path
) -> None:
    with pytest.raises(UnknownNameError) as kind:
        structure.add(SourceEntry("a", "flies", {"path": str(tmp_path)}))
    assert "Did you mean 'files'" in kind.value.what_to_do
    with pytest.raises(StructureError) as option:
        structure.add(SourceEntry("a", "files", {"pth": str(tmp_path)}))
    assert "'path'" in option.value.what_to_do
    with pytest.raises(StructureError, match="path"):
        structure.add(SourceEntry("a", "files", {}))
    assert structure.sources() == []


def test_a_secret_is_never_written_into_the_file(structure: Structure, tmp_path: Path) -> None:
    for option in ("password", "token"):
        with pytest.raises(StructureError, match="has a secret in it") as caught:
            structure.add(
                SourceEntry("wiki", "website", {"url": "https://x.example/", option: "s3cret"})
            )
        assert "s3cret" not in f"{caught.value} {caught.value.what_to_do}"
        assert f"{option}=${{MY_{option.upper()}}}" in caught.value.what_to_do
    assert structure.sources() == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[sources", "cannot be read"),
        ("sources = 3", "no table"),
        ('[sources.a]\naudience = ["everyone"]', "no kind"),
        ('[sources.a]\nkind = "files"', "who may read it"),
        ('[sources.a]\nkind = "files"\naudience = "everyone"', "who may read it"),
        ("[sources]\na = 3", "no kind"),
    ],
)
def test_a_broken_file_says_what_is_wrong(
    structure: Structure, tmp_path: Path, text: str, what: str
) -> None:
    file = tmp_path / "home" / "tertulia.toml"
    file.parent.mkdir()
    file.write_text(text)
    with pytest.raises(StructureError, match=what) as caught:
        structure.sources()
    assert str(file) in str(caught.value)


def test_every_mistake_of_a_file_is_named_at_once(tmp_path: Path) -> None:
    text = f'[sources.a]\nx = 1\n[sources.b]\n{A_SOURCE}[sources.c]\nkind = "files"\n'
    structure = written(tmp_path / "tertulia.toml", text)
    with pytest.raises(StructureError) as caught:
        structure.sources()
    assert str(caught.value).splitlines() == [
        f"{tmp_path / 'tertulia.toml'}: {mistake}."
        for mistake in (
            "[sources.a] has no kind",
            "[sources.a] does not say who may read it",
            "[sources.c] does not say who may read it",
        )
    ]
    assert caught.value.what_to_do.splitlines() == [
        'Add a line like: kind = "files"',
        'Add a line like: audience = ["everyone"]',
    ]


@pytest.mark.parametrize(
    ("reader", "right"),
    [
        ("ana", "terminal:ana"),
        ("Everyone", "everyone"),
        ("everybody", "everyone"),
        ("Slack:U1", "slack:U1"),
        (" slack: U1 ", "slack:U1"),
        (":ana", "terminal:ana"),
        ("slack:", "terminal:ana"),
        ("", "terminal:ana"),
    ],
)
def test_a_reader_who_is_nobody_is_refused_with_the_nearest(
    structure: Structure, tmp_path: Path, reader: str, right: str
) -> None:
    for change in (structure.add, structure.replace):
        with pytest.raises(StructureError, match="neither everyone nor PLATFORM:PERSON") as caught:
            change(entry(tmp_path, "team", "terminal:eve", reader))
        assert caught.value.what_to_do == f"Did you mean '{right}'?"
        assert structure.names() == []
    text = f'[sources.a]\nkind = "files"\naudience = ["terminal:eve", {json.dumps(reader)}]\n'
    by_hand = written(tmp_path / "tertulia.toml", text)
    with pytest.raises(StructureError, match=r"\[sources\.a\] .* neither everyone nor") as caught:
        by_hand.sources()
    assert caught.value.what_to_do == f"Did you mean '{right}'?"


def test_a_home_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("x")
    structure = Structure(tmp_path / "home" / "tertulia.toml")
    with pytest.raises(StructureError, match="cannot be"):
        structure.add(entry(tmp_path))


def test_extensions_are_found_by_file_name() -> None:
    assert "files" in extensions.names_in("knowledge.sources")
    assert callable(extensions.load("knowledge.sources", "files").build)
    assert suggestion("zzz", ["files"]) == "There are: files."


def test_a_rhythm_is_kept_beside_the_options(structure: Structure, tmp_path: Path) -> None:
    often = replace(entry(tmp_path), schedule="every 15 minutes")
    assert structure.add(often)
    assert structure.add(entry(tmp_path, "team"))
    assert structure.sources() == [often, entry(tmp_path, "team")]
    assert structure.source("handbook").build(tmp_path).name == "handbook"
    assert {name: one.text for name, one in structure.rhythms().items()} == {
        "handbook": "every 15 minutes",
        "team": DEFAULT_SCHEDULE,
    }
    with pytest.raises(RhythmError, match="no rhythm"):
        structure.add(replace(entry(tmp_path, "new"), schedule="sometimes"))


def test_articles_that_say_who_may_read_them_are_asked_often(
    structure: Structure, tmp_path: Path
) -> None:
    file = tmp_path / "home" / "tertulia.toml"
    broken = '[sources.broken]\nkind = "shelf"\ncolour = "red"\naudience = ["everyone"]\n'
    with shelves():
        own = SourceEntry("own", "shelf", {"path": str(tmp_path), "own": True})
        for one in (own, replace(own, name="slow", schedule="every day")):
            structure.add(one)
        file.write_text(file.read_text() + broken)
        assert {name: one.text for name, one in structure.rhythms().items()} == {
            "own": SCHEDULE_OF_OWN_READERS,
            "slow": "every day",
            "broken": DEFAULT_SCHEDULE,
        }


def test_a_time_zone_counts_for_all_rhythms(tmp_path: Path) -> None:
    text = f'[schedule]\ntimezone = "America/Lima"\n[sources.a]\n{A_SOURCE}schedule = "0 3 * * *"\n'
    structure = written(tmp_path / "tertulia.toml", text)
    assert structure.rhythms()["a"].text == "0 3 * * * in America/Lima"
    assert structure.add(entry(tmp_path, "new"))
    assert 'timezone = "America/Lima"' in (tmp_path / "tertulia.toml").read_text()


@pytest.mark.parametrize(
    ("text", "said", "advice"),
    [
        ("schedule = 3\n", "'schedule' is no table", "[schedule]"),
        ("tools = 3\n", "'tools' is no table", "[tools.weather]"),
        ("[schedule]\ntimezon = 'UTC'\n", "[schedule] has no 'timezon'", "'timezone'"),
        ("[schedule]\ntimezone = 3\n", "'3' is no time zone", "timezone ="),
        (f"[sources.a]\n{A_SOURCE}schedule = 15\n", "schedule = '15' is no rhythm", "every 15"),
        (f"[sources.a]\n{A_SOURCE}schedule = ''\n", "schedule = '' is no rhythm", "every 15"),
        (f"[sources.a]\n{A_SOURCE}watch = 'perhaps'\n", "watch is neither", "watch = true"),
    ],
)
def test_a_schedule_that_is_written_wrong_is_named(
    tmp_path: Path, text: str, said: str, advice: str
) -> None:
    with pytest.raises(StructureError) as caught:
        written(tmp_path / "tertulia.toml", text).rhythms()
    assert said in str(caught.value)
    assert advice in caught.value.what_to_do


@pytest.mark.parametrize(
    ("watch", "is_watched"),
    [({}, True), ({"watch": True}, True), ({"watch": "false"}, False), ({"watch": False}, False)],
)
def test_a_source_is_watched_unless_it_says_otherwise(
    structure: Structure, tmp_path: Path, watch: dict[str, object], is_watched: bool
) -> None:
    source = SourceEntry("a", "files", {"path": str(tmp_path), **watch})
    structure.add(source)
    assert structure.source("a").is_watched is is_watched
    assert structure.built(structure.source("a")).name == "a"


def test_a_path_begins_in_the_folder_of_the_file(tmp_path: Path) -> None:
    text = '[sources.a]\nkind = "files"\naudience = ["everyone"]\npath = ["pages", "/x", "~/y"]\n'
    (found,) = written(tmp_path / "tertulia.toml", text).sources()
    assert found.options["path"] == [str(tmp_path / "pages"), "/x", "~/y"]


def test_a_table_that_nobody_reads_is_named_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(StructureError) as caught:
        written(tmp_path / "tertulia.toml", "[source.x]\n[shedule]\n").sources()
    assert "no table 'source'" in str(caught.value)
    assert "'sources'" in caught.value.what_to_do
    assert "'schedule'" in caught.value.what_to_do


def test_what_is_set_for_tools_is_read_whatever_is_wrong_with_sources(tmp_path: Path) -> None:
    structure = written(tmp_path / "t.toml", "[sources.a]\n[tools.weather]\nlanguage = 'es'\n")
    assert structure.tools() == {"weather": {"language": "es"}}
    with pytest.raises(StructureError, match="'tools' is no table"):
        written(tmp_path / "t.toml", "tools = 3").tools()
