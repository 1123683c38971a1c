"""The bank of questions: chosen by what it brings, written, and read back."""

from pathlib import Path

import numpy as np
import pytest

from sensorium.core.items import Modality
from sensorium.core.spaces import Vectors
from sensorium.encoders.bank import BANK
from sensorium.training import bank as subject
from sensorium.training.bank import HeldOut, publish_bank

RNG = np.random.default_rng(2)
WIDTH = 24


def unit(rows: Vectors) -> Vectors:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def held() -> HeldOut:
    """Forty pictures with two captions each; every picture leans towards one direction a bit, some much."""
    owner = np.repeat(np.arange(40), 2)
    things = RNG.normal(size=(40, WIDTH))
    hub = RNG.normal(size=WIDTH) * RNG.random((40, 1)) * 3
    texts = things[owner] + RNG.normal(size=(80, WIDTH)) * 0.8 + hub.mean(axis=0)
    return HeldOut(texts=unit(texts), pictures=unit(things + hub), owner=owner)


@pytest.fixture
def questions() -> dict[Modality, Vectors]:
    return {modality: unit(RNG.normal(size=(600, WIDTH))) for modality in (Modality.TEXT, Modality.IMAGE)}


def test_what_is_published_is_what_is_read(held: HeldOut, questions: dict[Modality, Vectors], tmp_path: Path) -> None:
    banks = publish_bank(tmp_path, questions, held)
    assert (tmp_path / BANK).is_file()
    assert set(banks) == {Modality.TEXT, Modality.IMAGE}
    for modality, bank in banks.items():
        start = questions[modality][: len(bank.vectors)]
        assert np.einsum("ij,ij->i", bank.vectors, start).min() > 0.999
        assert bank.beta in subject.BETAS


def test_a_larger_bank_has_to_be_worth_it(
    held: HeldOut, questions: dict[Modality, Vectors], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject, "WORTH", 100.0)
    assert {len(bank.vectors) for bank in publish_bank(tmp_path, questions, held).values()} == {min(subject.SIZES)}


def test_of_banks_of_one_size_the_one_that_finds_most_is_taken(
    held: HeldOut, questions: dict[Modality, Vectors], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recalls = {20.0: 1.0, 30.0: 5.0, 40.0: 3.0, 60.0: 2.0}
    tried = iter([recalls[beta] for beta in subject.BETAS] * len(subject.SIZES) * 2)
    monkeypatch.setattr(subject, "_mean_recall", lambda products, right: next(tried))
    assert {bank.beta for bank in publish_bank(tmp_path, questions, held).values()} == {30.0}


def test_fewer_questions_than_a_bank_takes_are_all_taken(held: HeldOut, tmp_path: Path) -> None:
    few = {modality: unit(RNG.normal(size=(7, WIDTH))) for modality in (Modality.TEXT, Modality.IMAGE)}
    assert {len(bank.vectors) for bank in publish_bank(tmp_path, few, held).values()} == {7}
