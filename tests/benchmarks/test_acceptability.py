"""Sentences with and without faults: what is learnt and what measures have nothing in common."""

import re
from collections import Counter

from tests.benchmarks.acceptability import LEARNT, MEASURING, RULES, Part, sentences

# Articles, prepositions and auxiliaries: no sentence does without them.
GRAMMAR = {
    *("this", "these", "is", "are", "was", "were", "has", "have", "to", "not", "never"),
    *("el", "la", "los", "las", "a", "en", "con", "sin", "contra", "para"),
}


def words_of(parts: tuple[Part, ...]) -> set[str]:
    found = [frame for part in parts for frame in part.frames]
    found += [
        text for part in parts for some in part.nouns.values() for two in some for text in two
    ]
    return set(re.findall(r"\w+", " ".join(found))) - {"person", "thing"}


def test_what_measures_shares_neither_frames_nor_nouns_with_what_is_learnt() -> None:
    assert words_of(LEARNT) & words_of(MEASURING) <= GRAMMAR
    assert not {frame for part in LEARNT for frame in part.frames} & {
        frame for part in MEASURING for frame in part.frames
    }


def test_seven_in_ten_are_acceptable_and_all_rules_are_broken_alike() -> None:
    counted = Counter(one.broken for one in sentences(MEASURING, 100, "seed"))

    assert counted == {"": 70, **dict.fromkeys(RULES, 6)}


def test_they_are_the_same_of_a_seed_and_others_of_another() -> None:
    some = sentences(LEARNT, 160, "1")

    assert some == sentences(LEARNT, 160, "1")
    assert some != sentences(LEARNT, 160, "2")
    assert len({one.text for one in some}) == 160


def test_a_fault_never_leaves_an_acceptable_sentence() -> None:
    some = sentences((*LEARNT, *MEASURING), 3000, "many")
    right = {one.text for one in some if not one.broken}

    assert not [one for one in some if one.broken and one.text in right]


def test_a_sentence_is_written_as_people_write() -> None:
    texts = [one.text for one in sentences((*LEARNT, *MEASURING), 400, "texts")]

    assert not [text for text in texts if not re.fullmatch(r"¿?[A-ZÁ][^+~/]*[.?]", text)]
    assert not [text for text in texts if "  " in text or re.search(r"\b(person|thing)\b", text)]
