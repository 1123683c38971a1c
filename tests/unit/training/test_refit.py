"""Bank, curves and cuts of an encoder's folder, fitted anew on painted pictures."""

import json
import shutil
from pathlib import Path

import pytest

import sensorium
from sensorium.core.calibration import Calibration
from sensorium.core.items import Modality
from sensorium.core.settings import Settings
from sensorium.encoders.bank import BANK
from sensorium.encoders.compact import WEIGHTS, CompactEncoder
from sensorium.training.refit import curve_json, refit, write_curves


@pytest.fixture(scope="module")
def fitted(painted: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = Path(shutil.copytree(WEIGHTS, tmp_path_factory.mktemp("refit") / "weights"))
    refit(out, painted, held_out=4)
    return out


def test_the_folder_is_an_encoder_of_the_same_space_that_verifies_itself(fitted: Path) -> None:
    encoder = CompactEncoder.load(folder=fitted)
    encoder.verify()
    assert encoder.space == CompactEncoder.load().space


def test_there_are_banks_for_words_and_for_pictures_of_what_was_trained_on(fitted: Path) -> None:
    encoder = CompactEncoder.load(folder=fitted)
    banks = [encoder.query_bank(modality) for modality in (Modality.TEXT, Modality.IMAGE)]
    assert [len(bank.vectors) for bank in banks if bank] == [24, 12]


def test_every_pair_has_a_curve_and_those_across_senses_one_after_hubness(fitted: Path) -> None:
    curves = json.loads((fitted / "manifest.json").read_text())["calibrations"]
    pairs = {"text->image", "image->text", "text->text", "image->image"}
    assert pairs <= set(curves)
    assert {name for name in curves if name.endswith(":hubness")} == {"text->image:hubness", "image->text:hubness"}
    assert curves["text->image"]["gallery"] == 1_000


def test_hubs_can_be_set_back_with_it(fitted: Path, painted: Path, tmp_path: Path) -> None:
    with sensorium.open(tmp_path, encoder=CompactEncoder.load(folder=fitted), settings=Settings()) as library:
        library.add(painted / "images" / "dev0.png")
        [hit] = library.search("a red picture", hubness=True)
    assert hit.evidence[0].looks[0].name == "hubness"


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    out = Path(shutil.copytree(WEIGHTS, tmp_path / "weights"))
    (out / BANK).unlink(missing_ok=True)
    curve = Calibration(
        mean=0.1, deviation=0.2, slope=1.5, bias=-2.0, knots=((0.0, 0.1), (1.0, 0.2)), gallery=7, cut=0.3
    )
    write_curves(out, {"text->image": curve})
    assert CompactEncoder.load(folder=out).calibration(Modality.TEXT, Modality.IMAGE) == curve
    assert "knots" not in curve_json(Calibration(mean=0.1, deviation=0.2, slope=1.5, bias=-2.0))
