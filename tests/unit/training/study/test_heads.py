"""The tables of heads: each row is what its name says, and no pair of heads is trained twice."""

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

from sensorium.encoders.compact import WEIGHTS  # noqa: E402
from sensorium.training.compact import CompactRecipe  # noqa: E402
from sensorium.training.heads import HeadRecipe  # noqa: E402
from sensorium.training.many import Places  # noqa: E402
from sensorium.training.study import heads as study_heads  # noqa: E402
from sensorium.training.study.heads import SEEDS, HeadStudy, ensembles, losses, seeds  # noqa: E402

QUICK = HeadRecipe(width=16, epochs=2, batch=8)


@pytest.fixture(scope="module")
def study(painted: Path, tmp_path_factory: pytest.TempPathFactory) -> HeadStudy:
    places = Places(data=painted, work=tmp_path_factory.mktemp("heads"), out=WEIGHTS)
    return HeadStudy.of(places, CompactRecipe(held_out=4))


def test_every_seed_has_its_row_and_each_trunk_a_mean(study: HeadStudy) -> None:
    _, *rows = seeds(study, QUICK)
    names = [*map(str, SEEDS), "mean and deviation"]
    assert [row[:2] for row in rows] == [
        (ground, name) for ground in ("published trunk", "tuned trunk") for name in names
    ]
    assert all("±" in cell for cell in rows[5][2:])


def test_heads_are_read_back_where_they_were_trained_before(study: HeadStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    before = list(seeds(study, QUICK))
    monkeypatch.setattr(study_heads, "fit_heads", None)
    assert list(seeds(study, QUICK)) == before


def test_the_shipped_heads_stand_beside_those_that_are_trained_on_their_trunk(study: HeadStudy) -> None:
    head, *rows = ensembles(study, QUICK)
    assert len(head) == 6
    assert [row[0] for row in rows if row[1] == "as shipped"] == ["tuned trunk"]
    assert {row[0] for row in rows if row[1].startswith("as shipped and five seeds")} == {"tuned trunk"}
    assert sum(row[1].startswith("five seeds, ") for row in rows) == 8


def test_every_loss_that_is_named_has_its_row(study: HeadStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study_heads, "LOSSES", (("one", QUICK), ("other", HeadRecipe(width=16, epochs=1, batch=8))))
    _, *rows = losses(study)
    assert [row[0] for row in rows[:2]] == ["one", "other"]
    assert all(row[0].startswith("all of them, ") for row in rows[2:])
