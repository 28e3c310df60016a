"""Files become text here: the contract of parsing.

The parsers run in a child process (`process.py` starts it, `child.py` is what it runs), because
they are given files that nobody has checked.
"""

from pathlib import Path

from knowledge.parsing.parsed import Limits, NotParsedError, Parsed
from knowledge.parsing.process import ParserProcess

__all__ = ["Limits", "NotParsedError", "Parsed", "ParserProcess", "parse"]


async def parse(path: Path, *, limits: Limits | None = None) -> Parsed:
    """Turn one file into text; for many files keep one `ParserProcess`, it is faster.

    Raises:
        NotParsedError: the file gave no text; says why.
    """
    async with ParserProcess(limits or Limits()) as process:
        return await process.parse(path)
