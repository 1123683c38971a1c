"""Files of TREC: what is read, what is refused, and that other tools read what is written."""

from __future__ import annotations

from pathlib import Path

import ir_measures
import numpy as np
import pytest

from sensorium.core.errors import BadInput, WriteFailed
from sensorium.evaluation.measures import MEASURES, per_query
from sensorium.evaluation.trec import Judgment, judge, read_qrels, read_run, write_qrels, write_run


def lay(folder: Path, text: str | bytes) -> Path:
    path = folder / "file"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_qrels_are_read_with_their_places(tmp_path: Path) -> None:
    first, second = read_qrels(lay(tmp_path, "q 0 a 2\n\n  r\t0 b -1\r\n"))
    assert (first.query, first.answer, first.grade) == ("q", "a", 2)
    assert (second.query, second.answer, second.grade) == ("r", "b", -1)
    assert second.place.endswith("file, line 3")


def test_a_run_is_ordered_by_score_and_among_equals_by_id_high_to_low(tmp_path: Path) -> None:
    run = read_run(lay(tmp_path, "q Q0 a 1 0.5 t\nq Q0 c 2 0.5 t\nq Q0 b 3 0.9 t\nr Q0 a 1 1 t\n"))
    assert run == {"q": [("b", 0.9), ("c", 0.5), ("a", 0.5)], "r": [("a", 1.0)]}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("q 0 a\n", "line 1: it has 3 fields; write: query 0 answer grade"),
        ("q 0 a 1\nq 0 b 1 more\n", "line 2: it has 5 fields"),
        ("q 0 a good\n", "line 1: 'good' is no grade"),
        ("q 0 a 1.5\n", "line 1: '1.5' is no grade"),
        ("q 0 a 1\nq 0 a 1\n", "line 2: a is judged again for q"),
        ("\n \n", "it holds nothing"),
        (b"q 0 \xff 1\n", "it can not be read"),
    ],
)
def test_qrels_that_are_none_are_refused(tmp_path: Path, text: str | bytes, complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint):
        read_qrels(lay(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("q Q0 a 1 0.5\n", "line 1: it has 5 fields; write: query Q0 answer rank score tag"),
        ("q Q0 a 1 high t\n", "line 1: 'high' is no number"),
        ("q Q0 a 1 nan t\n", "line 1: 'nan' is no number"),
        ("q Q0 a 1 inf t\n", "line 1: 'inf' is no number"),
        ("q Q0 a first 0.5 t\n", "line 1: 'first' is no number"),
        ("q Q0 a 1 0.5 t\nq Q0 a 2 0.4 t\n", "line 2: a answers q again"),
    ],
)
def test_a_run_that_is_none_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint):
        read_run(lay(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="nothing-here"):
        read_qrels(tmp_path / "nothing-here")


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    write_qrels(tmp_path / "q", {"one": {"a": 2, "b": 1}})
    write_run(tmp_path / "r", {"one": [("b", 0.75), ("a", 0.5)]}, tag="t")
    assert [(j.query, j.answer, j.grade) for j in read_qrels(tmp_path / "q")] == [("one", "a", 2), ("one", "b", 1)]
    assert read_run(tmp_path / "r") == {"one": [("b", 0.75), ("a", 0.5)]}


def test_ids_with_white_space_stay_one_field_and_differ(tmp_path: Path) -> None:
    write_qrels(tmp_path / "q", {"two words": {"a b": 1, "a%20b": 1, "a\u00a0b": 1}})
    read = read_qrels(tmp_path / "q")
    assert [judgment.answer for judgment in read] == ["a%20b", "a%2520b", "a%C2%A0b"]
    assert read[0].query == "two%20words"


def test_equal_scores_keep_their_order_in_the_file(tmp_path: Path) -> None:
    names = [f"{number:03}" for number in range(200)]
    write_run(tmp_path / "r", {"q": [(name, 0.5) for name in names]}, tag="t")
    scores = [np.float32(line.split()[4]) for line in (tmp_path / "r").read_text().splitlines()]
    assert len(set(scores)) == 200
    assert [name for name, _ in read_run(tmp_path / "r")["q"]] == names


def test_other_tools_read_the_order_that_was_meant(tmp_path: Path) -> None:
    write_qrels(tmp_path / "q", {"q": {"a": 1}})
    write_run(tmp_path / "r", {"q": [("z", 0.1), ("b", 0.1), ("a", 0.1)]}, tag="t")
    qrels = list(ir_measures.read_trec_qrels(str(tmp_path / "q")))
    run = list(ir_measures.read_trec_run(str(tmp_path / "r")))
    assert ir_measures.calc_aggregate([ir_measures.RR], qrels, run)[ir_measures.RR] == pytest.approx(1 / 3)


def test_a_run_with_ties_is_judged_as_trec_eval_does(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    queries, answers = range(40), range(25)
    grades = random.choice([-1, 0, 0, 1, 2], (40, 25))
    scores = random.integers(0, 4, (40, 25))
    lines = [(q, a) for q in queries for a in answers]
    (tmp_path / "j").write_text("".join(f"{q} 0 d{a} {grades[q, a]}\n" for q, a in lines))
    (tmp_path / "r").write_text("".join(f"{q} Q0 d{a} 1 {scores[q, a]} t\n" for q, a in lines if q > 2))
    names, judged = judge(read_run(tmp_path / "r"), read_qrels(tmp_path / "j"))
    ours = per_query(judged, MEASURES)
    theirs = ir_measures.calc(
        [ir_measures.parse_measure(name) for name in MEASURES],
        list(ir_measures.read_trec_qrels(str(tmp_path / "j"))),
        list(ir_measures.read_trec_run(str(tmp_path / "r"))),
    )[1]
    assert len(theirs) == len(MEASURES) * len(names)
    for found in theirs:
        assert ours[str(found.measure)][names.index(found.query_id)] == pytest.approx(found.value, abs=1e-6)


def test_a_query_that_the_run_is_silent_of_counts_as_nothing_found() -> None:
    judgments = [Judgment(query=name, answer="a", grade=1, place="") for name in ("q", "r")]
    names, judged = judge({"q": [("a", 1.0)], "unknown": [("a", 1.0)]}, judgments)
    assert (names, per_query(judged, ["RR"])["RR"].tolist()) == (["q", "r"], [1.0, 0.0])


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(WriteFailed, match="name a folder of yours"):
        write_qrels(tmp_path / "no" / "q", {"q": {"a": 1}})
