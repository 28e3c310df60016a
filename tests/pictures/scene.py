"""What is said in the scene."""

from typing import Final


class Script:
    """The questions, to which the example handbook has the answers; one it has not for all."""

    question: Final = "How many days of paid leave do members have?"
    follow_up: Final = "And how many may be taken into the next year?"
    spanish: Final = "¿Cuántas horas dura la jornada en el taller?"
    secret: Final = "What does the chair of the board earn?"


BETTER: Final = "Desde enero son 38."
