"""A learned ranker in the folder of a library puts its hits in order, and changes nothing else of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import sensorium
from sensorium.core.trace import FAILED
from sensorium.library import Library
from sensorium.ranking.model import FILE, RankerModel, write
from sensorium.ranking.trees import Forest
from sensorium.testing.encoders import HashEncoder

TEXTS = {f"note{number}.txt": "long " * number + "words" for number in range(1, 9)}


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    (tmp_path / "files").mkdir()
    for name, text in TEXTS.items():
        (tmp_path / "files" / name).write_text(text)
    with sensorium.open(tmp_path / "library", encoder=HashEncoder()) as opened:
        opened.add(tmp_path / "files")
        yield opened


def install(library: Library, space: str | None = None) -> None:
    """A ranker that prefers long texts: three trees, each with a step further on."""
    trees = [[[0, step, 2, 1, 1, 2], [0.0], [1.0]] for step in (2.5, 3.0, 3.4)]
    forest = Forest.of(trees, 1)
    space = space or library._machine.encoder.space.id
    made = RankerModel(
        features=("text_length",), forest=forest, depth=50, space=space, importances=(1.0,), report={"trees": 3}
    )
    write(library.path / FILE, made)


def found(library: Library, k: int = 8) -> list[str]:
    return [Path(hit.path).name for hit in library.search("something", k=k)]


def test_hits_stand_in_its_order_and_keep_their_scores(library: Library) -> None:
    before = {hit.piece.id: (hit.score, hit.matches) for hit in library.search("something", k=8)}
    install(library)
    hits = library.search("something", k=8)
    lengths = [len(hit.words) for hit in hits]
    steps = [sum(length > bound for bound in (11, 19, 28)) for length in lengths]
    assert steps == sorted(steps, reverse=True)
    assert steps[0] > steps[-1]
    assert {hit.piece.id: (hit.score, hit.matches) for hit in hits} == before
    assert any(rule.kind == "learned" for hit in hits for rule in hit.rules)


def test_fewer_hits_are_the_first_of_more(library: Library) -> None:
    install(library)
    assert found(library, 3) == found(library)[:3]


def test_a_ranker_of_another_space_and_none_at_all_change_nothing(library: Library) -> None:
    plain = found(library)
    install(library, "another-1-000000000000")
    assert found(library) == plain


def test_a_damaged_ranker_costs_no_search_and_the_trace_says_so(library: Library) -> None:
    plain = found(library)
    (library.path / FILE).write_text("{}")
    results = library.search("something", k=8)
    assert [Path(hit.path).name for hit in results] == plain
    assert [(left.name, left.why, left.error) for left in results.trace.left_out] == [
        ("learned", FAILED, "ModelDamaged")
    ]


def test_it_is_shown_and_removed(library: Library) -> None:
    plain = found(library)
    assert library.ranker() is None
    install(library)
    shown = library.ranker()
    assert shown is not None
    assert shown.report == {"trees": 3}
    assert [library.remove_ranker(), library.remove_ranker()] == [True, False]
    assert found(library) == plain


def test_what_is_remembered_of_a_search_does_not_outlive_its_ranker(library: Library) -> None:
    versions = [library.rules_version]
    install(library)
    versions.append(library.rules_version)
    library.remove_ranker()
    assert versions[0] != versions[1]
    assert library.rules_version == versions[0]
