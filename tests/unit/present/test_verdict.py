"""What is said of a whole answer, in every form that people see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from sensorium.core.items import Modality
from sensorium.core.results import Hit, SearchResults
from sensorium.present.cards import search_section
from sensorium.present.terminal import plain_text
from sensorium.present.verdict import NOTHING_MATCHES, tally

MakeHit = Callable[..., Hit]
MakeResults = Callable[..., SearchResults]

FORMS: list[Callable[[SearchResults], str]] = [lambda results: plain_text(results, width=80), search_section]


def far(hit: Hit) -> Hit:
    return replace(hit, matches=False)


@pytest.mark.parametrize("form", FORMS)
def test_hits_of_which_none_matches_are_told_to_be_but_the_nearest(
    form: Callable[[SearchResults], str], make_hit: MakeHit, make_results: MakeResults
) -> None:
    shown = form(make_results(far(make_hit())))
    assert NOTHING_MATCHES in shown
    assert "dog.png" in shown


@pytest.mark.parametrize("form", FORMS)
def test_an_answer_with_a_match_is_not_called_empty(
    form: Callable[[SearchResults], str], make_hit: MakeHit, make_results: MakeResults
) -> None:
    assert NOTHING_MATCHES not in form(make_results(make_hit(), far(make_hit())))


@pytest.mark.parametrize("form", FORMS)
def test_where_nothing_is_there_nothing_is_nearest(
    form: Callable[[SearchResults], str], make_results: MakeResults
) -> None:
    shown = form(make_results())
    assert NOTHING_MATCHES not in shown
    assert "Nothing found." in shown


def test_matches_are_counted_by_sense(make_hit: MakeHit, make_results: MakeResults) -> None:
    some = make_results(make_hit(), make_hit(), make_hit(text="words"), far(make_hit()))
    assert (some.matching, some.nothing_matches) == (3, False)
    assert some.matching_by_modality == {Modality.IMAGE: 2, Modality.TEXT: 1}
    assert tally(some) == "4 hits, matching: 2 image, 1 text"
    assert tally(make_results(far(make_hit()))) == "1 hit, matching: none"
    assert tally(make_results(make_hit())) == "1 hit"


def test_a_hit_that_does_not_match_is_set_apart_on_a_page(make_hit: MakeHit, make_results: MakeResults) -> None:
    page = search_section(make_results(make_hit(), far(make_hit())))
    assert (page.count('class="hit"'), page.count('class="hit far"')) == (1, 1)
