"""A closer look that fails or is late costs no search and makes no score wrong, over the real store and index."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

import sensorium
from sensorium.core.calibration import Calibration
from sensorium.core.errors import BadQuery
from sensorium.core.items import Modality
from sensorium.core.ports import Encoder
from sensorium.core.queries import Query
from sensorium.core.scopes import Scope
from sensorium.core.settings import Settings
from sensorium.core.store_ports import PieceStore
from sensorium.core.trace import FAILED, LATE
from sensorium.library import Library
from sensorium.testing.encoders import HashEncoder

Rescore = Callable[[Sequence[int], Sequence[float]], list[float]]

CURVES = {
    ("early",): Calibration(mean=0.0, deviation=0.5, slope=1.0, bias=0.0, cut=0.5),
    ("second",): Calibration(mean=0.0, deviation=0.5, slope=2.0, bias=1.0, cut=0.5),
    ("early", "second"): Calibration(mean=0.0, deviation=0.5, slope=3.0, bias=-1.0, cut=0.5),
}


class Curved(HashEncoder):
    def calibration_after(self, asked: Modality, found: Modality, looks: tuple[str, ...]) -> Calibration | None:
        return CURVES.get(looks) if found is Modality.TEXT else None


class Look:
    """A reranker for texts, and the factory of itself."""

    def __init__(self, name: str, rescore: Rescore) -> None:
        self.name, self._rescore = name, rescore

    def load(self, scope: Scope, encoder: Encoder, store: PieceStore) -> Look:
        return self

    def applies(self, query: Query, found: Modality) -> bool:
        return found is Modality.TEXT

    def rescore(self, query: Query, found: Modality, keys: Sequence[int], raw: Sequence[float]) -> list[float]:
        return self._rescore(keys, raw)


def higher(keys: Sequence[int], raw: Sequence[float]) -> list[float]:
    return [score + key / 100 for key, score in zip(keys, raw, strict=True)]


def failing(keys: Sequence[int], raw: Sequence[float]) -> list[float]:
    raise RuntimeError("it said something private")


def refusing(keys: Sequence[int], raw: Sequence[float]) -> list[float]:
    raise BadQuery("not such a question")


def not_a_number(keys: Sequence[int], raw: Sequence[float]) -> list[float]:
    return [float("nan")] * len(keys)


def slow(keys: Sequence[int], raw: Sequence[float]) -> list[float]:
    time.sleep(0.02)
    return higher(keys, raw)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "files").mkdir()
    for number in range(8):
        (tmp_path / "files" / f"{number}.txt").write_text(f"text number {number}")
    return tmp_path


@pytest.fixture
def looking(folder: Path) -> Iterator[Callable[..., Library]]:
    """A library with these looks. milliseconds: their time."""
    opened: list[Library] = []

    def look(milliseconds: float = 0.0, **looks: Rescore) -> Library:
        settings = Settings(rerank_milliseconds=milliseconds)
        library = sensorium.open(folder / "library", encoder=Curved(), settings=settings)
        library._machine.__dict__["reranker_factories"] = [Look(name, own) for name, own in looks.items()]
        library.add(folder / "files")
        opened.append(library)
        return library

    yield look
    for library in opened:
        library.close()


def scores(library: Library, rerank: bool | None = None) -> list[tuple[str, float, bool]]:
    return [(Path(hit.path).name, hit.score, hit.matches) for hit in library.search("number", k=8, rerank=rerank)]


@pytest.mark.parametrize("broken", [failing, refusing, not_a_number])
def test_without_the_only_look_scores_are_those_without_any(looking: Callable[..., Library], broken: Rescore) -> None:
    library = looking(early=broken)
    assert scores(library) == scores(library, rerank=False)


@pytest.mark.parametrize(("broken", "kept"), [("early", "second"), ("second", "early")])
def test_without_one_of_two_looks_scores_are_those_of_the_other(
    looking: Callable[..., Library], broken: str, kept: str
) -> None:
    both = scores(looking(**{broken: failing, kept: higher}))
    assert both == scores(looking(**{kept: higher}))


def test_what_was_left_out_is_in_the_trace_without_what_it_said(looking: Callable[..., Library]) -> None:
    trace = looking(early=failing).search("number").trace
    assert [(left.name, left.found, left.why, left.error) for left in trace.left_out] == [
        ("early", "text", FAILED, "RuntimeError")
    ]
    assert "private" not in str(trace)


def test_a_look_that_would_start_too_late_is_left_out(looking: Callable[..., Library]) -> None:
    late = looking(milliseconds=1.0, early=slow, second=higher)
    assert scores(late) == scores(looking(early=higher))
    assert [(left.name, left.why) for left in late.search("number").trace.left_out] == [("second", LATE)]


def test_what_is_late_is_a_note_where_the_question_insists(looking: Callable[..., Library]) -> None:
    results = looking(milliseconds=1.0, early=slow, second=higher).search("number", rerank=True)
    assert [left.why for left in results.trace.left_out] == [LATE]
    assert len(results) == 8


def test_a_bad_question_is_an_error_where_it_insists(looking: Callable[..., Library]) -> None:
    with pytest.raises(BadQuery, match="not such a question"):
        looking(early=refusing).search("number", rerank=True)
    assert len(looking(early=failing).search("number", rerank=True)) == 8


def test_where_all_goes_well_nothing_is_left_out(looking: Callable[..., Library]) -> None:
    results = looking(milliseconds=60_000.0, early=higher, second=higher).search("number", k=8)
    assert results.trace.left_out == []
    assert all([look.name for look in hit.evidence[0].looks] == ["early", "second"] for hit in results)
