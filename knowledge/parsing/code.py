"""Programs: of Python what people read about it, of other languages the text as it is."""

import ast
import re
import warnings
from collections.abc import Iterator

from knowledge.cleaning import clean
from knowledge.parsing.parsed import NotParsedError, Parsed
from knowledge.parsing.plain import decode

_SIGNATURE_SIGNS = 400
_TICKS = re.compile("`{3,}")
_HEADING = re.compile(r"(?m)^(?=#{1,6} )")

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def parse_python(content: bytes) -> Parsed:
    """Docstrings and signatures as Markdown; the whole file where it defines nothing.

    Raises:
        NotParsedError: it is no Python of today.
    """
    text = decode(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an escape sequence that Python will no longer take
            module = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        raise NotParsedError(
            f"It is not Python as I know it ({error}).",
            what_to_do="Correct it, or leave it out with an `exclude` pattern.",
        ) from error
    found = list(_described(module, ""))
    docstring = _docstring(module)
    if not found and not docstring:
        return parse_code(content)
    return Parsed(clean("\n\n".join(filter(None, [docstring, *found]))))


def parse_code(content: bytes) -> Parsed:
    """A program as one block of code."""
    text = clean(decode(content).replace("\f", "\n"))
    ticks = max((len(run) for run in _TICKS.findall(text)), default=2) + 1
    fence = "`" * ticks
    return Parsed(f"{fence}\n{text}\n{fence}" if text else "")


def _described(parent: ast.Module | ast.ClassDef, inside: str) -> Iterator[str]:
    """A section for every class and function that is public or documented, in their order."""
    for node in parent.body:
        if not isinstance(node, Definition):
            continue
        docstring = _docstring(node)
        if node.name.startswith("_") and not docstring:
            continue
        name = f"{inside}{node.name}"
        level = "#" * min(2 + name.count("."), 6)
        yield f"{level} {name}\n\n`{_signature(node)}`\n\n{docstring}"
        if isinstance(node, ast.ClassDef):
            yield from _described(node, f"{name}.")


def _signature(node: Definition) -> str:
    if isinstance(node, ast.ClassDef):
        bases = ", ".join(ast.unparse(base) for base in [*node.bases, *node.keywords])
        return _short(f"class {node.name}({bases})" if bases else f"class {node.name}")
    start = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return _short(f"{start} {node.name}({ast.unparse(node.args)}){returns}")


def _short(signature: str) -> str:
    """In one line of code, cut where somebody wrote a table into a default."""
    line = " ".join(signature.replace("`", "'").split())
    return line if len(line) <= _SIGNATURE_SIGNS else f"{line[:_SIGNATURE_SIGNS]} ..."


def _docstring(node: ast.Module | Definition) -> str:
    """What is said about it; a line of it is no heading of ours."""
    return _HEADING.sub(" ", ast.get_docstring(node) or "")
