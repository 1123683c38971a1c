"""What every arranger promises. Run it by a subclass that has the fixtures `arranger` and `hits`.

hits: at least three that the arranger orders otherwise for the question "a red dog"; they have texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sensorium.core.candidates import Ranked
from sensorium.core.items import Modality
from sensorium.core.ports import Arranger
from sensorium.core.queries import Query, QueryPart
from sensorium.testing.lists import asked, keys, ranked


class ArrangerContract:
    """The suite."""

    def test_fits_the_port_and_has_a_name(self, arranger: Arranger) -> None:
        assert isinstance(arranger, Arranger)
        assert arranger.name

    def test_changes_the_order(self, arranger: Arranger, hits: Sequence[Ranked]) -> None:
        assert keys(arranger.arrange(asked(), hits)) != keys(hits)

    def test_no_hit_is_new_and_none_comes_twice(self, arranger: Arranger, hits: Sequence[Ranked]) -> None:
        arranged = keys(arranger.arrange(asked(), hits))
        assert len(set(arranged)) == len(arranged)
        assert set(arranged) <= set(keys(hits))

    def test_scores_matches_and_evidence_stay(self, arranger: Arranger, hits: Sequence[Ranked]) -> None:
        before = {hit.found.key: (hit.found, hit.score, hit.matches, hit.evidence) for hit in hits}
        for hit in arranger.arrange(asked(), hits):
            assert (hit.found, hit.score, hit.matches, hit.evidence) == before[hit.found.key]

    def test_what_moved_says_so_behind_what_was_said_before(self, arranger: Arranger, hits: Sequence[Ranked]) -> None:
        places = {key: place for place, key in enumerate(keys(hits), 1)}
        for place, hit in enumerate(arranger.arrange(asked(), hits), 1):
            told = [(rule.before, rule.after) for rule in hit.rules]
            assert told == ([] if places[hit.found.key] == place else [(places[hit.found.key], place)])

    def test_the_same_question_and_hits_give_the_same_order(self, arranger: Arranger, hits: Sequence[Ranked]) -> None:
        assert arranger.arrange(asked(), hits) == arranger.arrange(asked(), hits)

    def test_what_it_is_given_stays_as_it_was(self, arranger: Arranger, hits: Sequence[Ranked]) -> None:
        given = list(hits)
        arranger.arrange(asked(), given)
        assert given == list(hits)

    def test_nothing_in_is_nothing_out(self, arranger: Arranger) -> None:
        assert list(arranger.arrange(asked(), [])) == []

    def test_any_hit_and_any_question_can_be_given(self, arranger: Arranger, hits: Sequence[Ranked]) -> None:
        picture, silent = ranked(101, None), replace(ranked(102, ""), evidence=())
        mixed = [picture, *hits, silent]
        two = Query(parts=tuple(QueryPart(modality=Modality.TEXT, content=word) for word in ("dog", "red")))
        for query in (asked(), two):
            assert set(keys(arranger.arrange(query, mixed))) <= set(keys(mixed))
