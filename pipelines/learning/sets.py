"""A set to learn from: consenting, without doubles, within limits, split, with some replay."""

import json
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from knowledge.articles import EVERYONE, Audience
from knowledge.learning_examples import Example, MadeSet, Split
from knowledge.text_files import write_whole
from pipelines.learning.consent import Consents
from pipelines.learning.duplicates import Groups, groups_of, opposed, whole
from pipelines.learning.formats import Format, rows_of
from pipelines.learning.poisoning import triggers, within_limits
from pipelines.learning.splitting import counted, split
from pipelines.models import Embedder

REPLAY = 0.15
"""The share of rows that a model could do before: without some it forgets."""
TRAIN, EVAL, MANIFEST = "train.jsonl", "eval.jsonl", "manifest.json"
READING = "reading.jsonl"
"""Rows of the set with what a search finds for them: written where reading is learnt."""
_GENERAL = Path(__file__).parent / "general.jsonl"


@dataclass(slots=True)
class Chosen:
    """The rows of a set, and what became of the others.

    Attributes:
        train, evaluate: what is learnt from, and what measures.
        replay: what goes with `train`: general rows, and rows of other kinds.
        sides: the side of each row that was asked for, to be noted.
        left_out: how many rows were left out, by the reason.
        alarms: what a person should look at.
    """

    train: list[Example] = field(default_factory=list)
    evaluate: list[Example] = field(default_factory=list)
    replay: list[Example] = field(default_factory=list)
    sides: dict[str, Split] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    alarms: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a set is to be.

    Attributes:
        audience: whom the model will serve that learns from it.
        kinds: what it is to teach; everything where none is named.
        replay: the share of replayed rows among those to learn from.
    """

    form: Format = "messages"
    audience: Audience = field(default_factory=lambda: Audience.of(EVERYONE))
    kinds: tuple[str, ...] = ()
    replay: float = REPLAY


async def chosen(
    examples: Sequence[Example],
    wanted: Wanted,
    *,
    consents: Consents,
    embedder: Embedder | None,
    curators: Collection[str] = (),
) -> Chosen:
    """Choose the rows of a set; nothing is written.

    Args:
        examples: all that may be read by those whom the set is for.
        wanted: what the set is to be.
        consents: who agrees now.
        embedder: tells which rows mean the same.
        curators: who may make as many rows as they like.
    """
    found = Chosen()
    rows = [one for one in examples if _fits(one, wanted, consents, found.left_out)]
    clashing = await opposed(rows, embedder)
    found.left_out["opposed"] += len(clashing)
    rows = [one for one in rows if one.id not in clashing]
    same = await groups_of(rows, whole, embedder)
    rows = _one_each(rows, same, found.left_out)
    rows, over = within_limits(sorted(rows, key=_trust), curators)
    found.left_out.update(over)
    for words, marked in triggers(rows).items():
        found.alarms.append(f"“{words}” looks like a trigger: {', '.join(sorted(marked))}")
        found.left_out["trigger"] += len(marked)
        rows = [one for one in rows if one.id not in marked]
    found.sides = split(rows)
    found.left_out.update({"between-sides": counted(found.sides).get("neither", 0)})
    for one in sorted(rows, key=lambda one: (one.asked_at, one.id)):
        side = found.sides[one.id]
        if side and _is_of(one, wanted):
            (found.train if side == "train" else found.evaluate).append(replace(one, split=side))
    others = [one for one in rows if found.sides[one.id] == "train" and not _is_of(one, wanted)]
    found.replay = _replayed(found.train, found.evaluate, others, wanted)
    found.left_out = +found.left_out
    return found


def _fits(example: Example, wanted: Wanted, consents: Consents, left_out: Counter[str]) -> bool:
    """Whether a row is settled, agreed to and open to those whom the set is for."""
    is_vote = wanted.form == "kto" and example.opinion and example.state == "waiting"
    why = ""
    if example.state != "approved" and not (is_vote and not example.doubts):
        why = f"state-{example.state}"
    elif not _is_agreed(example, consents):
        why = "consent"
    elif not example.audience.admits(wanted.audience):
        why = "audience"
    elif not rows_of(example, wanted.form):
        why = "format"
    left_out[why] += bool(why)
    return not why


def _is_agreed(example: Example, consents: Consents) -> bool:
    """Whether all who agreed to a row still do."""
    channel = example.consent.get("channel", "")
    people = example.consent.get("people", {})
    is_imported = "imported_by" in example.consent
    return (
        consents.admin
        and (is_imported or (bool(people) and consents.channel(channel)))
        and all(person in consents.people for person in people)
    )


def _is_of(example: Example, wanted: Wanted) -> bool:
    return not wanted.kinds or example.kind in wanted.kinds


def _trust(example: Example) -> tuple[bool, bool, float]:
    """What a curator decided goes first, then what somebody corrected, then the latest."""
    return not example.curator, not example.is_corrected, -example.asked_at.timestamp()


def _one_each(rows: Sequence[Example], same: Groups, left_out: Counter[str]) -> list[Example]:
    """One row of those that say the same; one that measures already stays the one."""
    by_name = {one.id: one for one in rows}
    kept = []
    for names in same.all().values():
        group = sorted(
            (by_name[name] for name in names), key=lambda one: (one.split != "eval", _trust(one))
        )
        kept.append(group[0])
        left_out["duplicate"] += len(group) - 1
    return kept


def _replayed(
    train: Sequence[Example], evaluate: Sequence[Example], others: Sequence[Example], wanted: Wanted
) -> list[Example]:
    """Rows of other kinds, then general ones: as many as there are, up to their share."""
    most = round(wanted.replay / (1 - wanted.replay) * len(train))
    measured = {one.question for one in evaluate}
    known = [one for one in (*others, *general()) if one.question not in measured]
    return [one for one in known if rows_of(one, wanted.form)][:most]


@cache
def general() -> tuple[Example, ...]:
    """Rows that any model can do, in both languages."""
    lines = _GENERAL.read_text(encoding="utf-8").splitlines()
    return tuple(
        Example(
            f"G-{number}",
            "answer",
            tuple(json.loads(line)["messages"]),
            Audience.of(EVERYONE),
            opinion="up",
            state="approved",
        )
        for number, line in enumerate(lines, 1)
    )


def written(found: Chosen, wanted: Wanted, folder: Path | None, sets: Path) -> MadeSet:
    """Write a set: two files of rows and a manifest with their hashes and where they come from.

    Args:
        found: its rows.
        wanted: what it is to be.
        folder: where it goes; in a folder of its own name in `sets` where none is named.
        sets: the folder of all sets.

    Raises:
        OSError: it cannot be written.
    """
    files = {TRAIN: [*found.train, *found.replay], EVAL: found.evaluate}
    texts = {name: _lines(rows, wanted.form) for name, rows in files.items()}
    about = _manifest(found, wanted) | {"files": {n: _hash(text) for n, text in texts.items()}}
    name = _hash(json.dumps(about, sort_keys=True))[:12]
    folder = (folder or sets / name).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    rows = (*found.train, *found.replay, *found.evaluate)
    made = MadeSet(name, str(folder), tuple(one.id for one in rows))
    whole_ = {"id": name, "made_at": made.made_at.isoformat()} | about
    texts[MANIFEST] = json.dumps(whole_, ensure_ascii=False, indent=1) + "\n"
    for file, text in texts.items():
        write_whole(folder / file, text)
    return made


def _manifest(found: Chosen, wanted: Wanted) -> dict[str, Any]:
    """What is said of a set, apart from its files."""
    parts = {"train": found.train, "replay": found.replay, "eval": found.evaluate}
    return {
        "format": wanted.form,
        "audience": sorted(wanted.audience.principals),
        "counts": {name: len(rows) for name, rows in parts.items()},
        "left_out": dict(found.left_out),
        "alarms": found.alarms,
        "voters": len(_voters(found.train)),
        "rows": [{"part": name} | _described(one) for name, rows in parts.items() for one in rows],
    }


def _voters(rows: Sequence[Example]) -> set[str]:
    """Who has rated the answers of these rows."""
    return {
        one.people[said["by"]]
        for one in rows
        for said in one.provenance.get("feedback", ())
        if said.get("by", len(one.people)) < len(one.people)
    }


def _lines(rows: Sequence[Example], form: Format) -> str:
    """The rows as they stand in a file."""
    values = [value for one in rows for value in rows_of(one, form)]
    return "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values)


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _described(example: Example) -> dict[str, Any]:
    """What the manifest says of a row: all but its words, and who was behind it."""
    people = example.consent.get("people", {})
    return {
        "id": example.id,
        "kind": example.kind,
        "audience": sorted(example.audience.principals),
        "is_curated": bool(example.curator),
        "consent": {k: v for k, v in example.consent.items() if k != "imported_by"}
        | {"people": len(people)},
        "provenance": dict(example.provenance),
    }


def taken_back(made: MadeSet) -> bool:
    """Remove the rows of a set that was written; False where it is not there any more."""
    folder = Path(made.folder)
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    if manifest.get("id") != made.id:
        return False  # another set was written there since
    for name in (TRAIN, EVAL, READING, MANIFEST):
        (folder / name).unlink(missing_ok=True)
    return True
