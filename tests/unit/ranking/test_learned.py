"""The learned ranker at work."""

import json
import os
from pathlib import Path

import pytest

from sensorium.core.budgets import Budget
from sensorium.core.errors import ModelDamaged
from sensorium.core.items import Modality
from sensorium.core.ports import Arranger
from sensorium.core.queries import Query, QueryPart
from sensorium.core.scopes import Scope
from sensorium.ranking.clicks import FEEDBACK
from sensorium.ranking.installed import LearnedRankers
from sensorium.ranking.learned import LearnedRanker
from sensorium.ranking.model import FILE, RankerModel, write
from sensorium.ranking.trees import Forest
from sensorium.testing.lists import asked, keys, ranked

OWNER = Scope.local_owner()
HITS = [ranked(number, "cats" if number % 2 else "a red dog") for number in (1, 2, 3, 4, 5)]


def model(feature: str = "words_share", above: float = 1.0, depth: int = 4, space: str = "a") -> RankerModel:
    """Prefers what has more of a feature than 0.5."""
    forest = Forest.of([[[0, 0.5, 2, 1, 1, 2], [0.0], [above]]], 1)
    return RankerModel(features=(feature,), forest=forest, depth=depth, space=space, importances=(1.0,))


def arranger(folder: Path, scope: Scope = OWNER, space: str = "a") -> Arranger | None:
    return LearnedRankers(folder, space).arranger(scope, Budget())


def test_the_first_hits_stand_in_the_order_of_the_trees_and_equals_as_they_were() -> None:
    assert keys(LearnedRanker(model()).arrange(asked(), HITS)) == [2, 4, 1, 3, 5]
    assert isinstance(LearnedRanker(model()), Arranger)


def test_hits_below_its_depth_stay_behind_the_others() -> None:
    assert keys(LearnedRanker(model(depth=3)).arrange(asked(), HITS)) == [2, 1, 3, 4, 5]


def test_scores_and_matches_stay_and_what_moved_says_so() -> None:
    moved = LearnedRanker(model()).arrange(asked(), HITS)
    assert {(hit.found.key, hit.score, hit.matches) for hit in moved} == {
        (hit.found.key, hit.score, hit.matches) for hit in HITS
    }
    assert [(one.name, one.before, one.after) for one in moved[0].rules] == [("the learned ranker", 2, 1)]
    assert moved[-1].rules == ()


@pytest.mark.parametrize(
    "parts",
    [
        (QueryPart(modality=Modality.TEXT, content="dog"), QueryPart(modality=Modality.TEXT, content="red")),
        (QueryPart(modality=Modality.IMAGE, content=None),),  # type: ignore[arg-type]
    ],
    ids=["two texts", "a picture"],
)
def test_questions_unlike_those_it_was_trained_on_keep_their_order(parts: tuple[QueryPart, ...]) -> None:
    assert keys(LearnedRanker(model()).arrange(Query(parts=parts), HITS)) == [1, 2, 3, 4, 5]


def test_a_list_of_one_hit_and_of_none_stays() -> None:
    assert LearnedRanker(model()).arrange(asked(), HITS[:1]) == HITS[:1]
    assert LearnedRanker(model()).arrange(asked(), []) == []


def test_a_library_without_a_file_has_no_ranker(tmp_path: Path) -> None:
    assert arranger(tmp_path) is None


def test_a_ranker_of_another_space_is_not_used(tmp_path: Path) -> None:
    write(tmp_path / FILE, model(space="b"))
    assert arranger(tmp_path) is None
    assert arranger(tmp_path, space="b") is not None


def test_a_file_that_changes_is_read_again(tmp_path: Path) -> None:
    rankers = LearnedRankers(tmp_path, "a")
    write(tmp_path / FILE, model())
    first = rankers.arranger(OWNER, Budget())
    write(tmp_path / FILE, model(above=-1.0))
    second = rankers.arranger(OWNER, Budget())
    assert first is not None
    assert second is not None
    assert [keys(one.arrange(asked(), HITS[:2])) for one in (first, second)] == [[2, 1], [1, 2]]
    (tmp_path / FILE).unlink()
    assert rankers.arranger(OWNER, Budget()) is None


def test_a_damaged_file_is_an_error_of_its_own(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("{}")
    with pytest.raises(ModelDamaged):
        arranger(tmp_path)


def said(folder: Path, *lines: object) -> None:
    (folder / FEEDBACK).parent.mkdir(exist_ok=True)
    with (folder / FEEDBACK).open("a") as file:
        file.writelines((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    os.utime(folder / FEEDBACK, ns=(1, (folder / FEEDBACK).stat().st_size))


def verdict(number: int, verdict: str = "click", tenant: str = "local", by: str = "ann") -> dict[str, str]:
    piece = ranked(number).found.piece.id
    return {"tenant": tenant, "by": by, "query_id": "q", "piece": piece, "verdict": verdict}


def order(folder: Path, feature: str = "clicks", above: float = 1.0) -> list[int]:
    write(folder / FILE, model(feature, above))
    found = arranger(folder)
    assert found is not None
    return keys(found.arrange(asked(), HITS[:4]))


def test_a_ranker_that_was_trained_on_clicks_goes_by_those_that_there_are(tmp_path: Path) -> None:
    said(tmp_path, verdict(3))
    assert order(tmp_path) == [3, 1, 2, 4]


def test_clicks_of_another_tenant_move_nothing(tmp_path: Path) -> None:
    said(tmp_path, verdict(3, tenant="other"))
    assert order(tmp_path) == [1, 2, 3, 4]


def test_what_people_want_less_of_is_told_apart(tmp_path: Path) -> None:
    said(tmp_path, verdict(1, "less"))
    assert order(tmp_path) == [1, 2, 3, 4]
    assert order(tmp_path, "dislikes", -1.0) == [2, 3, 4, 1]


def test_lines_that_are_no_feedback_count_nothing(tmp_path: Path) -> None:
    said(tmp_path, "", "{", "[]", "7", {"tenant": "local"}, {**verdict(2), "by": 7}, {**verdict(2), "verdict": "buy"})
    assert order(tmp_path) == [1, 2, 3, 4]


def test_the_same_click_counts_once(tmp_path: Path) -> None:
    said(tmp_path, *[verdict(3)] * 50, verdict(2, by="ben"), verdict(2))
    found = LearnedRankers(tmp_path, "a")._liked("local").liked
    assert found == {ranked(3).found.item.id: 1, ranked(2).found.item.id: 2}
