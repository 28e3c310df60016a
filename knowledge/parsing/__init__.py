"""Files become text here: the contract of parsing.

The parsers run in a child process (`process.py` starts it, `child.py` is what it runs), because
they are given files that nobody has checked.
"""

from pathlib import Path

from knowledge.parsing.parsed import Limits, NoTextError, NotParsedError, Parsed
from knowledge.parsing.process import ParserProcess

__all__ = ["Limits", "NoTextError", "NotParsedError", "Parsed", "ParserProcess", "parse"]


async def parse(path: Path, *, limits: Limits | None = None) -> Parsed:
    """Turn one file into text; for many files keep one `ParserProcess`, it is faster.

    Raises:
        NotParsedError: the file gave no text; says why.
        NoTextError: because there is none in it.
    """
    async with ParserProcess(limits or Limits()) as process:
        return await process.parse(path)
