"""What leaves the house: addresses, pictures and pings in texts of a hostile model.

Markdown is generated with nested constructs, foreign addresses in every disguise that we know of,
images, mentions and entities, goes through the gate, and is read by small models of Discord and
Slack that know nothing of our code (`tests/bot/chat_readers.py`). Every text goes out on each chat.
*Foreign*: addresses that are not byte for byte one of the two that were allowed. *Misleading*:
links whose words are another address. *Linked*: allowed addresses that did go out; without any,
nothing is tested. *Ordinary lines*: those of our documents and the handbook, where masking would be
wrong.
"""

from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from random import Random

from bot.egress import Egress
from bot.egress.credentials import masked
from tests.benchmarks.report import judged, table
from tests.bot.chat_readers import READERS, invisible
from tests.bot.hostile_markdown import ALLOWED, hostile

TEXTS, AT_ONCE, PROCESSES = 100_000, 1_000, 2
ROOT = Path(__file__).parents[2]
NAMES = {"discord": "Discord", "slack": "Slack, Markdown"}
COUNTED = ("foreign", "images", "pings", "misleading", "invisible")


def measure() -> str:
    """The section of docs/benchmarks.md."""
    about = (__doc__ or "").split("\n\n", 1)[1].strip()
    found = Counter[tuple[str, str]]()
    with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as beside:
        for counted in beside.map(read, range(0, TEXTS, AT_ONCE)):
            found.update(counted)
    rows = [
        [name, f"{TEXTS:,}", f"{found[chat, 'linked']:,}", *(found[chat, k] for k in COUNTED), "0"]
        for chat, name in NAMES.items()
    ]
    head = ["chat", "texts", "linked", *COUNTED, "goal"]
    wrong, lines = masked_lines()
    share = 100 * wrong / lines
    masking = [[f"{lines:,}", wrong, f"{share:.2f} %", judged(share, at_most=0.5)]]
    return f"## What leaves the house\n\n{about}\n\n{table(head, rows)}\n" + table(
        ["ordinary lines", "masked", "share", "goal"], masking
    )


def read(first: int) -> Counter[tuple[str, str]]:
    """What people would meet in a run of texts, by chat and kind."""
    found = Counter[tuple[str, str]]()
    for seed in range(first, first + AT_ONCE):
        text = hostile(Random(seed))
        for chat in NAMES:
            for kind, number in met(chat, Egress(chat).markdown(text, links=ALLOWED)):
                found[chat, kind] += number
    return found


def met(chat: str, text: str) -> Iterable[tuple[str, int]]:
    """What people would meet in one text."""
    seen = READERS[chat](text)
    foreign = seen.foreign(set(ALLOWED))
    yield "foreign", len(foreign)
    yield "linked", len(seen.links) - len(foreign)
    yield "images", len(seen.images)
    yield "pings", len(seen.pings)
    yield "misleading", len(seen.misleading())
    yield "invisible", len(invisible(text))


def masked_lines() -> tuple[int, int]:
    """How many ordinary lines are taken for a secret, of how many."""
    folders = (ROOT / "docs", ROOT / "knowledge" / "examples")
    files = [path for folder in folders for path in sorted(folder.rglob("*.md"))]
    lines = [line for f in files for line in f.read_text(encoding="utf-8").splitlines() if line]
    return sum(masked(line, "[x]") != line for line in lines), len(lines)
