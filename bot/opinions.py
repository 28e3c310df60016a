"""What can be wrong with an answer, and how it is worded."""

from knowledge.conversations import Fault

FAULTS: dict[Fault, str] = {
    "wrong": "feedback-wrong",
    "outdated": "feedback-outdated",
    "not-allowed": "feedback-not-allowed",
    "style": "feedback-style",
    "other": "feedback-other",
}
"""The key of the words, by what was wrong."""


def fault_of(name: str) -> Fault:
    """The fault of this name, as a form sends it; none for any other name."""
    return next((fault for fault in FAULTS if fault == name), "")
