"""Hubs: told, flagged, corrected, and measured over captioned pictures."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from sensorium.core.banks import QueryBank
from sensorium.core.contents import Content
from sensorium.core.errors import BadInput
from sensorium.core.items import Modality
from sensorium.evaluation.hubness.hubs import (
    csls,
    dynamic_inverted_softmax,
    flagged,
    inverted_softmax,
    k_occurrences,
    share_never_found,
    skewness,
)
from sensorium.evaluation.hubness.report import HUBS_SCHEMA, HubOptions, evaluate_hubs
from sensorium.evaluation.sampling import right_ranks
from sensorium.rerankers.hubness import nearness
from sensorium.testing.encoders import HashEncoder

CORRECTIONS = {"inverted softmax": inverted_softmax, "csls": csls, "normalisation": dynamic_inverted_softmax}


def unit(rows: int, width: int, seed: int) -> np.ndarray:
    return _unit(np.random.default_rng(seed).standard_normal((rows, width)))


def _unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def world(hub: bool = True) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores, bank and right answers of 300 questions over 100 items; item 0 is the mean of the bank's questions.

    All questions have something in common that items do not have, as those of another modality do.
    """
    normal = np.random.default_rng(1).standard_normal
    common, items = normal(32), _unit(normal((100, 32)))
    bank = _unit(normal((400, 32)) + common)
    right = np.random.default_rng(3).integers(1, 100, 300)
    questions = _unit(5 * items[right] + 0.5 * normal((300, 32)) + common)
    if hub:
        items[0] = _unit(bank.mean(axis=0, keepdims=True))
    return questions @ items.T, bank @ items.T, right


# -- telling ---------------------------------------------------------------------------------------------------------


def test_occurrences_count_the_first_k_of_every_question() -> None:
    scores, _, _ = world()
    counts = k_occurrences(scores, k=7)
    assert counts.sum() == 7 * len(scores)
    assert k_occurrences(scores, k=scores.shape[1]).tolist() == [len(scores)] * scores.shape[1]


@pytest.mark.parametrize(("shape", "k"), [((3, 4), 0), ((3, 4), 5), ((0, 4), 1), ((4,), 1)])
def test_occurrences_of_what_can_not_be_counted_are_an_error(shape: tuple[int, ...], k: int) -> None:
    with pytest.raises(ValueError, match="expected scores"):
        k_occurrences(np.zeros(shape), k)


def test_skewness_is_nothing_without_hubs_and_grows_with_them() -> None:
    assert skewness(np.full(10, 3)) == 0
    assert skewness(np.array([1, 2, 3])) == pytest.approx(0)
    plain, with_hub = (skewness(k_occurrences(world(hub)[0], 1)) for hub in (False, True))
    assert with_hub > plain + 1


def test_a_hub_takes_places_from_others() -> None:
    before, after = (k_occurrences(world(hub)[0], 1) for hub in (False, True))
    assert share_never_found(after) >= share_never_found(before)
    assert after[0] == after.max() > before.max()


def test_a_crafted_hub_is_flagged_and_natural_ones_are_not() -> None:
    assert flagged(k_occurrences(world(hub=True)[0], 2), 300).tolist() == [0]
    assert flagged(k_occurrences(world(hub=False)[0], 2), 300).tolist() == []


def test_equal_counts_and_small_galleries_flag_nothing() -> None:
    assert flagged(np.full(50, 10), 50).tolist() == []
    assert flagged(np.array([10, 10]), 10).tolist() == []
    assert flagged(np.array([1, 0, 0]), 1).tolist() == []


def test_counts_that_can_not_be_are_an_error() -> None:
    with pytest.raises(ValueError, match="above the number of questions"):
        flagged(np.array([5]), questions=4)


# -- correcting ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CORRECTIONS)
def test_a_correction_brings_right_answers_before_a_hub(name: str) -> None:
    scores, bank, right = world()
    before, after = right_ranks(scores, right), right_ranks(CORRECTIONS[name](scores, bank), right)
    assert np.mean(after == 1) > np.mean(before == 1) + 0.05
    assert k_occurrences(CORRECTIONS[name](scores, bank), 1)[0] < k_occurrences(scores, 1)[0]


@pytest.mark.parametrize("name", CORRECTIONS)
def test_a_bank_that_is_equally_near_to_all_changes_no_order(name: str) -> None:
    scores, bank, right = world()
    flat = np.full_like(bank, 0.25)
    np.testing.assert_array_equal(right_ranks(CORRECTIONS[name](scores, flat), right), right_ranks(scores, right))


@pytest.mark.parametrize("name", CORRECTIONS)
def test_the_order_of_the_bank_does_not_matter(name: str) -> None:
    scores, bank, _ = world()
    np.testing.assert_allclose(CORRECTIONS[name](scores, bank), CORRECTIONS[name](scores, bank[::-1]), atol=1e-12)


@pytest.mark.parametrize("name", CORRECTIONS)
def test_scores_over_other_items_than_the_bank_are_an_error(name: str) -> None:
    for bank in (np.zeros((5, 3)), np.zeros((0, 4)), np.zeros(4)):
        with pytest.raises(ValueError, match="over the same items"):
            CORRECTIONS[name](np.zeros((2, 4)), bank)


def test_the_inverted_softmax_is_a_softmax_over_questions() -> None:
    scores, bank, _ = world()
    softmax = np.exp(20.0 * scores) / np.exp(20.0 * bank).sum(axis=0)
    order = np.argsort(-inverted_softmax(scores, bank, 20.0), axis=1)
    np.testing.assert_array_equal(order, np.argsort(-softmax, axis=1))


def test_the_inverted_softmax_is_that_of_searches() -> None:
    items, bank, questions = unit(30, 16, 1), unit(50, 16, 2), unit(5, 16, 3)
    ours = inverted_softmax(questions @ items.T, bank @ items.T, beta=20.0)
    theirs = questions @ items.T - nearness(items, QueryBank(vectors=bank, beta=20.0))
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_a_large_beta_does_not_overflow() -> None:
    scores, bank, _ = world()
    assert np.isfinite(inverted_softmax(scores, bank, 1e5)).all()


def test_only_questions_that_find_a_hub_of_the_bank_are_normalised() -> None:
    scores, bank, _ = world()
    corrected = dynamic_inverted_softmax(scores, bank)
    untouched = ~np.isin(scores.argmax(axis=1), bank.argmax(axis=1))
    assert 0 < untouched.sum() < len(scores)
    np.testing.assert_array_equal(corrected[untouched], scores[untouched])
    assert (corrected[~untouched] != scores[~untouched]).all()


def test_csls_with_more_neighbours_than_there_are_takes_all() -> None:
    scores, bank, _ = world()
    np.testing.assert_allclose(
        csls(scores, bank, 10_000), 2 * scores - scores.mean(axis=1, keepdims=True) - bank.mean(axis=0), atol=1e-5
    )


@pytest.mark.parametrize("beta", [0.0, -1.0, float("nan")])
def test_a_beta_that_is_not_above_0_is_an_error(beta: float) -> None:
    with pytest.raises(ValueError, match="beta is above 0"):
        inverted_softmax(np.zeros((1, 1)), np.zeros((1, 1)), beta)


def test_no_neighbours_are_an_error() -> None:
    with pytest.raises(ValueError, match="neighbours count from 1"):
        csls(np.zeros((1, 1)), np.zeros((1, 1)), 0)


# -- measuring -------------------------------------------------------------------------------------------------------

COLOURS = {"red": "250 0 0", "green": "0 250 0", "blue": "0 0 250"}


class Drawn(HashEncoder):
    """Every text is also about "green", so that the green picture is near to all of them."""

    def _words(self, modality: Modality, content: Content) -> list[str]:
        if isinstance(content, np.ndarray):
            return [("red", "green", "blue")[int(content.mean(axis=(0, 1)).argmax())]]
        return [*str(content).split(), "green", "green"]


@pytest.fixture
def folder(lay_painted):
    lay_painted([(f"{word}.jpg", colour, word) for word, colour in COLOURS.items()])
    bank = [(f"train_{word}.jpg", colour, f"{word} thing") for word, colour in COLOURS.items()]
    return lay_painted(bank, split="train")


def test_a_correction_mends_what_a_hub_spoils(folder, painted_ports) -> None:
    report = evaluate_hubs(folder, HubOptions(bank_split="train", k=1), replace(painted_ports, encoder=Drawn(width=64)))
    plain, softmax, *_ = report.ways
    assert (report.pictures, report.questions, report.bank_questions) == (3, 3, 3)
    assert plain.recall[1].mean == pytest.approx(1 / 3)
    assert softmax.recall[1].mean == 1.0
    assert (softmax.gained, softmax.lost) == (pytest.approx(2 / 3), 0.0)
    assert report.hubs[0] == ("green.jpg", 3)
    assert plain.skewness > softmax.skewness == 0.0
    assert (plain.never_found, softmax.never_found) == (pytest.approx(2 / 3), 0.0)


def test_a_bank_of_the_measured_split_is_refused() -> None:
    with pytest.raises(BadInput, match="the bank is the split that is measured"):
        HubOptions(split="dev", bank_split="dev")


def test_a_picture_in_both_splits_is_refused_outside_of_the_samples_too(lay_painted, painted_ports) -> None:
    rows = [(f"{number}.jpg", "9 9 9", "x") for number in range(9)]
    lay_painted(rows)
    folder = lay_painted([*rows[:1], ("other.jpg", "1 1 1", "y")], split="train")
    options = HubOptions(bank_split="train", sample=1, bank=1)
    with pytest.raises(BadInput, match=r"1 pictures are in both splits, 0\.jpg among them"):
        evaluate_hubs(folder, options, painted_ports)


@pytest.mark.parametrize("wrong", [{"k": 0}, {"beta": 0.0}, {"beta": float("nan")}, {"neighbours": 0}])
def test_numbers_that_are_not_above_0_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(BadInput, match="give numbers above 0"):
        HubOptions(bank_split="train", **wrong)


def test_all_that_is_encoded_is_told(folder, painted_ports) -> None:
    told: list[tuple[int, int]] = []
    evaluate_hubs(folder, HubOptions(bank_split="train"), painted_ports, lambda done, of: told.append((done, of)))
    assert told == [(3, 9), (6, 9), (9, 9)]


def test_json_names_its_schema_and_all_that_was_chosen(folder, painted_ports) -> None:
    report = evaluate_hubs(folder, HubOptions(bank_split="train", k=2, beta=5.0), painted_ports)
    answer = json.loads(json.dumps(report.as_json()))
    assert (answer["schema"], answer["bank_split"], answer["k"], answer["beta"]) == (HUBS_SCHEMA, "train", 2, 5.0)
    assert [way["name"] for way in answer["corrections"]][:2] == ["as found", "inverted softmax"]


def test_the_printed_report_has_a_row_for_each_correction(folder, painted_ports) -> None:
    lines = str(evaluate_hubs(folder, HubOptions(bank_split="train"), painted_ports)).splitlines()
    assert [line[:8].strip() for line in lines[4:8]] == ["as found", "inverted", "CSLS", "query-ba"]
    assert "flagged: none" in lines
