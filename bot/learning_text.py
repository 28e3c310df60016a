"""Examples as people read them, and as programs do."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from knowledge.learning_examples import Example

_SHOWN = 70
WHY = {
    "no-admin": "nothing is learnt unless [learning] in tertulia.toml says consent = true",
    "no-channel": "the channel has not agreed (learns = true)",
    "no-terms": "the terms of the chat are not named under [learning] terms",
    "no-person": "whoever asked had not agreed by then (/learn on)",
    "no-opinion": "nobody who agreed and is no stranger has said anything of the answer",
    "attached": "the answer rests on files that came along, or on tools",
    "passages-gone": "a passage is closed, changed or removed",
    "no-answer": "it was no answer but a question back, a form or the like",
    "no-passages": "the answer rests on nothing",
    "no-common-reader": "nobody may read all of its passages",
    "personal-data": "personal data could not be taken out",
    "length": "it is too long, or empty",
}
"""What is said of answers from which nothing is made, by the reason."""


def value(one: "Example") -> dict[str, Any]:
    """A row as a JSON value; who was behind it is not told."""
    people = one.consent.get("people", {})
    return {
        "id": one.id,
        "state": one.state,
        "kind": one.kind,
        "messages": [dict(turn) for turn in one.messages],
        "given": one.given,
        "opinion": one.opinion,
        "doubts": list(one.doubts),
        "audience": sorted(one.audience.principals),
        "split": one.split,
        "curator": one.curator,
        "asked_at": one.asked_at.isoformat(timespec="seconds"),
        "consent": {**one.consent, "people": len(people)},
        "provenance": dict(one.provenance),
    }


def lines(one: "Example") -> list[str]:
    """A row with where it came from, a line each."""
    about = one.provenance
    shown = [f"{one.id}: {one.state}, teaches: {one.kind}, for {_names(one.audience.principals)}"]
    shown += [f"{turn['role']}: {turn['content']}" for turn in one.messages]
    shown += [f"given was: {one.given}"] if one.given else []
    shown += [f"people said: {one.opinion}"] if one.opinion else []
    shown += [f"look twice: {', '.join(one.doubts)}"] if one.doubts else []
    shown += [f"passage: {p['article']} ({p['version'][:8]})" for p in about.get("passages", ())]
    made = {key: about.get(key) for key in ("persona", "model", "adapter", "answer", "file")}
    shown.append("from: " + ", ".join(f"{key} {said}" for key, said in made.items() if said))
    agreed = one.consent.get("channel") or one.consent.get("terms", "")
    shown.append(f"agreed: {agreed}, {len(one.consent.get('people', {}))} people")
    return shown


def short(text: str) -> str:
    """The beginning of a text, in one line."""
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"


def _names(principals: frozenset[str]) -> str:
    return ", ".join(sorted(principals)) or "nobody"
