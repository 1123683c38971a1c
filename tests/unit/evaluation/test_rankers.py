"""Judgments in, a ranker out, and an honest word on what it gains."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from sensorium.core.errors import BadInput, ExtraMissing, ItemNotFound
from sensorium.core.queries import Query
from sensorium.core.results import Hit, SearchResults
from sensorium.core.trace import Trace
from sensorium.evaluation.intervals import Interval
from sensorium.evaluation.rankers.judgments import JudgedQuery, Part, part_of, read_judgments
from sensorium.evaluation.rankers.report import RankerGain, RankerReport, gain_rows, importance_rows
from sensorium.evaluation.rankers.training import RankerOptions, example, gains, train
from sensorium.ranking.features import NO_CLICKS
from sensorium.ranking.model import RankerModel
from sensorium.ranking.trees import Forest
from sensorium.testing.lists import ranked

DEPTH = 12
OPTIONS = RankerOptions(features=("score", "words_share", "place"), depth=DEPTH, threads=1)


def item(number: int) -> str:
    return ranked(number).found.item.id


def hit(number: int, text: str, score: float) -> Hit:
    found = ranked(number, text, score=score)
    return Hit(item=found.found.item, piece=found.found.piece, score=score, matches=True, evidence=found.evidence)


def found_for(query: Query) -> SearchResults:
    """Twelve hits; the one that says the words of the question stands at a place that its words decide."""
    words = query.words
    right = sum(map(ord, words)) % DEPTH
    hits = [hit(n, words if n == right else f"other words {n}", 0.9 - n / 100) for n in range(DEPTH)]
    return SearchResults(question=words, hits=tuple(hits), trace=Trace())


def judged(count: int, noise: bool = False) -> list[JudgedQuery]:
    """Questions whose right answer is the hit that says their words; noise: one drawn by chance."""
    chance = np.random.default_rng(0)
    made = []
    for number in range(count):
        text = f"topic{number} subject{number * 7}"
        right = int(chance.integers(DEPTH)) if noise else sum(map(ord, text)) % DEPTH
        made.append(JudgedQuery(text=text, grades={item(right): 3, item((right + 1) % DEPTH): 0}))
    return made


# -- judgments -------------------------------------------------------------------------------------------------------


def table(folder: Path, *rows: str) -> Path:
    path = folder / "judgments.tsv"
    path.write_text("\n".join(["query\titem\tgrade", *rows]) + "\n")
    return path


def ids(name: str) -> str:
    if "missing" in name:
        raise ItemNotFound("no such item")
    return f"it_{Path(name).name}"


def test_judgments_are_read_by_question(tmp_path: Path) -> None:
    found = read_judgments(table(tmp_path, "red\ta\t3", "red\tb\t0", "blue\ta\t1", "red\ta\t3"), ids)
    assert [(one.text, dict(one.grades)) for one in found] == [("red", {"it_a": 3, "it_b": 0}), ("blue", {"it_a": 1})]


def test_a_path_counts_from_the_folder_of_the_table(tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    asked: list[str] = []
    read_judgments(table(tmp_path, "red\ta.txt\t1"), lambda name: asked.append(name) or "it")  # type: ignore[func-returns-value] - it is always None
    assert asked == [str(tmp_path / "a.txt")]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("red\tmissing\t1", "no item 'missing'"),
        ("red\ta\t4", "no grade"),
        ("red\ta\tgood", "no grade"),
        ("red\ta\t-1", "no grade"),
        ("red\ta\t", "grade is empty"),
        ("\ta\t1", "query is empty"),
    ],
)
def test_a_row_that_is_no_judgment_is_named(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(BadInput, match=message) as error:
        read_judgments(table(tmp_path, row), ids)
    assert "line 2" in str(error.value)


def test_two_grades_for_one_item_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="another grade"):
        read_judgments(table(tmp_path, "red\ta\t1", "red\ta\t2"), ids)


def test_a_question_stays_in_its_part_and_six_two_and_two_tenths_are_in_each() -> None:
    texts = [f"question {number}" for number in range(3_000)]
    parts = [part_of(text) for text in texts]
    assert parts == [part_of(text.upper()) for text in texts]
    assert {part: round(parts.count(part) / 3_000, 1) for part in Part} == {"train": 0.6, "dev": 0.2, "held-out": 0.2}


# -- gains -----------------------------------------------------------------------------------------------------------


def model(above: float) -> RankerModel:
    """Prefers hits whose text holds the words of the question; with a number below 0, those whose text does not."""
    forest = Forest.of([[[1, 0.5, 2, 1, 1, 2], [0.0], [above]]], 3)
    return RankerModel(features=OPTIONS.features, forest=forest, depth=DEPTH, space="a", importances=(0.0, 1.0, 0.0))


def by_measure(above: float, queries: Sequence[JudgedQuery]) -> dict[str, RankerGain]:
    pytest.importorskip("ir_measures")
    examples = [example(one, found_for, OPTIONS) for one in queries]
    return {one.measure: one for one in gains(model(above), examples, NO_CLICKS)}


def test_a_ranker_that_knows_the_right_answer_puts_it_first() -> None:
    found = by_measure(1.0, judged(30))
    assert found["RR"].after.mean == 1.0
    assert found["nDCG@10"].after.mean == 1.0
    assert found["nDCG@10"].gain.low > 0


def test_a_ranker_that_is_wrong_loses() -> None:
    found = by_measure(-1.0, judged(30))
    assert found["nDCG@10"].gain.high < 0


def test_before_is_what_a_search_shows() -> None:
    queries = judged(30)
    places = [sum(map(ord, one.text)) % DEPTH + 1 for one in queries]
    assert by_measure(1.0, queries)["RR"].before.mean == pytest.approx(np.mean([1 / place for place in places]))


def test_questions_without_a_right_answer_are_left_out_of_measures_and_those_not_found_are_not() -> None:
    nothing = JudgedQuery(text="nothing", grades={item(1): 0})
    unfound = JudgedQuery(text="unfound", grades={item(99): 3})
    found = by_measure(1.0, [judged(1)[0], nothing, unfound])
    assert found["RR"].after.mean == 0.5


def report(mean: float, low: float, high: float) -> RankerReport:
    gain = Interval(mean=mean, low=low, high=high)
    gains = tuple(RankerGain(measure=name, before=gain, after=gain, gain=gain) for name in ("nDCG@10", "RR"))
    return RankerReport(queries={Part.TRAIN: 1}, trees=1, made_by="x", importances={"score": 1.0}, gains=gains)


@pytest.mark.parametrize(
    ("mean", "low", "high", "refused"),
    [
        (0.1, 0.05, 0.2, False),
        (0.1, 0.0, 0.2, False),
        (0.1, -0.01, 0.2, True),
        (-0.1, -0.2, -0.05, True),
        (0.0, 0.0, 0.0, True),
    ],
)
def test_a_ranker_whose_gain_may_as_well_be_a_loss_is_refused(
    mean: float, low: float, high: float, refused: bool
) -> None:
    made = report(mean, low, high)
    assert bool(made.refusal) is refused
    assert made.as_json()["installed"] is not refused


def test_a_report_is_shown_out_of_its_json_alone() -> None:
    said = report(0.1, 0.05, 0.2).as_json()
    assert gain_rows(said)[0][3] == "+0.100 [+0.050, +0.200]"
    assert importance_rows(said["importances"]) == [("score", 1.0)]


# -- training --------------------------------------------------------------------------------------------------------


def test_without_lightgbm_it_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    with pytest.raises(ExtraMissing, match=r"sensorium\[rank\]"):
        train(judged(5), found_for, "a", OPTIONS)


def test_an_example_knows_grades_of_items_that_were_found_and_of_those_that_were_not() -> None:
    one = example(JudgedQuery(text="red", grades={item(2): 2, item(99): 3, item(3): 0}), found_for, OPTIONS)
    assert one.grades.tolist() == [0, 0, 2, *[0] * 9]
    assert sorted(one.right) == [2, 3]
    assert one.table.shape == (DEPTH, 3)
    assert one.teaches


def test_too_few_questions_are_told_by_their_part() -> None:
    pytest.importorskip("lightgbm", exc_type=ImportError)
    with pytest.raises(BadInput, match=r"part train.* 10 are needed"):
        train(judged(5), found_for, "a", OPTIONS)


def test_what_can_be_learned_is_learned_and_the_same_every_time() -> None:
    pytest.importorskip("lightgbm", exc_type=ImportError)
    told: list[tuple[int, int]] = []
    model, made = train(judged(150), found_for, "a", OPTIONS, lambda done, of: told.append((done, of)))
    again, _ = train(judged(150), found_for, "a", OPTIONS)
    assert made.refusal == ""
    assert importance_rows(made.importances)[0][0] == "words_share"
    assert [one.after.mean > one.before.mean for one in made.gains] == [True, True]
    assert sum(made.queries.values()) == 150
    assert told[-1] == (150, 150)
    assert model.as_json() == again.as_json()


def test_what_is_chance_is_refused() -> None:
    pytest.importorskip("lightgbm", exc_type=ImportError)
    _, made = train(judged(150, noise=True), found_for, "a", OPTIONS)
    assert "may as well be a loss" in made.refusal


def test_the_trees_of_the_model_say_what_those_of_lightgbm_said() -> None:
    lightgbm = pytest.importorskip("lightgbm", exc_type=ImportError)
    kept: list[object] = []
    original = lightgbm.train

    def spying(*arguments: object, **named: object) -> object:
        kept.append(original(*arguments, **named))
        return kept[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lightgbm, "train", spying)
        model, _ = train(judged(150), found_for, "a", OPTIONS)
    one = example(judged(1)[0], found_for, OPTIONS)
    said = kept[0].predict(one.table, num_iteration=kept[0].best_iteration)  # type: ignore[attr-defined] - a booster
    assert np.abs(model.forest.predict(one.table) - said).max() < 1e-9
