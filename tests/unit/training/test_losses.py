"""The contrastive losses: what they reward, and whom they do not take for strangers."""

import pytest

torch = pytest.importorskip("torch")

from sensorium.training.losses import (  # noqa: E402
    LOSSES,
    hard_info_nce,
    hardest,
    info_nce,
    multi_positive,
    sigmoid,
    symmetric_info_nce,
)

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


def likeness(seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(4, 4, generator=generator) * 2 - 1


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_falls_when_it_is_followed(name: str) -> None:
    generator = torch.Generator().manual_seed(1)
    texts, pictures = (torch.randn(8, 6, generator=generator).requires_grad_() for _ in range(2))

    def loss() -> torch.Tensor:
        unit_texts, unit_pictures = (torch.nn.functional.normalize(rows, dim=1) for rows in (texts, pictures))
        return LOSSES[name](unit_texts @ unit_pictures.T, torch.arange(8), 10.0, -5.0)

    before = loss()
    optimizer = torch.optim.SGD([texts, pictures], lr=0.05)
    for _ in range(50):
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()
    assert loss() < 0.8 * before


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_has_finite_gradients_where_everything_is_one_group(name: str) -> None:
    alike = likeness(2).requires_grad_()
    LOSSES[name](alike, torch.zeros(4, dtype=torch.int64), 20.0, -5.0).backward()
    assert torch.isfinite(alike.grad).all()


@pytest.mark.parametrize("name", LOSSES)
def test_no_loss_wants_rows_of_one_group_apart(name: str) -> None:
    alike = likeness(3).requires_grad_()
    LOSSES[name](alike, torch.tensor([0, 0, 2, 3]), 20.0, -5.0).backward()
    assert (alike.grad[[0, 1], [1, 0]] <= 0).all()


def test_all_right_answers_of_a_row_share_its_target() -> None:
    two = torch.tensor([[1.0, 1.0], [1.0, 1.0]])
    assert multi_positive(two, torch.tensor([0, 0]), 5.0).item() == pytest.approx(torch.tensor(2.0).log().item())
    one_found = torch.tensor([[1.0, -1.0], [-1.0, 1.0]])
    assert multi_positive(one_found, torch.tensor([0, 0]), 5.0) > 4


def test_the_sigmoid_loss_judges_each_pair_alone() -> None:
    alike = torch.zeros(2, 2)
    one = torch.nn.functional.softplus(torch.tensor(3.0)), torch.nn.functional.softplus(torch.tensor(-3.0))
    assert sigmoid(alike, torch.arange(2), 10.0, -3.0).item() == pytest.approx((one[0] + one[1]).item())


def test_the_hinge_looks_at_the_likeliest_wrong_row_alone() -> None:
    alike = torch.full((4, 4), -1.0).fill_diagonal_(1.0)
    assert hardest(alike, EACH, 0.2) == 0
    alike[0, 1], alike[0, 2] = 0.9, 0.85
    only = hardest(alike, EACH, 0.2)
    alike[0, 2] = 0.0
    one_way = (0.2 + 0.9 - 1.0) / 4
    assert hardest(alike, EACH, 0.2).item() == pytest.approx(2 * one_way, abs=1e-6)
    assert only.item() == pytest.approx(2 * one_way + (0.2 + 0.85 - 1.0) / 4, abs=1e-6)


def test_likely_wrong_rows_count_more_than_others() -> None:
    alike = likeness(4).fill_diagonal_(0.5)
    assert hard_info_nce(alike, EACH, 5.0, 5.0) > info_nce(alike, EACH, 5.0)
    flat = torch.zeros(4, 4)
    assert hard_info_nce(flat, EACH, 5.0, 5.0).item() == pytest.approx(info_nce(flat, EACH, 5.0).item())
