"""A team that lives for some hundred steps, compared with the reference after each of them."""

import asyncio
import re
from collections.abc import Collection, Coroutine
from contextlib import suppress
from dataclasses import replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.places import Person, Place
from knowledge.articles import Audience
from knowledge.stores.elastic import VersionError
from tests.leaks.reference import Document, Reader, Reference
from tests.leaks.sources import TEAM, TOPICS, Page, Shelf, audience
from tests.leaks.stores import InAFolder, Stores
from tests.leaks.tertulia import Tertulia

T = TypeVar("T")
CANARY = re.compile(r"t?canary\d{5}x|path\d{5}x")
EVERYONE: Reader = ("everyone", "")
PEOPLE = ("ana", "ben", "eva", "gil", "olu", "bip")
CHANNELS = ("town", "board", "joint")
WHERE = ("alone", "room", *CHANNELS)
SHELVES = ("wiki", "vault", "chats")

people, channels, shelves = (st.sampled_from(names) for names in (PEOPLE, CHANNELS, SHELVES))
where, topics = st.sampled_from(WHERE), st.sampled_from(TOPICS)
one_reader = st.one_of(
    st.just(EVERYONE),
    people.map(lambda name: ("user", name)),
    st.just(("group", "bosses")),
    channels.map(lambda name: ("channel", name)),
)
some_readers = st.frozensets(one_reader, max_size=2)
picks = st.integers(0, 99)


class Team(RuleBasedStateMachine):
    """Each rule is a step; whatever comes out is read by those who would read it.

    Attributes:
        steps: of all teams so far.
        seen: canaries that somebody was shown, of all teams: without any, nothing was tested.
        hints: how often somebody was told that there is more in private.
    """

    steps: ClassVar[int] = 0
    seen: ClassVar[int] = 0
    hints: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self._loop = asyncio.Runner()
        self._folder = TemporaryDirectory(prefix="tertulia-leaks-")
        self.folder = Path(self._folder.name)
        self._numbers = count()
        self.reference = Reference(
            people={
                **dict.fromkeys(("ana", "ben", "eva"), "member"),
                "gil": "guest",
                "olu": "outsider",
                "bip": "bot",
            },
            groups={"bosses": {"ana"}},
            channels={"town": {"ana"}, "board": {"ana", "ben"}, "joint": {"ana", "olu"}},
            public={"town"},
        )
        self.shelves = {
            "wiki": Shelf("wiki", frozenset([EVERYONE])),
            "vault": Shelf("vault", frozenset([("channel", "board")])),
            "chats": Shelf("chats", frozenset([EVERYONE]), has_own_audiences=True),
        }
        self.in_the_room: set[str] = set()
        self.keeps_old = False
        self.stores = self.make_stores()
        self.tertulia = Tertulia(self.folder, self.stores.searched)
        self._run(self.tertulia.__aenter__())
        for name, shelf in self.shelves.items():
            for topic in TOPICS:
                self._write(shelf, topic, frozenset([("user", "ana")]) if name == "chats" else None)
            self._refreshed(shelf)

    def make_stores(self) -> Stores:
        return InAFolder(self.folder / "store")

    def teardown(self) -> None:
        self._run(self.tertulia.__aexit__())
        self._run(self.stores.remove())
        self._loop.close()
        self._folder.cleanup()
        type(self).steps -= 1  # the invariant is looked at once before the first step

    @invariant()
    def counted(self) -> None:
        type(self).steps += 1

    @invariant()
    def logged_nothing_that_was_read(self) -> None:
        assert not CANARY.search(repr(self.tertulia.logged))
        self.tertulia.logged.clear()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run(work)

    # People and places

    @rule(channel=channels, person=people)
    def join(self, channel: str, person: str) -> None:
        self.reference.channels[channel].add(person)

    @rule(channel=channels, person=people)
    def leave(self, channel: str, person: str) -> None:
        self.reference.channels[channel].discard(person)

    @rule(person=st.sampled_from(("ana", "ben", "eva")), is_in=st.booleans())
    def change_group(self, person: str, is_in: bool) -> None:
        group = self.reference.groups["bosses"]
        group.add(person) if is_in else group.discard(person)

    @rule(channel=st.sampled_from(("town", "board")), is_public=st.booleans())
    def make_public_or_private(self, channel: str, is_public: bool) -> None:
        public = self.reference.public
        public.add(channel) if is_public else public.discard(channel)

    @rule(is_active=st.booleans())
    def deactivate(self, is_active: bool) -> None:
        self.reference.people["eva"] = "member" if is_active else "deactivated"

    # Documents

    @rule(shelf=shelves, topic=topics, readers=st.none() | some_readers)
    def write(self, shelf: str, topic: str, readers: frozenset[Reader] | None) -> None:
        self._write(self.shelves[shelf], topic, readers)

    def _write(self, shelf: Shelf, topic: str, readers: frozenset[Reader] | None) -> None:
        if len(shelf.pages) < 6:
            path = f"path{next(self._numbers):05}x.md"
            shelf.pages[path] = Page(topic, self._canary(), readers)

    def _canary(self) -> str:
        return f"canary{next(self._numbers):05}x"

    def _page(self, shelf: str, pick: int) -> str | None:
        paths = sorted(self.shelves[shelf].pages)
        return paths[pick % len(paths)] if paths else None

    @rule(shelf=shelves, pick=picks, how=st.sampled_from(("edit", "break", "move", "delete")))
    def change(self, shelf: str, pick: int, how: str) -> None:
        pages, path = self.shelves[shelf].pages, self._page(shelf, pick)
        if path is None:
            return
        if how == "edit":
            pages[path] = replace(pages[path], canary=self._canary())
        elif how == "break":
            pages[path] = replace(pages[path], is_broken=not pages[path].is_broken)
        elif how == "move":
            pages[f"path{next(self._numbers):05}x.md"] = pages.pop(path)
        else:
            del pages[path]

    @rule(pick=picks, readers=some_readers | st.none())
    def change_readers(self, pick: int, readers: frozenset[Reader] | None) -> None:
        path = self._page("chats", pick)
        if path is not None:
            page = self.shelves["chats"].pages[path]
            self.shelves["chats"].pages[path] = replace(page, readers=readers)

    @rule(name=shelves, readers=some_readers)
    def change_readers_of_a_source(self, name: str, readers: frozenset[Reader]) -> None:
        """As `source add --replace --audience` does: it counts at once where it is for all."""
        shelf = self.shelves[name]
        shelf.readers = readers
        if not shelf.has_own_audiences:
            stores = self._run(self.stores.every(self.tertulia.store))
            self._run(self.tertulia.relabel(shelf, stores))
            for document in self._documents(shelf).values():
                document.follow(readers)

    # Refreshes, also those that are killed

    @rule(name=shelves)
    def refresh(self, name: str) -> None:
        self._refreshed(self.shelves[name])

    @rule(name=shelves, at=st.integers(0, 5))
    def be_killed_while_listing(self, name: str, at: int) -> None:
        shelf = self.shelves[name]
        shelf.breaks_at = at if at < len(shelf.pages) else -1
        self._refreshed(shelf, is_listed=shelf.breaks_at < 0)
        shelf.breaks_at = -1

    @rule(name=shelves)
    def be_killed_before_it_was_written_down(self, name: str) -> None:
        self._refreshed(self.shelves[name], dies=bool(self.shelves[name].pages))

    def _refreshed(self, shelf: Shelf, *, is_listed: bool = True, dies: bool = False) -> None:
        into = self._run(self.stores.written(self.tertulia.store))
        self._run(self.tertulia.refresh(shelf, into, dies=dies))
        known = self._documents(shelf)
        if not shelf.has_own_audiences:
            for document in known.values():
                document.follow(shelf.readers)
        if is_listed:
            self._looked_at(shelf, known)
        if is_listed and not dies:
            for key in known.keys() - {f"{shelf.name}:{path}" for path in shelf.pages}:
                del self.reference.documents[key]

    def _looked_at(self, shelf: Shelf, known: dict[str, Document]) -> None:
        for path, page in shelf.pages.items():
            own = page.readers if shelf.has_own_audiences else None
            readers = shelf.readers if own is None else own
            old = known.get(f"{shelf.name}:{path}")
            whole = {page.canary, f"t{page.canary}", path.removesuffix(".md")}
            canaries = frozenset[str]() if page.is_broken else frozenset(whole)
            older = _older(old) if old and (page.is_broken or self.keeps_old) else {}
            if canaries or older:
                older = {canary: older[canary] for canary in older.keys() - canaries}
                document = Document(readers, canaries, not page.is_broken, older)
                self.reference.documents[f"{shelf.name}:{path}"] = document

    def _documents(self, shelf: Shelf) -> dict[str, Document]:
        known = self.reference.documents
        return {key: known[key] for key in known if key.startswith(f"{shelf.name}:")}

    @rule()
    def restart(self) -> None:
        self._run(self.tertulia.reopen())

    @precondition(lambda self: self.stores.has_versions)
    @rule(how=st.sampled_from(("begin", "swap", "swap", "roll back")))
    def change_the_version(self, how: str) -> None:
        self.keeps_old = True
        if how == "begin":
            self._run(self.stores.begin_version())
        elif how == "swap":
            for shelf in self.shelves.values():
                self._refreshed(shelf)
            self._run(self.stores.swap())
        else:
            with suppress(VersionError):  # there is none before
                self._run(self.stores.roll_back())
        self._run(self.tertulia.reopen())

    # Questions

    def _person(self, name: str) -> Person:
        """Somebody as the platform knows them at this moment."""
        reference = self.reference
        readers: list[Reader] = [("group", g) for g, who in reference.groups.items() if name in who]
        readers += [("channel", c) for c in CHANNELS if name in reference.readers_of(c)]
        own = f"{TEAM}:user:{name}"
        belongs_to = audience(frozenset(readers)).principals
        return Person(own, belongs_to, is_outsider=not reference.is_of_the_team(name))

    def _place(self, at: str) -> Place | None:
        if at not in CHANNELS:
            return None
        everybody = self.reference.readers_of(at)
        has_outsiders = not all(map(self.reference.is_of_the_team, everybody))
        return Place(f"{TEAM}:chan:{at}", has_outsiders=has_outsiders)

    def _comes(self, name: str, at: str) -> bool:
        """Whether somebody can talk there; only people of the team meet in a terminal."""
        if self.reference.people[name] == "deactivated":
            return False
        if at == "room":
            return self.reference.is_of_the_team(name)
        return at == "alone" or name in self.reference.readers_of(at)

    def _viewers(self, name: str, at: str) -> Collection[str]:
        if at == "alone":
            return {name}
        if at == "room":
            self.in_the_room.add(name)
            return {p for p in self.in_the_room if self.reference.people[p] != "deactivated"}
        return self.reference.readers_of(at)

    def _check(self, seen: str, viewers: Collection[str]) -> None:
        found = set(CANARY.findall(seen))
        type(self).seen += len(found)
        for person in viewers:
            leaked = {canary for canary in found if not self.reference.may_see(person, canary)}
            assert not leaked, f"{person} was shown {sorted(leaked)}"

    @rule(
        name=people,
        at=where,
        thread=st.sampled_from("12"),
        question=st.one_of(
            topics.map(lambda topic: f"What is the rule of {topic}?"),
            st.sampled_from(("And why is it so?", "Who knows about it?", "Tell me that again.")),
        ),
    )
    def ask(self, name: str, at: str, thread: str, question: str) -> None:
        if not self._comes(name, at):
            return
        viewers = self._viewers(name, at)
        conversation = f"{at}-{name if at == 'alone' else ''}-{'' if at == 'room' else thread}"
        talk = self.tertulia.talk(self._person(name), self._place(at), conversation)
        seen = self._run(self.tertulia.ask(talk, question))
        self._check(seen.text, viewers)
        if seen.more_in_private:
            self._check_hint(name, at, viewers)

    def _check_hint(self, name: str, at: str, viewers: Collection[str]) -> None:
        """Told before people of the team alone, and only where there is more for the asker."""
        type(self).hints += 1
        assert all(map(self.reference.is_of_the_team, viewers))
        place = self._place(at)
        here = place.audience if place else Audience.of("everyone")
        assert any(
            self.reference.may_see(name, canary)
            for document in self.reference.documents.values()
            for canary in (*document.canaries, *document.older)
            if not audience(document.readers).admits(here)
        )

    @rule(pick=picks)
    def read_the_last_answer_again(self, pick: int) -> None:
        talks = sorted(self.tertulia.talks)
        if not talks:
            return
        principal, conversation = talks[pick % len(talks)]
        name, at = principal.rpartition(":")[2], conversation.split("-")[0]
        if self._comes(name, at):
            viewers = self._viewers(name, at)
            talk = self.tertulia.talk(self._person(name), self._place(at), conversation)
            self._check(self._run(self.tertulia.recall(talk)).text, viewers)

    def _search(self, query: str, reader: Audience) -> list[str]:
        found = self._run(self.tertulia.retriever.search(query, reader=reader, top=100))
        return [f"{chunk.article} {chunk.title} {chunk.text}" for chunk, _ in found]

    @rule(name=people, at=where, topic=topics)
    def search(self, name: str, at: str, topic: str) -> None:
        if self._comes(name, at) and at != "room":
            place = self._place(at)
            reader = place.audience if place else self._person(name).rights
            self._check(" ".join(self._search(topic, reader)), self._viewers(name, at))

    @rule(name=people, pick=picks)
    def search_for_one_document(self, name: str, pick: int) -> None:
        """A search that is right finds it for those who may open it, and for nobody else."""
        documents = self.reference.documents
        if not documents or not self._comes(name, "alone"):
            return
        key = sorted(documents)[pick % len(documents)]
        held = (*documents[key].canaries, *documents[key].older)
        canary = min(c for c in held if c.startswith("canary"))
        found = " ".join(self._search(canary, self._person(name).rights))
        self._check(found, {name})
        is_found = canary in found
        may_see = self.reference.may_see(name, canary)
        assert may_see or not is_found
        assert is_found or not may_see or self.keeps_old or not documents[key].is_whole

    @rule(name=people, topic=topics)
    def search_with_one_right_less(self, name: str, topic: str) -> None:
        rights = sorted(self._person(name).rights.principals)
        everything = set(self._search(topic, Audience.of(*rights)))
        for left_out in rights:
            fewer = Audience.of(*(right for right in rights if right != left_out))
            assert everything.issuperset(self._search(topic, fewer))

    @rule(name=people, topic=topics)
    def search_beside_what_is_forbidden(self, name: str, topic: str) -> None:
        """A document that one may not read changes nothing of what one sees."""
        if self.keeps_old:
            return
        reader = self._person(name).rights
        before = self._search(topic, reader)
        secret = Shelf("secret", frozenset(), has_own_audiences=True)
        for readers in (frozenset[Reader](), frozenset([("user", "nobody")])):
            page = Page(topic, self._canary(), readers)
            secret.pages[f"path{next(self._numbers):05}x.md"] = page
        self._run(self.tertulia.refresh(secret, self.tertulia.store))
        assert self._search(topic, reader) == before
        secret.pages.clear()
        self._run(self.tertulia.refresh(secret, self.tertulia.store))
        assert self._search(topic, reader) == before


def _older(document: Document) -> dict[str, frozenset[frozenset[Reader]]]:
    """What a document held: each canary, and whom it was for at one time."""
    now = dict.fromkeys(document.canaries, frozenset[frozenset[Reader]]())
    return {canary: times | {document.readers} for canary, times in (document.older | now).items()}
