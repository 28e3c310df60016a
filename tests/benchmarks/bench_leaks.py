"""Whether anybody is shown what they may not read, and for how long a withdrawn right still counts.

*Teams*: made-up teams live on a store, fifty steps each: people of six kinds join, leave and ask,
in private, in channels and in threads; pages are written, edited, moved, closed and deleted;
refreshes are killed; on Elasticsearch new versions are built, taken into use and left again. Every
page has words of its own. The model answers with its whole prompt, so that whatever reached it is
seen. Everything that anybody sees, and the log, is compared with a plain model of
the rights. *Shown* counts such words where they were rightly seen: without any nothing is tested.
*Wrong lines*: each line of ours that decides who may read what is made wrong, and a test must fail.
*Withdrawn*: one process serves with our defaults, another one searches; the clock runs from the
change at the source or in `tertulia.toml` to the first search that does not find the page. All of
this goes on at the same time.
"""

import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from elasticsearch import Elasticsearch

from tests.benchmarks.elastic_server import URL
from tests.benchmarks.report import judged, table
from tests.leaks.living import Life, lived
from tests.leaks.mutants import IN_A_FOLDER, ON_A_SERVER, WAITED_FOR, Mutant, survivors
from tests.leaks.withdrawals import withdrawn

STEPS, RIGHTS, LONGEST_S = 10_000, 20, 60.0
WAYS = {"file": "the audience of a source, in the file", "articles": "the readers of an article"}


def measure() -> str:
    """The section of docs/benchmarks.md."""
    about = (__doc__ or "").split("\n\n", 1)[1].strip()
    server = URL if _answers() else ""
    with ProcessPoolExecutor(3, get_context("spawn")) as beside:
        teams = {"embedded": beside.submit(lived, STEPS)}
        if server:
            teams["Elasticsearch"] = beside.submit(lived, STEPS, elasticsearch_url=server)
        rights = beside.submit(withdrawn, RIGHTS)
        killed = _killed(server)
        lives = [_life(store, life.result()) for store, life in teams.items()]
        rows = [killed, *_rights(rights.result())]
    head = ["store", "steps", "shown", "hints", "leaks", "goal"]
    return (
        f"## Who may read what\n\n{about}\n\n{table(head, lives)}\n{table(['', '', 'goal'], rows)}"
    )


def _answers() -> bool:
    with Elasticsearch(URL, request_timeout=5, retry_on_timeout=False, max_retries=0) as server:
        is_there = server.ping()
    if not is_there:
        sys.stderr.write("leaks: the embedded store alone, no Elasticsearch answers\n")
    return is_there


def _life(store: str, life: Life) -> list[object]:
    """A life that ended had no leak: the first one would have ended it with an error."""
    return [store, f"{life.steps:,}", f"{life.seen:,}", life.hints, 0, 0]


def _killed(server: str) -> list[str]:
    mutants: list[Mutant] = [*IN_A_FOLDER, *WAITED_FOR]
    survived = survivors(mutants)
    if server:
        mutants += ON_A_SERVER
        survived += survivors(ON_A_SERVER, TERTULIA_TEST_ELASTICSEARCH_URL=server)
    for name in survived:
        sys.stderr.write(f"survived: {name}\n")
    return [
        "wrong lines that a test notices",
        f"{len(mutants) - len(survived)} of {len(mutants)}",
        "all" + (" **short**" if survived else ""),
    ]


def _rights(found: Mapping[str, Sequence[float]]) -> list[list[str]]:
    rows = []
    for way, times in found.items():
        ordered = sorted(times)
        late = ordered[round(0.95 * (len(ordered) - 1))]
        median = ordered[len(ordered) // 2]
        what = f"withdrawn: {WAYS[way]}, {len(ordered)} times; seconds"
        figures = f"median {median:.0f}, p95 {late:.0f}, longest {ordered[-1]:.0f}"
        rows.append([what, figures, f"p95 {judged(late, at_most=LONGEST_S, digits=0)}"])
    return rows
