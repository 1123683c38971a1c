"""Which looks a question gets, and what they make of its candidates."""

from collections.abc import Sequence
from typing import Any

import pytest

from sensorium.core.budgets import Budget
from sensorium.core.calibration import Calibration
from sensorium.core.candidates import Candidate
from sensorium.core.errors import BadQuery
from sensorium.core.items import Modality
from sensorium.core.queries import Query, QueryPart
from sensorium.core.results import Look
from sensorium.core.scopes import Filter
from sensorium.core.trace import FAILED, LATE, UNCALIBRATED, LeftOut
from sensorium.search.closer import BATCH, Closer, LookChoice, Looked, closers
from sensorium.search.plan import plan
from sensorium.testing.encoders import HashEncoder

CURVE = Calibration(mean=0.0, deviation=1.0, slope=1.0, bias=0.0, cut=0.5)
HUBS = Calibration(mean=0.0, deviation=1.0, slope=2.0, bias=0.5, cut=0.5)
BOTH_LOOKS = Calibration(mean=0.0, deviation=1.0, slope=3.0, bias=-0.5, cut=0.5)
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


def both(*rerankers: Adding) -> Closer:
    return Closer(rerankers=rerankers, curves={("hubness",): HUBS, ("late",): CURVE, ("hubness", "late"): BOTH_LOOKS})


def looked(closer: Closer, *raw: float, query: Query | None = None, budget: Budget | None = None) -> Looked:
    return closer.look(query or asked(), candidates(*raw), 0, budget or Budget())


class Clock:
    """Stands still but for what is told of it."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Slow(Adding):
    """Every call takes some seconds."""

    def __init__(self, clock: Clock, seconds: float, name: str = "late", number: float = 0.5) -> None:
        super().__init__(name, number)
        self.clock, self.seconds = clock, seconds
        self.calls: list[int] = []

    def rescore(self, query: Query, found: Modality, keys: Sequence[int], raw: Sequence[float]) -> list[float]:
        self.clock.now += self.seconds
        self.calls.append(len(keys))
        return super().rescore(query, found, keys, raw)


class Raising(Adding):
    def __init__(self, error: Exception, name: str = "late") -> None:
        super().__init__(name)
        self.error = error

    def rescore(self, query: Query, found: Modality, keys: Sequence[int], raw: Sequence[float]) -> list[float]:
        raise self.error


def test_every_look_is_told_with_what_it_made_of_the_raw_score() -> None:
    [scored] = looked(both(Adding("hubness", -1.0), Adding("late", 0.5)), 0.75).scored or []
    assert scored.evidence.looks == (Look(name="hubness", raw=-0.25), Look(name="late", raw=0.25))
    assert scored.score == BOTH_LOOKS.score(0.25)


def test_what_matches_is_told_by_the_cut_of_the_chain() -> None:
    scored = looked(both(Adding("late", -1.0)), 1.5, 0.5).scored or []
    assert [one.matches for one in scored] == [True, False]


def test_nothing_to_look_at_is_no_error() -> None:
    assert looked(both(Adding("late"))) == Looked(scored=None)


@pytest.mark.parametrize("answer", [[], [0.1, 0.2], [float("nan")], [float("inf")], None, ["high"]])
def test_a_reranker_that_does_not_answer_for_each_candidate_is_left_out(answer: Any) -> None:
    broken = Adding("late")
    broken.rescore = lambda *_: answer  # type: ignore[method-assign]
    found = looked(both(broken), 0.5)
    assert found.scored is None
    assert [(left.name, left.why) for left in found.left_out] == [("late", FAILED)]


def test_a_look_that_raises_is_named_with_the_class_of_its_error_alone() -> None:
    found = looked(both(Raising(RuntimeError("my secret diary"))), 0.5)
    assert found.left_out == (LeftOut(name="late", found="image", why=FAILED, error="RuntimeError"),)


@pytest.mark.parametrize(
    ("failing", "chain", "raw", "curve"),
    [
        ("hubness", ("late",), 1.25, CURVE),
        ("late", ("hubness",), -0.25, HUBS),
    ],
)
def test_without_a_look_candidates_get_the_curve_of_those_that_were_taken(
    failing: str, chain: tuple[str, ...], raw: float, curve: Calibration
) -> None:
    looks = {"hubness": Adding("hubness", -1.0), "late": Adding("late", 0.5)}
    looks[failing] = Raising(ValueError("no"), failing)
    [scored] = looked(both(*looks.values()), 0.75).scored or []
    assert scored.looks == chain
    assert scored.score == curve.score(raw)


def test_looks_that_have_no_curve_without_the_one_left_out_are_left_out_too() -> None:
    closer = Closer(
        rerankers=(Raising(ValueError("no"), "hubness"), Adding("late", 0.5)), curves={("hubness", "late"): BOTH_LOOKS}
    )
    found = looked(closer, 0.75)
    assert found.scored is None
    assert [(left.name, left.why) for left in found.left_out] == [("hubness", FAILED), ("late", UNCALIBRATED)]


def test_of_a_chain_that_broke_off_the_longest_start_with_a_curve_is_kept() -> None:
    closer = Closer(
        rerankers=(Adding("a", 1.0), Adding("b", 1.0), Raising(ValueError("no"), "c")),
        curves={("a",): HUBS, ("a", "b", "c"): BOTH_LOOKS},
    )
    [scored] = looked(closer, 0.5).scored or []
    assert scored.looks == ("a",)
    assert scored.score == HUBS.score(1.5)


def test_a_look_that_starts_after_the_time_is_up_is_left_out_as_late() -> None:
    clock = Clock()
    hubs, late = Slow(clock, 3.0, "hubness", -1.0), Slow(clock, 1.0)
    found = looked(both(hubs, late), 0.75, budget=Budget(seconds=2.0, clock=clock))
    assert found.left_out == (LeftOut(name="late", found="image", why=LATE),)
    assert [one.score for one in found.scored or []] == [HUBS.score(-0.25)]
    assert late.calls == []


def test_a_look_stops_between_two_batches_once_the_time_is_up() -> None:
    clock = Clock()
    late = Slow(clock, 1.5)
    found = looked(both(late), *[0.5] * (3 * BATCH), budget=Budget(seconds=2.0, clock=clock))
    assert late.calls == [BATCH, BATCH]
    assert (found.scored, [left.why for left in found.left_out]) == (None, [LATE])


def test_batches_change_no_score() -> None:
    raw = [number / 100 for number in range(2 * BATCH + 1)]
    assert looked(both(Adding("late", 0.5)), *raw) == looked(
        both(Adding("late", 0.5)), *raw, budget=Budget(seconds=9.0, clock=Clock())
    )


def test_without_a_limit_a_look_may_take_any_time_and_is_asked_once() -> None:
    clock = Clock()
    late = Slow(clock, 1e6)
    assert looked(both(late), *[0.5] * (2 * BATCH), budget=Budget(clock=clock)).left_out == ()
    assert late.calls == [2 * BATCH]


def test_what_is_late_is_but_a_note_where_the_question_insists() -> None:
    clock = Clock()
    late = Slow(clock, 1.0)
    spent = Budget(seconds=1.0, clock=clock, spent=1.0)
    assert [left.why for left in looked(both(late), 0.5, query=asked(rerank=True), budget=spent).left_out] == [LATE]


def test_a_look_that_says_the_question_is_bad_is_an_error_where_the_question_insists() -> None:
    refusing = both(Raising(BadQuery("not this")))
    with pytest.raises(BadQuery, match="not this"):
        looked(refusing, 0.5, query=asked(rerank=True))
    assert [left.error for left in looked(refusing, 0.5).left_out] == ["BadQuery"]
    assert [left.error for left in looked(refusing, 0.5, query=asked(hubness=True)).left_out] == ["BadQuery"]


class Knowing(Adding):
    def __init__(self, known: list[int] | Exception, name: str = "late") -> None:
        super().__init__(name)
        self.known = known

    def recall(self, query: Query, found: Modality, count: int) -> list[int]:
        if isinstance(self.known, Exception):
            raise self.known
        return self.known


def test_what_a_look_knows_of_is_told_once_and_in_order() -> None:
    closer = both(Knowing([3, 1], "hubness"), Knowing([1, 2]))
    assert closer.recall(asked(), Modality.IMAGE, 10, Budget()) == ([3, 1, 2], [])


def test_a_look_that_fails_to_say_what_it_knows_of_is_told_and_costs_no_search() -> None:
    closer = both(Knowing(KeyError("secret"), "hubness"), Knowing([2]))
    keys, left_out = closer.recall(asked(), Modality.IMAGE, 10, Budget())
    assert keys == [2]
    assert left_out == [LeftOut(name="hubness", found="image", why=FAILED, error="KeyError")]


def test_curves_of_shorter_chains_are_at_hand() -> None:
    encoder = CurvedEncoder(BOTH)
    rerankers = [Adding("late"), Adding("hubness")]
    [closer] = closers(asked(), plan(asked(), [encoder]), [encoder], rerankers, LookChoice(hubness=True)).values()
    assert set(closer.curves) == BOTH
