"""The audience of a reply is everybody who can read the place where it is posted."""

import pytest

from bot.places import NOBODY, Person, Place, readers
from knowledge.articles import Audience
from tests.leaks.reference import Kind, Reader, Reference
from tests.leaks.sources import TEAM, audience

TEAM_PAGE, FOR_C9, FOR_ANA = map(Audience.of, ("everyone", "slack:T1:chan:C9", "slack:T1:user:ana"))
ANA = Person("slack:T1:user:ana", frozenset(["slack:T1:chan:C9", "slack:T1:group:G1"]))
GUEST = Person("slack:T1:user:gil", frozenset(["slack:T1:chan:C9"]), is_outsider=True)
C9 = Place("slack:T1:chan:C9")
JOINT = Place("slack:T1:chan:C9", has_outsiders=True)


@pytest.mark.parametrize(
    ("article", "alone", "in_c9", "in_c8", "before_guests", "guest_alone"),
    [
        (TEAM_PAGE, True, True, True, False, False),
        (FOR_C9, True, True, False, True, True),
        (FOR_ANA, True, False, False, False, False),
        (Audience.of("slack:T1:group:G1"), True, False, False, False, False),
        (Audience.of("slack:T1:group:G1", "slack:T1:chan:C8"), True, False, True, False, False),
        (Audience(), False, False, False, False, False),
    ],
)
def test_what_may_be_used_where(
    article: Audience,
    alone: bool,
    in_c9: bool,
    in_c8: bool,
    before_guests: bool,
    guest_alone: bool,
) -> None:
    assert article.admits(ANA.rights) is alone
    assert article.admits(C9.audience) is in_c9
    assert article.admits(Place("slack:T1:chan:C8").audience) is in_c8
    assert article.admits(JOINT.audience) is before_guests
    assert article.admits(GUEST.rights) is guest_alone


def test_whoever_asks_in_a_channel_could_read_all_of_it_and_more_alone() -> None:
    assert C9.alone(ANA).principals == ANA.rights.principals
    assert Place("slack:T1:chan:C8").alone(ANA).principals > ANA.rights.principals


def test_before_outsiders_nobody_is_told_that_there_is_more() -> None:
    assert JOINT.alone(ANA) == NOBODY
    assert C9.alone(GUEST) == NOBODY


def test_where_several_talk_only_what_all_of_the_team_may_read_is_used() -> None:
    assert readers("terminal:ana", "terminal:ben") == Audience.of("everyone")


KINDS: tuple[Kind, ...] = ("member", "guest", "outsider", "bot")


@pytest.mark.parametrize("asker", KINDS)
@pytest.mark.parametrize("beside", [*KINDS, None])
@pytest.mark.parametrize("is_public", [True, False])
def test_no_kind_of_person_reads_a_reply_that_is_not_for_them(
    asker: Kind, beside: Kind | None, is_public: bool
) -> None:
    """Every kind of person beside every other one, in private and in public channels."""
    people: dict[str, Kind] = {"a": asker, "m": "member", **({"b": beside} if beside else {})}
    here = Reference(people, {"g": {"a"}}, {"c": {"a", *(["b"] if beside else [])}})
    here.public = {"c"} if is_public else set()
    everybody = here.readers_of("c")
    has_outsiders = not all(map(here.is_of_the_team, everybody))
    place = Place(f"{TEAM}:chan:c", has_outsiders=has_outsiders)
    person = Person(
        f"{TEAM}:user:a",
        frozenset([f"{TEAM}:chan:c", f"{TEAM}:group:g"]),
        is_outsider=not here.is_of_the_team("a"),
    )
    every: list[Reader] = [("everyone", ""), ("channel", "c"), ("group", "g")]
    for reader in [*every, *(("user", name) for name in people)]:
        article = audience(frozenset([reader]))
        if article.admits(place.audience):
            assert all(here.is_one_of(one, reader) for one in everybody)
        if article.admits(person.rights):
            assert here.is_one_of("a", reader)
