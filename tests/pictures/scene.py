"""What is said in the scene."""

from typing import Final


class Script:
    """The questions, to which the example handbook has the answers; one it has not for all."""

    question: Final = "How many days of paid leave do members have?"
    follow_up: Final = "And how many may be taken into the next year?"
    spanish: Final = "¿Cuántos días de vacaciones hay al año?"
    board: Final = "What does the chair of the board earn?"


BETTER: Final = "Desde enero hay un día más por cada cinco años en la casa."
