"""Lines that decide who may read what, each made wrong, and the test that must notice."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.leaks.nursery import TESTS_FAILED

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Mutant:
    """One wrong line.

    Attributes:
        before: stands in the file exactly once.
        killer: the test that fails with it.
    """

    file: str
    before: str
    after: str
    killer: str

    @property
    def name(self) -> str:
        return f"{self.file}: {self.before.strip()} -> {self.after.strip() or 'nothing'}"

    @property
    def places(self) -> int:
        """How often the line stands in its file."""
        return (ROOT / self.file).read_text(encoding="utf-8").count(self.before)


def survivors(mutants: Sequence[Mutant], **environment: str) -> list[str]:
    """Those that no test notices: it must fail, and not because nothing runs."""
    with TemporaryDirectory(prefix="tertulia-mutants-") as folder:
        done = subprocess.run(
            [sys.executable, "-m", "tests.leaks.nursery"],
            cwd=ROOT,
            input=json.dumps([astuple(mutant) for mutant in mutants]),
            env={
                "PYTHONPATH": str(ROOT),
                "PATH": "/usr/bin:/bin",
                "HOME": folder,
                "TMPDIR": folder,
                **environment,
            },
            stdout=subprocess.PIPE,
            text=True,
            timeout=280,
            check=True,
        )
    statuses = json.loads(done.stdout)
    return [
        f"{mutant.name} ({status})"
        for mutant, status in zip(mutants, statuses, strict=True)
        if status != TESTS_FAILED
    ]


STORE = "tests/knowledge/test_embedded_store.py::TestEmbeddedStore::"
SHARED = f"{STORE}test_one_shared_principal_is_enough_to_read"
HIDDEN = f"{STORE}test_what_the_reader_may_not_open_takes_no_place_in_the_list"
NOW = f"{STORE}test_chunks_that_may_be_read_now_are_told_from_those_that_may_not"
LABELS = f"{STORE}test_an_article_for_other_readers_is_for_those_alone"
PLACES = "tests/bot/test_places.py"
RIGHTS = "tests/leaks/test_rights.py"
CHANNEL = f"{RIGHTS}::test_a_channel_hears_what_all_of_it_may_open_and_nobody_hears_more"
MORE = f"{RIGHTS}::test_who_could_hear_more_in_private_is_told_so_and_nobody_else"
ROOM = f"{RIGHTS}::test_in_a_room_where_others_have_talked_it_is_said_too"
WRITTEN = f"{RIGHTS}::test_a_right_that_is_withdrawn_while_the_answer_is_written_counts"
LAST = f"{RIGHTS}::test_sources_and_receipt_of_the_last_answer_are_shown_to_who_may_open_them_still"
HISTORY = "tests/knowledge/test_history.py::"
CIRCLE = f"{HISTORY}test_what_a_smaller_circle_heard_is_not_told_to_a_larger_one[sqlite]"
FORGOTTEN = (
    f"{HISTORY}test_an_answer_is_forgotten_when_a_source_of_it_may_not_be_read_any_more[sqlite]"
)
CAME_WITH = (
    f"{HISTORY}test_what_came_with_a_question_is_for_those_before_whom_it_was_answered[sqlite]"
)
NAMED = f"{HISTORY}test_a_reply_that_only_names_pages_is_not_remembered[sqlite]"
LOGGED = f"{RIGHTS}::test_the_log_says_nothing_of_what_was_asked_read_or_answered"
INDEXING = "tests/pipelines/test_indexing_rights.py"
SOURCES = (
    "tests/bot/test_rights_of_sources.py::"
    "test_a_right_that_is_withdrawn_during_a_refresh_counts_when_it_ends"
)
FOLLOWING = "tests/bot/test_following.py::"
SETTLING = "tests/bot/test_settling.py::"
OPENED = "test_another_place_opens_nothing_of_the_old_one"
ELASTIC = "tests/knowledge/test_elastic_store.py::TestElasticStore::"
VERSIONS = "tests/knowledge/test_elastic_rights.py"
STRUCK_OUT = "test_what_was_struck_out_of_a_page_is_not_opened_where_the_older_text_still_stands"

IN_A_FOLDER = (
    Mutant(
        "pipelines/dissent.py",
        "if citation.chunk.id in open_now",
        "if citation.chunk.id",
        "tests/pipelines/test_conflicts.py::"
        "test_a_page_that_may_not_be_opened_any_more_is_not_named",
    ),
    Mutant(
        "knowledge/articles.py",
        "not self.principals.isdisjoint(reader.principals)",
        "True",
        PLACES,
    ),
    Mutant(
        "knowledge/articles.py",
        "not self.principals.isdisjoint(reader.principals)",
        "self.principals.isdisjoint(reader.principals)",
        PLACES,
    ),
    Mutant(
        "knowledge/stores/embedded/places.py",
        "[audience.admits(reader) for",
        "[True for",
        SHARED,
    ),
    Mutant(
        "knowledge/stores/embedded/searching.py", "(True, readable & own)", "(True, own)", SHARED
    ),
    Mutant(
        "knowledge/stores/embedded/searching.py",
        "(False, readable & ~own)",
        "(False, ~own)",
        f"{STORE}test_what_is_in_another_language_is_for_its_readers_alone",
    ),
    Mutant(
        "knowledge/stores/embedded/searching.py",
        "((True, readable), (",
        "((True, np.ones_like(readable)), (",
        f"{STORE}test_what_is_in_another_language_is_for_its_readers_alone",
    ),
    Mutant(
        "knowledge/stores/embedded/word_leg.py",
        "AND substr(?, rowid, 1) = x'01'",
        "AND ? IS NOT NULL",
        HIDDEN,
    ),
    Mutant(
        "knowledge/stores/embedded/vector_leg.py",
        "np.flatnonzero(scope[: len(of_row)] & ",
        "np.flatnonzero(",
        HIDDEN,
    ),
    Mutant(
        "knowledge/stores/embedded/store.py",
        "return [chunk for chunk in found if chunk.audience.admits(reader)]",
        "return list(found)",
        SHARED,
    ),
    Mutant(
        "knowledge/stores/embedded/store.py",
        "for name, audience in found.items() if audience.admits(reader)",
        "for name in found",
        NOW,
    ),
    Mutant(
        "knowledge/stores/embedded/writing.py",
        "[(number, generation, row) for row in rows],",
        "[],",
        LABELS,
    ),
    Mutant(
        "knowledge/stores/embedded/tracking.py",
        "[audience for *_, audience, _ in found]",
        "[1 for _ in found]",
        HIDDEN,
    ),
    Mutant(
        "knowledge/history.py",
        "reader.principals.issuperset(row.readers)",
        "True",
        CIRCLE,
    ),
    Mutant(
        "knowledge/history.py",
        "reader.principals.issuperset(row.readers)",
        "reader.principals.issubset(row.readers)",
        CIRCLE,
    ),
    Mutant("knowledge/history.py", " and cited[row.id] <= still", "", FORGOTTEN),
    Mutant("knowledge/history.py", "(row.citations and cited", "(cited", NAMED),
    Mutant(
        "knowledge/history.py",
        "return self.asker in reader.principals or reader.principals >= self.readers",
        "return True",
        CAME_WITH,
    ),
    Mutant(
        "pipelines/retrieval.py",
        "if not reader.principals or not query.strip():",
        "if not query.strip():",
        "tests/pipelines/test_answering.py::test_without_readers_the_model_is_not_asked",
    ),
    Mutant(
        "pipelines/retrieval.py",
        "reader=conversation.audience,\n            beside",
        "reader=conversation.asker,\n            beside",
        CHANNEL,
    ),
    Mutant("pipelines/answering.py", "if not draft.reason and not", "if False and not", WRITTEN),
    Mutant(
        "pipelines/answering.py",
        "return found.only(open_now), left",
        "return found, left",
        WRITTEN,
    ),
    Mutant(
        "pipelines/in_private.py",
        "if not found.chunks or found.chunks[0].chunk.audience.admits(conversation.audience):",
        "if not found.chunks:",
        "tests/pipelines/test_in_private.py",
    ),
    Mutant(
        "bot/places.py",
        "*self.also, *(() if self.has_outsiders else (EVERYONE,))",
        "*self.also, EVERYONE",
        PLACES,
    ),
    Mutant("bot/places.py", "() if self.is_outsider else (EVERYONE,)", "(EVERYONE,)", PLACES),
    Mutant("bot/places.py", "if self.has_outsiders or person.is_outsider:", "if False:", PLACES),
    Mutant("bot/places.py", "if len(set(authors)) == 1 else ()", "", PLACES),
    Mutant(
        "bot/talking.py", "return self.place.audience, self", "return person.rights, self", CHANNEL
    ),
    Mutant(
        "bot/talking.py", "return together, person.rights", "return person.rights, NOBODY", ROOM
    ),
    Mutant("bot/talking.py", "if not cited <= still:", "if False:", LAST),
    Mutant("bot/talking.py", "for one in found if one.chunk in still", "for one in found", LAST),
    Mutant("bot/replying.py", "if answer.more_in_private else", "if True else", MORE),
    Mutant("bot/replying.py", "citations=len(answer.citations)", "said=answer.text", LOGGED),
    Mutant(
        "bot/settling.py",
        "return next(same, Audience())",
        "return next(same, None)",
        f"{SOURCES}[removed]",
    ),
    Mutant(
        "bot/settling.py",
        "audience_now=audience_now",
        "audience_now=lambda: None",
        f"{SOURCES}[narrowed]",
    ),
    Mutant(
        "bot/settling.py",
        "    elif after != known:\n        await app.index.close(entry.name)",
        "    elif after != known:\n        pass",
        f"{SETTLING}{OPENED}",
    ),
    Mutant(
        "bot/settling.py",
        "        await app.index.close(entry.name)\n    known = noted",
        "        pass\n    known = noted",
        f"{SETTLING}test_what_is_kept_of_an_unknown_place_is_shown_to_nobody",
    ),
    Mutant(
        "bot/settling.py",
        "return known.union(await self._app.index.sources())",
        "return known",
        f"{SETTLING}test_a_source_that_only_the_store_knows_is_closed_where_the_file_does_not_name_it",
    ),
    Mutant(
        "bot/source_entry.py",
        'return f"{template}.{_hashed(known)}"',
        "return template",
        f"{SETTLING}test_another_place_behind_a_name_of_the_environment_opens_nothing_old",
    ),
    Mutant("bot/settling.py", "if not may_stay:", "if False:", f"{SETTLING}{OPENED}"),
    Mutant(
        "knowledge/terms.py",
        "return wanted.audience.principals <=",
        "return True or",
        f"{SETTLING}{OPENED}",
    ),
    Mutant(
        "knowledge/terms.py",
        "if self.has_own_audiences or wanted.has_own_audiences:",
        "if False:",
        f"{SETTLING}test_rows_that_say_now_who_may_read_them_are_closed_until_they_are_asked",
    ),
    Mutant(
        "bot/app.py",
        "        await self.settling.look()\n",
        "",
        f"{SETTLING}test_a_file_that_names_fewer_readers_counts_for_whoever_asks_next",
    ),
    Mutant(
        "pipelines/indexing.py",
        "kept, present = (), present - self._unread()",
        "pass",
        f"{SETTLING}test_what_cannot_be_read_at_another_place_is_not_known_from_the_old_one",
    ),
    Mutant(
        "bot/structure.py",
        "SCHEDULE_OF_OWN_READERS if says_who_reads else DEFAULT_SCHEDULE",
        "DEFAULT_SCHEDULE",
        "tests/bot/test_structure.py::test_articles_that_say_who_may_read_them_are_asked_often",
    ),
    Mutant(
        "bot/commands/search.py",
        "reader=readers(author)",
        'reader=readers("terminal:ana")',
        "tests/bot/test_search_command.py::test_only_those_who_may_read_a_page_find_it",
    ),
    Mutant(
        "pipelines/removing.py",
        "    await store.relabel(name, Audience())\n",
        "",
        f"{INDEXING}::test_a_source_that_is_closed_is_read_by_nobody_until_it_is_refreshed",
    ),
    Mutant(
        "pipelines/entries.py", "replace(article, audience=entry.audience)", "article", INDEXING
    ),
    Mutant("pipelines/entries.py", "None if keeps else [], failure", "None, failure", INDEXING),
    Mutant(
        "pipelines/entries.py",
        "entry = replace(entry, audience=self.source.audience)",
        "pass",
        INDEXING,
    ),
    Mutant(
        "pipelines/entries.py",
        "{json.dumps(sorted(entry.audience.principals))}",
        "{' '.join(sorted(entry.audience.principals))}",
        INDEXING,
    ),
    Mutant(
        "pipelines/indexing.py",
        "        await self._keep(batch, outcomes)\n        await self._follow_rights()\n",
        "        await self._keep(batch, outcomes)\n",
        INDEXING,
    ),
    Mutant(
        "pipelines/indexing.py",
        "            await self._store.relabel(name, self._source.audience)\n",
        "            pass\n",
        "tests/pipelines/test_indexing_after_losses.py::"
        "test_a_narrowed_audience_counts_for_a_file_that_broke_meanwhile",
    ),
)

WAITED_FOR = (
    Mutant(
        "bot/settling.py",
        "            await self._app.index.close(name)\n",
        "            pass\n",
        f"{FOLLOWING}test_a_source_that_is_taken_out_is_closed_and_opens_when_it_is_back",
    ),
    Mutant(
        "bot/settling.py",
        "await app.index.relabel(entry.name, wanted.audience)",
        "pass",
        f"{FOLLOWING}test_what_another_process_wrote_for_too_many_is_put_right",
    ),
)
"""Noticed only by waiting for what does not come, some twenty seconds each: for the long run."""

ON_A_SERVER = (
    Mutant(
        "knowledge/stores/elastic/labelling.py",
        "Audience(now.principals & chunk.audience.principals)",
        "chunk.audience",
        f"{VERSIONS}::{STRUCK_OUT}",
    ),
    Mutant(
        "knowledge/stores/elastic/labelling.py",
        "        if (chunk.article, chunk.text_hash) not in texts:",
        "        if False:",
        f"{VERSIONS}::{STRUCK_OUT}",
    ),
    Mutant(
        "knowledge/stores/elastic/rewriting.py",
        "if changed[n] != chunk]",
        "if False]",
        f"{VERSIONS}::test_going_back_opens_nothing_that_was_closed_meanwhile",
    ),
    Mutant(
        "knowledge/stores/elastic/legs.py",
        '[{"terms": {"audience": sorted(reader.principals)}}]',
        "[]",
        f"{ELASTIC}test_one_shared_principal_is_enough_to_read",
    ),
    Mutant(
        "knowledge/stores/elastic/about.py",
        "if not Audience.of(*principals).admits(reader)",
        "if False",
        f"{VERSIONS}::test_a_source_that_cannot_be_labelled_is_closed_all_the_same",
    ),
    Mutant(
        "knowledge/stores/elastic/store.py",
        "        await self._close_beside(article_ids, chunks)\n",
        "",
        f"{VERSIONS}::test_going_back_opens_nothing_that_was_closed_meanwhile",
    ),
    Mutant(
        "knowledge/stores/elastic/bulk.py",
        '"_id": hit["_id"], **place}',
        '"_id": hit["_id"]}',
        f"{VERSIONS}::test_what_changes_while_vectors_are_written_stays_changed",
    ),
    Mutant(
        "knowledge/stores/elastic/store.py",
        "        if self._is_unseen:\n            await self.refresh()\n",
        "",
        f"{VERSIONS}::test_a_writer_that_was_killed_leaves_nothing_that_shows_later",
    ),
)
