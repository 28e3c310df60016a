"""Wrong lines about what a source has withdrawn, and about readers who are nobody."""

from tests.leaks.mutants import Mutant

_CURSORS = "tests/pipelines/test_indexing_since_cursors.py::"
_NOBODY = (
    f"{_CURSORS}test_a_page_for_a_reader_who_is_nobody_is_named_also_when_it_is_looked_at_again"
)

WITHDRAWN = (
    Mutant(
        "pipelines/entries.py",
        "            _check_readers(article.audience)\n",
        "            pass\n",
        _NOBODY,
    ),
    Mutant(
        "pipelines/entries.py", "keeps and not isinstance(error, NobodyError)", "keeps", _NOBODY
    ),
    Mutant(
        "pipelines/entries.py",
        "keeps and is_known and isinstance(error, WithdrawnError)",
        "False",
        f"{_CURSORS}test_a_page_that_is_withdrawn_is_found_by_nobody_until_it_is_shown_again",
    ),
)
