"""What a learned ranker knows of a hit."""

import math
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from sensorium.core.errors import BadInput
from sensorium.core.items import Aspect, Place
from sensorium.core.results import Evidence, Look
from sensorium.ranking.features import BY_CHOICE, FEATURES, STANDARD, Clicks, checked, table
from sensorium.testing.lists import asked, ranked


def value(name: str, *hits: Any, question: str = "a red dog", clicks: Clicks | None = None) -> list[float]:
    """A feature of each hit."""
    made = table(asked(question), hits or (ranked(1),), [name], clicks or Clicks())
    return [round(one, 4) if math.isfinite(one) else one for one in made[:, 0].tolist()]


def with_piece(number: int = 1, **changed: Any) -> Any:
    hit = ranked(number)
    return replace(hit, found=replace(hit.found, piece=replace(hit.found.piece, **changed)))


def aged(number: int, days: float) -> Any:
    hit = ranked(number)
    lineage = replace(hit.found.item.lineage, modified_at=1e9 - 86_400 * days)
    return replace(hit, found=replace(hit.found, item=replace(hit.found.item, lineage=lineage)))


def test_every_feature_is_a_number_or_unknown_for_every_kind_of_hit() -> None:
    made = table(asked(), [ranked(1), ranked(2, None, score=1.0), ranked(3, "", score=0.0)], list(FEATURES))
    assert made.shape == (3, len(FEATURES))
    assert not math.isinf(abs(made).max(where=~(made != made), initial=0.0))


def test_nothing_of_a_list_of_no_hits_is_asked() -> None:
    assert table(asked(), [], list(FEATURES)).shape == (0, len(FEATURES))


def test_the_score_is_told_by_its_log_odds() -> None:
    assert value("score", ranked(1, score=0.5), ranked(2, score=0.9), ranked(3, score=1.0)) == [0.0, 2.1972, 30.0]


def test_the_place_counts_from_one() -> None:
    assert value("place", ranked(7), ranked(5)) == [1.0, 2.0]


def test_the_route_that_ranks_a_hit_best_tells_its_raw_scores() -> None:
    looks = (Look(name="late", raw=0.75),)
    evidence = (
        Evidence(route="vectors:a", raw=0.25, rank=9),
        Evidence(route="vectors:b", raw=0.5, rank=2, looks=looks),
    )
    hit = replace(ranked(1), evidence=evidence)
    names = ("raw", "raw_after_looks", "look_gain", "looks", "route_rank", "routes", "by_words")
    assert {name: value(name, hit)[0] for name in names} == {
        "raw": 0.5, "raw_after_looks": 0.75, "look_gain": 0.25, "looks": 1, "route_rank": 2, "routes": 2, "by_words": 0
    }  # fmt: skip


def test_a_hit_without_evidence_has_no_raw_score() -> None:
    assert math.isnan(value("raw", replace(ranked(1), evidence=()))[0])


def test_the_share_of_words_is_of_those_that_tell_something() -> None:
    hits = (ranked(1, "The dog is red."), ranked(2, "A dog."), ranked(3, "A cat."), ranked(4, None))
    assert value("words_share", *hits)[:3] == [1.0, 0.5, 0.0]
    assert math.isnan(value("words_share", *hits)[3])


def test_words_of_the_title_count_by_themselves() -> None:
    assert value("title_share", ranked(7), question="the title of 7") == [1.0]


def test_age_is_told_against_the_newest_hit_and_not_against_a_clock() -> None:
    assert value("age", aged(1, 0), aged(2, 1), aged(3, 9)) == [0.0, round(math.log(2), 4), round(math.log(10), 4)]


def test_hits_of_one_item_are_counted() -> None:
    assert value("pieces", ranked(1), ranked(1), ranked(2)) == [2.0, 2.0, 1.0]


def test_places_within_items_are_told_where_there_are_any() -> None:
    assert value("page", with_piece(place=Place(page=3))) == [3.0]
    assert value("second", with_piece(place=Place(seconds=(9.0, 12.0)))) == [round(math.log(10), 4)]
    assert math.isnan(value("page", with_piece(place=Place()))[0])


def test_senses_kinds_and_aspects_are_told_by_one_and_zero() -> None:
    hits = (with_piece(aspect=Aspect.TABLE), ranked(2, None))
    assert (value("aspect_table", *hits), value("sense_image", *hits), value("kind_text", *hits)) == (
        [1.0, 0.0],
        [0.0, 1.0],
        [1.0, 1.0],
    )


@pytest.mark.parametrize(
    ("said", "told"),
    [(7, 7.0), (1.5, 1.5), (True, 1.0), (date(1970, 1, 11), 10.0), ("seven", math.nan), (("a",), math.nan)],
)
def test_attributes_that_are_numbers_dates_or_yes_and_no_can_be_chosen(said: Any, told: float) -> None:
    assert value("attribute:price", ranked(1, attributes={"price": said}), ranked(2))[0] == pytest.approx(
        told, nan_ok=True
    )


def test_clicks_are_used_only_where_they_are_named() -> None:
    item = ranked(1).found.item.id
    clicks = Clicks(liked={item: 3}, disliked={item: 1})
    assert (value("clicks", clicks=clicks), value("dislikes", clicks=clicks)) == ([1.3863], [0.6931])
    assert not BY_CHOICE.intersection(STANDARD)


@pytest.mark.parametrize("names", [[], ["colour"], ["attribute:"], [f"attribute:{n}" for n in range(101)]])
def test_a_feature_that_is_none_is_refused(names: list[str]) -> None:
    with pytest.raises(BadInput):
        checked(names)
