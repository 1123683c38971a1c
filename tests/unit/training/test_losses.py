"""The contrastive loss: what it rewards, and whom it does not take for strangers."""

import pytest

torch = pytest.importorskip("torch")

from sensorium.training.losses import symmetric_info_nce  # noqa: E402

UNIT = torch.eye(4)
EACH = torch.arange(4)


def test_matching_rows_cost_nothing_and_exchanged_ones_much() -> None:
    assert symmetric_info_nce(UNIT, UNIT, EACH, 20.0) < 1e-6
    assert symmetric_info_nce(UNIT, UNIT.roll(1, 0), EACH, 20.0) > 19


def test_rows_that_are_all_alike_cost_the_logarithm_of_their_number() -> None:
    same = torch.ones(4, 1)
    assert symmetric_info_nce(same, same, EACH, 20.0).item() == pytest.approx(torch.tensor(4.0).log().item())


def test_rows_of_one_group_are_no_negatives_of_each_other() -> None:
    twins = UNIT.clone()
    twins[1] = twins[0]
    assert symmetric_info_nce(twins, twins, EACH, 20.0) > 0.3
    assert symmetric_info_nce(twins, twins, torch.tensor([0, 0, 2, 3]), 20.0) < 1e-6


def test_it_is_symmetric_in_texts_and_pictures() -> None:
    texts, pictures = (torch.nn.functional.normalize(torch.randn(4, 8), dim=1) for _ in range(2))
    one, other = (symmetric_info_nce(*pair, EACH, 7.0) for pair in ((texts, pictures), (pictures, texts)))
    assert one.item() == pytest.approx(other.item(), rel=1e-5)


def test_gradients_are_finite_where_everything_is_one_group() -> None:
    texts = UNIT.clone().requires_grad_()
    symmetric_info_nce(texts, UNIT, torch.zeros(4, dtype=torch.int64), 20.0).backward()
    assert torch.isfinite(texts.grad).all()
