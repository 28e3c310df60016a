"""Teams live on both stores, and nobody is ever shown what they may not read.

`python -m tests.leaks 10000` makes as many steps as one likes; here are as many as time allows.
"""

from tests.leaks.living import Life, lived


def check(life: Life) -> None:
    """Something was shown, so that something could have leaked."""
    assert life.seen


def test_nobody_sees_what_they_may_not_read_in_a_folder() -> None:
    check(lived(1500))


def test_nobody_sees_what_they_may_not_read_on_a_server(elasticsearch_url: str) -> None:
    check(lived(250, elasticsearch_url=elasticsearch_url))
