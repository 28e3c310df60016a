"""Figures, their intervals, and whether two runs differ."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipelines.evaluation import chart
from pipelines.evaluation.cases import Case, CaseSet
from pipelines.evaluation.comparing import compared
from pipelines.evaluation.figures import by_kind, figures
from pipelines.evaluation.intervals import bootstrap, interval, median, wilson
from pipelines.evaluation.results import Result
from pipelines.evaluation.runs import Run, RunDamagedError, RunMissingError, Runs

SETTINGS = {"model": "openai:owl", "retrieval_only": False}


def result(n: int, scores: Mapping[str, float], kind: str = "") -> Result:
    return Result(
        id=str(n), question=f"Question {n}?", kind=kind, language="en", expected="answer",
        scores=scores,
    )  # fmt: skip


def results(rights: Sequence[float], kind: str = "") -> list[Result]:
    return [result(n, {"right": right, "seconds": n + 1}, kind) for n, right in enumerate(rights)]


def test_a_share_has_wilsons_interval_also_where_everything_is_right() -> None:
    low, high = wilson(8, 10)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    low, high = interval([1.0] * 5)
    assert (round(low, 3), high) == (0.566, 1.0)


def test_other_figures_are_resampled_and_the_same_every_time() -> None:
    values = list(np.random.default_rng(1).normal(10, 2, 100))
    low, high = interval(values)
    assert low < np.mean(values) < high
    assert high - low == pytest.approx(2 * 1.96 * np.std(values) / 10, rel=0.15)
    assert interval(values, median) == interval(values, median)


def test_many_questions_are_resampled_in_little_memory() -> None:
    low, high = bootstrap(np.tile([0.0, 0.5], 5_000))
    assert 0.24 < low < 0.25 < high < 0.26


def test_a_metric_without_results_is_no_figure() -> None:
    found = {figure.name: figure for figure in figures(results([1, 1, 0, 1]))}
    assert list(found) == ["right", "seconds_median", "seconds_p95"]
    assert (found["right"].value, found["right"].count) == (0.75, 4)
    assert found["seconds_median"].value == 2.5
    assert found["seconds_p95"].as_json()["unit"] == "s"
    assert figures([]) == []


def test_kinds_are_told_apart_where_a_set_names_them() -> None:
    kinds = by_kind([*results([1, 1], "fact"), *results([0, 1], "list"), *results([0])])
    assert {kind: figure.value for kind, figure in kinds.items()} == {"fact": 1.0, "list": 0.5}
    searched = [result(1, {"ndcg_at_10": 0.5}, "fact"), result(2, {"seconds": 1.0}, "open")]
    assert [figure.name for figure in by_kind(searched).values()] == ["ndcg_at_10"]


def test_a_difference_is_judged_by_pairs() -> None:
    before = results([0.0] * 20 + [1.0] * 20)
    found = compared(results([1.0] * 15 + [0.0] * 5 + [1.0] * 19 + [0.0]), before)
    assert (found.shared, found.verdict) == (40, "better")
    right, *others = found.differences
    assert (right.before, right.after, right.verdict) == (0.5, 0.85, "better")
    assert right.low > 0
    assert {one.verdict for one in others} == {"no difference"}
    assert found.worse == ("Question 39?",)
    assert len(found.better) == 15
    assert compared(before, results([1.0] * 40)).verdict == "worse"


def test_little_that_changed_is_no_difference() -> None:
    wrong, right = results([0.0] * 5), results([1.0] * 5)
    assert compared(right, wrong).verdict == "no difference"
    assert compared(results([1.0] * 6), results([0.0] * 6)).verdict == "better"


def test_lower_is_better_for_seconds() -> None:
    slow = [result(n, {"seconds": 5.0 + n % 3}) for n in range(30)]
    fast = [result(n, {"seconds": 2.0 + n % 3}) for n in range(30)]
    assert {one.verdict for one in compared(fast, slow).differences} == {"better"}
    assert {one.verdict for one in compared(slow, fast).differences} == {"worse"}


def test_a_search_is_compared_with_a_whole_run_by_what_both_have() -> None:
    whole = [result(1, {"right": 0.0, "hit_at_1": 0.0, "ndcg_at_10": 0.5})]
    searched = [result(1, {"hit_at_1": 1.0, "ndcg_at_10": 1.0})]
    found = compared(searched, whole)
    assert [one.name for one in found.differences] == ["hit_at_1", "ndcg_at_10"]
    assert found.better == ("Question 1?",)


def test_runs_with_no_question_in_common_are_not_compared() -> None:
    found = compared([result(1, {"right": 1.0})], [result(2, {"right": 0.0})])
    assert (found.shared, found.differences, found.verdict) == (0, (), "no difference")


CASES = CaseSet("questions.csv", tuple(Case(question=str(n)) for n in range(3)))


async def kept(folder: Path, rights: Sequence[float], kind: str = "") -> Run:
    """A run with these results."""
    run = await Runs(folder).begin(CASES, SETTINGS)
    for one in results(rights, kind):
        await run.add(one)
    await run.finish()
    return run


async def test_a_run_is_kept_and_read_again(tmp_path: Path) -> None:
    first, second = await kept(tmp_path, [1, 0, 1]), await kept(tmp_path, [1, 1])
    runs = Runs(tmp_path)
    assert runs.names() == [first.name, second.name]
    assert second.name.endswith("-2")
    read = await runs.read(first.name)
    assert read.results == first.results
    assert (await runs.read("last")).name == second.name
    value = json.loads((second.folder / "run.json").read_text("utf-8"))
    assert value == second.value()
    assert (value["asked"], value["questions"], value["is_complete"]) == (2, 3, False)
    assert value["settings"]["fingerprint"] == first.value()["settings"]["fingerprint"]


async def test_runs_are_ordered_by_number_and_other_folders_are_none(tmp_path: Path) -> None:
    run = await kept(tmp_path, [1])
    day = run.name.rpartition("-")[0]
    for name in (f"{day}-10", f"{day}-9", "1999-12-31-7", "mine"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.json").write_text("{}", "utf-8")
    names = Runs(tmp_path).names()
    assert names == ["1999-12-31-7", f"{day}-1", f"{day}-9", f"{day}-10"]
    (tmp_path / f"{day}-11").mkdir()  # somebody else begins one at this moment
    assert (await kept(tmp_path, [1])).name == f"{day}-12"


async def test_what_was_measured_before_a_kill_is_read(tmp_path: Path) -> None:
    run = await Runs(tmp_path).begin(CASES, SETTINGS)
    await run.add(results([1])[0])
    with (run.folder / "results.jsonl").open("a") as file:
        file.write('{"id": "2", "sco')
    read = await Runs(tmp_path).read(run.name)
    assert read.results == run.results


async def test_a_run_that_is_not_there_or_damaged_is_named(tmp_path: Path) -> None:
    runs = Runs(tmp_path / "runs")
    with pytest.raises(RunMissingError, match="no run yet"):
        await runs.read("last")
    run = await kept(tmp_path / "runs", [1])
    with pytest.raises(RunMissingError) as caught:
        await runs.read(run.name + "x")
    assert f"Did you mean '{run.name}'?" in caught.value.what_to_do
    (run.folder / "results.jsonl").write_text('{"id": 1}\n{"a": 2}\n', "utf-8")
    with pytest.raises(RunDamagedError, match=r"results\.jsonl is not what a run writes"):
        await runs.read(run.name)
    (run.folder / "run.json").write_text("no", "utf-8")
    with pytest.raises(RunDamagedError, match=r"run\.json"):
        await runs.read(run.name)


async def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(RunDamagedError, match="cannot be written"):
        await Runs(tmp_path / "file" / "runs").begin(CASES, SETTINGS)
    run = await kept(tmp_path / "runs", [1])
    for path in (*run.folder.iterdir(), run.folder):
        path.unlink() if path.is_file() else path.rmdir()
    with pytest.raises(RunDamagedError, match="cannot be written"):
        await run.add(results([1])[0])
    with pytest.raises(RunDamagedError, match="cannot be written"):
        await run.finish()


async def test_a_chart_has_room_for_every_row(tmp_path: Path) -> None:
    alone = await kept(tmp_path, [1, 0, 1])
    with Image.open(await chart.draw(alone)) as image:
        assert image.format == "PNG"
        width, height = image.size
        assert len(image.getcolors(1 << 20) or ()) > 10
    run = await Runs(tmp_path).begin(CASES, SETTINGS)
    some = {"right": 1.0, "false_refusals": 0.0, "facts": 0.5}
    for n in range(3):
        await run.add(result(n, some, kind=f"una pregunta de clase {n}, muy larga" if n else "ñ"))
    with Image.open(await chart.draw(run, alone)) as image:
        assert image.size[0] == width
        assert image.size[1] > height
