"""Which looks a question gets, and what they make of its candidates."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from sensorium.core.calibration import Calibration
from sensorium.core.candidates import Candidate
from sensorium.core.errors import BadQuery, PluginBroken
from sensorium.core.items import Modality
from sensorium.core.queries import Query, QueryPart
from sensorium.core.results import Look
from sensorium.core.scopes import Filter
from sensorium.search.closer import Closer, LookChoice, closers
from sensorium.search.plan import plan
from sensorium.testing.encoders import HashEncoder

CURVE = Calibration(mean=0.0, deviation=1.0, slope=1.0, bias=0.0, cut=0.5)
BOTH = {("hubness",), ("late",), ("hubness", "late")}


class Adding:
    """Adds a number to every raw score."""

    def __init__(self, name: str, number: float = 0.0, found: Modality = Modality.IMAGE) -> None:
        self.name, self.number, self.found = name, number, found

    def applies(self, query: Query, found: Modality) -> bool:
        return found is self.found

    def rescore(self, query: Query, found: Modality, keys: Sequence[int], raw: Sequence[float]) -> list[float]:
        return [score + self.number for score in raw]


class CurvedEncoder(HashEncoder):
    def __init__(self, chains: set[tuple[str, ...]]) -> None:
        super().__init__()
        self.chains = chains

    def calibration_after(self, asked: Modality, found: Modality, looks: tuple[str, ...]) -> Calibration | None:
        return CURVE if looks in self.chains else None


def asked(*words: str, **said: Any) -> Query:
    return Query(parts=tuple(QueryPart(modality=Modality.TEXT, content=word) for word in words or ("a dog",)), **said)


def taken(
    query: Query, chains: set[tuple[str, ...]] = BOTH, names: Sequence[str] = ("late", "hubness"), **choice: Any
) -> dict[str, list[str]]:
    """The names of the looks for each modality that gets any."""
    encoder = CurvedEncoder(chains)
    rerankers = [Adding(name) for name in names]
    found = closers(query, plan(query, [encoder]), [encoder], rerankers, LookChoice(**choice))
    return {str(route.modality): [look.name for look in closer.rerankers] for route, closer in found.items()}


def candidates(*raw: float) -> list[Candidate]:
    return [
        Candidate(key=key, route="vectors:hash", modality=Modality.IMAGE, raw=score, rank=key)
        for key, score in enumerate(raw, 1)
    ]


def test_what_the_question_leaves_open_is_decided_by_the_choice() -> None:
    assert taken(asked()) == {"image": ["late"]}
    assert taken(asked(), hubness=True) == {"image": ["hubness", "late"]}
    assert taken(asked(), rerank=False) == {}


def test_the_question_overrules_the_choice() -> None:
    assert taken(asked(hubness=True, rerank=False)) == {"image": ["hubness"]}
    assert taken(asked(hubness=False), hubness=True) == {"image": ["late"]}


def test_looks_are_taken_in_the_order_of_their_names() -> None:
    assert taken(asked(), names=["late", "hubness"], hubness=True) == taken(
        asked(), names=["hubness", "late"], hubness=True
    )


def test_a_chain_without_a_curve_is_not_taken() -> None:
    assert taken(asked(), chains={("hubness",)}, hubness=True) == {"image": ["hubness"]}
    assert taken(asked(), chains=set(), hubness=True) == {}


def test_of_two_chains_as_long_the_later_look_is_taken() -> None:
    assert taken(asked(), chains={("hubness",), ("late",)}, hubness=True) == {"image": ["late"]}


def test_an_encoder_without_curves_after_looks_gets_none() -> None:
    encoder = HashEncoder()
    assert closers(asked(), plan(asked(), [encoder]), [encoder], [Adding("late")], LookChoice()) == {}


def test_a_question_of_several_parts_gets_no_look() -> None:
    assert taken(asked("a dog", "snow")) == {}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        (asked(hubness=True), ["late"]),
        (asked(rerank=True), ["hubness"]),
        (asked("a dog", "snow", hubness=True), ["hubness", "late"]),
        (asked(rerank=True, filter=Filter(modalities=frozenset({Modality.TEXT}))), ["late"]),
    ],
)
def test_a_look_that_the_question_insists_on_and_can_not_have_is_an_error(query: Query, names: list[str]) -> None:
    with pytest.raises(BadQuery, match="here"):
        taken(query, names=names)


def test_every_look_is_told_with_what_it_made_of_the_raw_score() -> None:
    closer = Closer(rerankers=(Adding("hubness", -1.0), Adding("late", 0.5)), curve=CURVE)
    [scored] = closer.look(asked(), candidates(0.75))
    assert scored.looks == (Look(name="hubness", raw=-0.25), Look(name="late", raw=0.25))
    assert scored.score == CURVE.score(0.25)


def test_what_matches_is_told_by_the_cut_of_the_chain() -> None:
    closer = Closer(rerankers=(Adding("late", -1.0),), curve=CURVE)
    assert [scored.matches for scored in closer.look(asked(), candidates(1.5, 0.5))] == [True, False]


def test_nothing_to_look_at_is_no_error() -> None:
    assert Closer(rerankers=(Adding("late"),), curve=CURVE).look(asked(), []) == []


@pytest.mark.parametrize("answer", [[], [0.1, 0.2], [float("nan")], [float("inf")]])
def test_a_reranker_that_does_not_answer_for_each_candidate_is_named(answer: list[float]) -> None:
    broken = Adding("late")
    broken.rescore = lambda *_: answer  # type: ignore[method-assign]
    with pytest.raises(PluginBroken, match="reranker late"):
        Closer(rerankers=(broken,), curve=replace(CURVE)).look(asked(), candidates(0.5))
