"""Every sentence stands in both languages, with the same values in it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.egress import cleaned
from bot.wording import LANGUAGES, say

LOCALES = Path(__file__).parents[2] / "bot" / "locales"
ROOT = Path(__file__).parents[2]


def sentences_of(language: str) -> dict[str, set[str]]:
    text = (LOCALES / f"{language}.ftl").read_text(encoding="utf-8")
    parts = re.split(r"^([a-z][a-z-]*) =", text, flags=re.MULTILINE)[1:]
    return {
        key: set(re.findall(r"\$(\w+)", body))
        for key, body in zip(parts[::2], parts[1::2], strict=True)
    }


def test_both_languages_say_the_same_things() -> None:
    assert sentences_of("en") == sentences_of("es")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", sentences_of("en"))
def test_every_sentence_can_be_said(key: str, language: str) -> None:
    values = dict.fromkeys(sentences_of("en")[key], "x")
    assert say(key, language, **values).strip()


def test_every_sentence_is_used_somewhere() -> None:
    folders = (ROOT / "bot", ROOT / "pipelines")
    code = "".join(p.read_text(encoding="utf-8") for f in folders for p in f.rglob("*.py"))
    unused = [key for key in sentences_of("en") if f'"{key}"' not in code]
    assert not [key for key in unused if key not in ("searching", "found")]


def test_a_language_that_we_do_not_speak_is_answered_in_english() -> None:
    assert say("goodbye", "fr") == say("goodbye", "en")


def test_a_value_is_never_read_as_a_pattern() -> None:
    hostile = "{ $reference } { NUMBER(1) }"
    assert hostile in say("persona-now", "en", name=hostile)


def test_a_sentence_that_does_not_exist_is_our_fault() -> None:
    with pytest.raises((KeyError, LookupError)):
        say("no-such-thing", "en")
    with pytest.raises(Exception, match="titles"):
        say("found", "en")


@pytest.mark.parametrize(
    ("hostile", "clean"),
    [
        ("a\x1b[31mred\x1b[0m", "ared"),
        ("\x1b]0;title\x07x", "x"),
        ("zero\u200bwidth \u202ereversed", "zerowidth reversed"),
        ("tag\U000e0041s", "tags"),
        ("line\r\nline\tx\x00\x08", "line\nline\tx"),
        ("👩\u200d🌾", "👩\u200d🌾"),
    ],
)
def test_nothing_invisible_goes_out(hostile: str, clean: str) -> None:
    assert cleaned(hostile) == clean


FOR_OPERATORS = {
    "__init__.py",
    "errors.py",
    "failures.py",
    "allowed.py",
    "invite.py",
    "examining.py",
    "manifest.py",
    "installing.py",
    "rotating.py",
}
"""Files of the platforms whose words are for whoever runs Tertulia: in the log and the terminal."""
PROSE = re.compile(r"[^\W\d_]{2,}[,:!?…]? +[^\W\d_]{2,}")
UNSEEN = re.compile(r"^log\.|Error$|\b(translated|calling)$")
"""What takes words that nobody in a chat sees."""


def unspoken(tree: ast.Module) -> Iterator[ast.AST]:
    """The parts of a file whose words are for its readers and for operators."""
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant() as docstring):
                yield docstring
            case ast.Call(func=called) if UNSEEN.search(ast.unparse(called)):
                yield from ast.walk(node)


def prose(path: Path) -> list[str]:
    """What a file says in words of its own."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = set(unspoken(tree))
    texts = [n for n in ast.walk(tree) if isinstance(n, ast.Constant) and n not in skipped]
    return [f"{path.name}: {n.value!s}" for n in texts if PROSE.search(str(n.value))]


def test_people_in_chats_read_no_words_that_stand_in_the_code() -> None:
    chats = [ROOT / "bot" / "platforms" / name for name in ("slack", "discord")]
    files = [path for chat in chats for path in chat.rglob("*.py")]
    core = [ROOT / "bot" / f"{name}.py" for name in ("inbox", "attending", "limits", "posts")]
    assert len(files) > 40
    spoken = [path for path in (*files, *core) if path.name not in FOR_OPERATORS]
    assert not [words for path in spoken for words in prose(path)]


def test_words_in_the_code_would_be_found(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text(
        '"""A docstring."""\nlog.info("to the log")\nshow("Please wait")\n'
    )
    assert prose(tmp_path / "x.py") == ["x.py: Please wait"]


def test_a_long_value_is_cut_and_breaks_no_sentence() -> None:
    shown = say("no-such-persona", "es", name="x" * 20_000, names="helpdesk")
    assert "x…" in shown
    assert shown.endswith("helpdesk.")
    assert len(shown) < 2_200
