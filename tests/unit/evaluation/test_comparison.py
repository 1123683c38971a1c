"""Saved reports, read back and compared."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sensorium.core.errors import BadInput, WriteFailed
from sensorium.core.items import Modality
from sensorium.evaluation.comparison import COMPARE_SCHEMA, compare
from sensorium.evaluation.measures import Judged
from sensorium.evaluation.plots import draw_comparison
from sensorium.evaluation.reports import SuiteReport, System, report_of
from sensorium.evaluation.saving import SavedReport, read_report, save_report
from sensorium.evaluation.tasks import Entry, Task

QUERIES = 60


def task(name: str = "t", *, word: str = "x", clusters: Sequence[str] = ()) -> Task:
    queries = tuple(Entry(id=f"q{number}", modality=Modality.TEXT, text=word) for number in range(QUERIES))
    answers = tuple(Entry(id=f"a{number}", modality=Modality.IMAGE, path=Path("p")) for number in range(30))
    return Task(
        name=name,
        queries=queries,
        gallery=answers,
        grades=tuple({"a0": 1} for _ in queries),
        clusters=tuple(clusters) or tuple(query.id for query in queries),
    )


def report(ranks: Sequence[int], of: Task | None = None, space: str = "s-1-ab") -> SuiteReport:
    """One right answer to each query, at this rank."""
    asked = of or task()
    grades = np.zeros((QUERIES, 20), dtype=np.int64)
    grades[np.arange(QUERIES), np.array(ranks) - 1] = 1
    told = report_of(asked, Judged(grades=grades, right=[[1]] * QUERIES), gallery=30, depth=20)
    system = System(space=space, index="flat/1", settings={"probes": 4})
    return SuiteReport(suite="My suite", kind="pairs", system=system, tasks=(told,), seconds=1.0)


def saved(folder: Path, ranks: Sequence[int], of: Task | None = None) -> SavedReport:
    return read_report(save_report(report(ranks, of), folder))


GOOD, BAD = [1] * 50 + [5] * 10, [1] * 10 + [5] * 50


def by_measure(a: SavedReport, b: SavedReport) -> Mapping[str, object]:
    return {row.measure: row for row in compare(a, b).differences}


def test_a_report_is_read_back_as_it_was(tmp_path: Path) -> None:
    told = report(GOOD)
    (read,) = read_report(save_report(told, tmp_path / "new" / "folder")).tasks
    assert (read.name, read.data, list(read.ids)) == ("t", told.tasks[0].data, list(told.tasks[0].ids))
    np.testing.assert_allclose(read.values["RR"], told.tasks[0].values["RR"], atol=1e-6)


def test_what_was_measured_is_told_with_its_settings(tmp_path: Path) -> None:
    assert saved(tmp_path, GOOD).system == "s-1-ab, flat/1, probes 4"


def test_intervals_of_a_report_are_over_clusters() -> None:
    alone, together = report(GOOD), report(GOOD, task(clusters=["one"] * QUERIES))
    assert alone.tasks[0].figures["RR"].low < alone.tasks[0].figures["RR"].high
    assert together.tasks[0].figures["RR"].low == together.tasks[0].figures["RR"].high
    assert together.tasks[0].clusters == 1


def test_a_clear_difference_is_called_clear_in_its_direction(tmp_path: Path) -> None:
    row = by_measure(saved(tmp_path / "a", BAD), saved(tmp_path / "b", GOOD))["Success@1"]
    assert (row.a.mean, row.b.mean) == pytest.approx((10 / 60, 50 / 60))
    assert row.change.mean == pytest.approx(40 / 60)
    assert 0 < row.change.low < row.change.mean < row.change.high
    assert row.is_clear


def test_a_system_does_not_differ_from_itself(tmp_path: Path) -> None:
    rows = compare(saved(tmp_path, GOOD), saved(tmp_path, GOOD)).differences
    assert rows
    assert all(row.change.mean == 0 and row.p == row.p_holm == 1 and not row.is_clear for row in rows)


def test_a_difference_within_one_cluster_is_not_clear(tmp_path: Path) -> None:
    """All queries belong to one picture, so there is one observation, however many captions it has."""
    together = task(clusters=["one"] * QUERIES)
    rows = compare(saved(tmp_path / "a", BAD, together), saved(tmp_path / "b", GOOD, together)).differences
    assert all(row.p == 1.0 for row in rows)


def test_measures_that_say_the_same_are_tested_once(tmp_path: Path) -> None:
    rows = by_measure(saved(tmp_path / "a", BAD), saved(tmp_path / "b", GOOD))
    assert rows["Success@1"].same_as == ("R@1",)
    assert rows["RR"].same_as == ("AP",)
    assert "R@1" not in rows


def test_chances_are_corrected_for_the_number_of_rows(tmp_path: Path) -> None:
    slightly = [2, *GOOD[1:]]
    rows = compare(saved(tmp_path / "a", GOOD), saved(tmp_path / "b", slightly)).differences
    assert max(row.p_holm for row in rows) == 1.0
    assert all(row.p_holm >= row.p for row in rows)


@pytest.mark.parametrize(
    ("other", "complaint"),
    [
        (task(word="y"), "t has other queries, answers, judgments or another depth"),
        (task(clusters=["c"] * QUERIES), "t has other queries"),
        (task(name="u"), "it has the tasks u, and .* has t"),
    ],
)
def test_reports_over_other_data_are_refused(tmp_path: Path, other: Task, complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint):
        compare(saved(tmp_path / "a", GOOD), saved(tmp_path / "b", GOOD, other))


def test_another_gallery_is_other_data() -> None:
    ours = task()
    assert report(GOOD).tasks[0].data != report(GOOD, replace(ours, gallery=ours.gallery[:20])).tasks[0].data


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": "sensorium.pairs/1"}', '{"schema": "sensorium.suite/1"}'])
def test_what_is_no_saved_report_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "r.json").write_text(text)
    with pytest.raises(BadInput, match=r"give a file that `sensorium evaluate suite FILE --out DIR` wrote"):
        read_report(tmp_path / "r.json")


@pytest.mark.parametrize("value", [None, float("nan"), "x", [1.0]])
def test_values_that_do_not_fit_are_refused(tmp_path: Path, value: object) -> None:
    path = save_report(report(GOOD), tmp_path)
    document = json.loads(path.read_text())
    document["per_query"][0]["values"]["RR"][0] = value
    path.write_text(json.dumps(document))
    with pytest.raises(BadInput, match="it is no saved report"):
        read_report(path)


def test_a_value_too_few_is_refused(tmp_path: Path) -> None:
    path = save_report(report(GOOD), tmp_path)
    document = json.loads(path.read_text())
    document["per_query"][0]["values"]["RR"].pop()
    path.write_text(json.dumps(document))
    with pytest.raises(BadInput, match="the values of t do not fit its queries"):
        read_report(path)


def test_a_place_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WriteFailed, match="name a folder of yours"):
        save_report(report(GOOD), tmp_path / "file")


def test_json_names_its_schema_and_holds_every_row(tmp_path: Path) -> None:
    comparison = compare(saved(tmp_path / "a", BAD), saved(tmp_path / "b", GOOD))
    document = json.loads(json.dumps(comparison.as_json()))
    assert document["schema"] == COMPARE_SCHEMA
    assert [row["measure"] for row in document["differences"]] == [row.measure for row in comparison.differences]


def test_a_drawing_is_the_same_at_every_run(tmp_path: Path) -> None:
    comparison = compare(saved(tmp_path / "a", BAD), saved(tmp_path / "b", GOOD))
    first, again = draw_comparison(comparison, tmp_path / "1"), draw_comparison(comparison, tmp_path / "2")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in again]
    assert first[1].read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in first[0].read_bytes()


def test_a_name_that_looks_like_a_formula_is_drawn_as_it_is(tmp_path: Path) -> None:
    comparison = compare(saved(tmp_path, BAD), saved(tmp_path, BAD))
    vector, _ = draw_comparison(replace(comparison, suite=r"$\broken{ 5 $ shirts"), tmp_path)
    assert vector.stat().st_size > 0
