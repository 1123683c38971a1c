"""The table of known models is complete, sourced and fit for its commands."""

import re
from pathlib import Path

import pytest

from sensorium.core.errors import BadSetting, ExtraMissing
from sensorium.core.items import Modality
from sensorium.models.cache import HubId, hub_id_of, located
from sensorium.models.catalogue import KnownModel, find, known_models
from sensorium.plugins import load

CARD = Path(__file__).resolve().parents[3] / "src/sensorium/encoders/weights/compact/MODEL_CARD.md"
MODELS = known_models()


def test_names_are_given_once_and_fit_for_a_setting() -> None:
    names = [model.name for model in MODELS]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9.-]*", name) for name in names)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_a_row_names_senses_and_needs(model: KnownModel) -> None:
    assert model.senses
    assert {Modality(sense) for sense in model.senses} <= {Modality.TEXT, Modality.IMAGE, Modality.AUDIO}
    assert model.needs


@pytest.mark.parametrize("model", [model for model in MODELS if model.encoder], ids=lambda model: model.name)
def test_an_encoder_of_the_table_is_a_plugin(model: KnownModel) -> None:
    assert load("sensorium.encoders", model.encoder)
    assert model.setting.partition(":")[0] == model.encoder


@pytest.mark.parametrize("model", [model for model in MODELS if model.repo], ids=lambda model: model.name)
def test_a_name_stands_for_its_place_on_the_hub(model: KnownModel) -> None:
    assert hub_id_of(model.name) == HubId.parsed(model.repo)


def test_every_figure_has_its_source() -> None:
    figures = [figure for model in MODELS for figure in (*model.published, *model.ours)]
    assert figures
    assert not [figure for figure in figures if not (figure.what and figure.value and figure.source)]


def test_our_figures_are_those_of_the_card() -> None:
    row = next(line for line in CARD.read_text(encoding="utf-8").splitlines() if line.startswith("| en |"))
    compact = find("compact")
    assert compact is not None
    for figure, cell in zip(compact.ours, row.split("|")[2:4], strict=True):
        assert figure.value == cell.strip().split("/")[0]


def test_a_revision_is_part_of_a_hub_id() -> None:
    assert HubId.parsed("a/b@v1") == HubId("a/b", "v1")
    assert str(HubId.parsed("a/b@v1")) == "a/b@v1"


@pytest.mark.parametrize("said", ["a", "a/b/c", "../b", "a/..", "a/b@", "a/b@../c", "a b/c", "", "/a/b", "a/b\n"])
def test_what_is_no_hub_id_is_told(said: str) -> None:
    with pytest.raises(BadSetting):
        HubId.parsed(said)


def test_a_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    assert located(str(tmp_path)) == tmp_path


@pytest.mark.parametrize("name", ["/no/such/folder", "./nothing", "~/no such folder"])
def test_a_folder_that_is_not_there_is_told(name: str) -> None:
    with pytest.raises(ExtraMissing, match="no such folder"):
        located(name)
