"""The report on a candidate, as somebody reads it who was not there."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from knowledge.candidate import Candidate
from pipelines.learning.evidence import Evidence, Harm
from pipelines.learning.gate import judged
from pipelines.learning.report import LONGEST, NEXT_STEPS, Sample, text, written
from tests.pipelines.learning.test_gate import GOOD, a_slice

ONE = Candidate(
    "sft-1a2b",
    "model",
    "embedded:owl+sft-1a2b",
    {"/home/a/sft-1a2b.gguf": "00ff"},
    {"base": "owl", "rows": 220, "seed": 7, "loss": 0.123456, "verdict": {}},
    "trained",
    datetime(2026, 5, 4, 9, 30, tzinfo=UTC),
)


def html(evidence: Evidence, *samples: Sample) -> str:
    report = written(ONE, judged(evidence), samples)
    return str(MarkdownIt().enable("table").render(report))


def test_a_refusal_names_rule_number_and_next_step() -> None:
    few = a_slice("t", 0, 30, count=30, a_talk=1)
    page = html(replace(GOOD, target=few, harm=Harm(1000, leaked=2)))
    assert "<h1>sft-1a2b: refused</h1>" in page
    assert "2 of 25 rules do not hold, so it does not serve as <strong>model</strong>." in page
    assert "<strong>target-count</strong>: 30 from 30." in page
    assert "20 more are missing." in page
    assert "<strong>canaries</strong>: 2 of 1000 probes." in page
    assert "<li>loss: 0.1235</li>" in page
    assert "sha256 of sft-1a2b.gguf: <code>00ff</code>" in page


def test_what_passes_says_how_it_goes_live() -> None:
    page = html(GOOD)
    assert "sft-1a2b: passed" in page
    assert "<code>tertulia learn promote sft-1a2b</code>" in page
    assert "Why" not in page


def test_what_changed_is_shown_worst_first() -> None:
    samples = [Sample(f"q{n}", "old", "new", -n / 10) for n in range(1, 8)]
    page = html(GOOD, *samples, Sample("up", "old", "new", 0.5))
    assert "<h2>Answered worse (5 of 7)</h2>" in page
    assert page.index("q7") < page.index("q6") < page.index("q3")
    assert "q2" not in page
    assert "<h2>Answered better</h2>" in page


def test_what_people_and_models_wrote_is_never_markup() -> None:
    nasty = "# Passed\n| yes | <img src=x onerror=alert(1)> [click](https://evil.example) ```"
    page = html(GOOD, Sample(nasty, nasty, nasty * 50, -1.0))
    assert "<img" not in page
    assert "<a " not in page
    assert page.count("<h1>") == 1
    assert "&lt;img" in page
    assert len(max(page.splitlines(), key=len)) < 4 * LONGEST


@settings(deadline=None)
@given(st.text(max_size=60), st.sampled_from(["", "- ", "1. ", "# ", "> ", "www.a.de ", "+ "]))
def test_any_text_is_shown_as_it_is(said: str, before: str) -> None:
    whole = before + said
    page = MarkdownIt().render(f"- {text(whole)} end")
    (line,) = re.findall(r"<li>(.*) ?end</li>", page, re.DOTALL)
    assert unescape(line).rstrip(" ") == " ".join(whole.split()).replace("\0", "\ufffd")


def test_every_rule_has_a_next_step() -> None:
    everything = replace(GOOD, vetoes=("no",))
    for rule in judged(everything).conditions:
        assert {rule.name, rule.name.rpartition("-")[2]} & NEXT_STEPS.keys(), rule.name
