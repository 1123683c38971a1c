"""The tables of the quality page: each row is what its name says."""

from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from sensorium.core.errors import BadInput  # noqa: E402
from sensorium.training.compact import CompactRecipe  # noqa: E402
from sensorium.training.heads import HeadRecipe  # noqa: E402
from sensorium.training.late import LateRecipe  # noqa: E402
from sensorium.training.many import Places  # noqa: E402
from sensorium.training.space import SpacePlan  # noqa: E402
from sensorium.training.study.tables import (  # noqa: E402
    NAME_WEIGHTS,
    SHARES,
    Labelled,
    Study,
    name_weights,
    picture_shares,
    text_shares,
)

RECIPE = CompactRecipe(
    heads=HeadRecipe(width=16, epochs=5, batch=8, dropout=0.0),
    tune=None,
    late=LateRecipe(width=8, epochs=1, batch=8),
    plan=SpacePlan(shared=16, text=12, image=4),
    held_out=4,
)


@pytest.fixture(scope="module")
def study(painted: Path, few_words: None, tmp_path_factory: pytest.TempPathFactory) -> Study:
    return Study.of(Places(data=painted, work=tmp_path_factory.mktemp("work"), out=painted), RECIPE)


@pytest.fixture(scope="module")
def labelled(painted: Path) -> Labelled:
    """Twelve training pictures, labelled by two halves."""
    table = painted / "labels.tsv"
    rows = [f"train{number}.png\t{'first' if number < 6 else 'second'}\t" for number in range(12)]
    table.write_text("\n".join(["image\thalf\tempty", *rows]) + "\n")
    return Labelled.read(f"halves={table}:image:half")


def test_pictures_are_found_beside_the_table_and_rows_without_a_label_are_left_out(
    labelled: Labelled, painted: Path
) -> None:
    assert (labelled.name, len(labelled.pictures), set(labelled.labels)) == ("halves", 12, {"first", "second"})
    assert Labelled.read(f"none={painted / 'labels.tsv'}:image:empty").pictures == ()


@pytest.mark.parametrize(
    "said", ["halves", "halves=none.tsv:image:half", "=labels.tsv:image:half", "halves=labels.tsv"]
)
def test_a_set_that_is_not_there_is_refused(said: str) -> None:
    with pytest.raises(BadInput, match="NAME=TABLE"):
        Labelled.read(said)


def test_the_last_text_row_is_the_yardstick_that_keeps_all_neighbours(study: Study, labelled: Labelled) -> None:
    colours = replace(labelled, labels=tuple(f"label {number}" for number in range(12)))
    head, *rows = text_shares(study, [colours])
    assert head == ("text share", "halves", "captions")
    shares = [f"{share:g}" for share in SHARES]
    assert [row[0] for row in rows] == ["0: heads alone", *shares, "1: private block alone", "plain MiniLM"]
    assert rows[-1][1] == "1.000"


def test_every_share_of_pictures_has_its_row(study: Study, labelled: Labelled) -> None:
    many = replace(labelled, labels=("same",) * 12)
    head, *rows = picture_shares(study, [many])
    assert head == ("picture share", "halves")
    assert [row[1] for row in rows] == ["1.000"] * (len(SHARES) + 3)


def test_without_names_the_shares_of_the_blocks_change_nothing_that_words_find(
    study: Study, labelled: Labelled
) -> None:
    _, *rows = name_weights(study, [labelled])
    assert [row[0] for row in rows] == [f"{weight:g}" for weight in NAME_WEIGHTS]
    other_shares = replace(study.towers, plan=replace(study.towers.plan, text_share=0.2, image_share=0.2))
    _, first, *_ = name_weights(replace(study, towers=other_shares), [labelled])
    assert rows[0] == first
