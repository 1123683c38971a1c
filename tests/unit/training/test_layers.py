"""Folding BatchNorm changes no result."""

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from sensorium.training.layers import fold_batch_norms  # noqa: E402


class Block(nn.Module):
    """Named like the blocks of EfficientNet."""

    def __init__(self) -> None:
        super().__init__()
        self._expand_conv, self._bn0 = nn.Conv2d(3, 8, 1, bias=False), nn.BatchNorm2d(8)
        self._depthwise_conv, self._bn1 = nn.Conv2d(8, 8, 3, padding=1, groups=8, bias=False), nn.BatchNorm2d(8)
        self._project_conv, self._bn2 = nn.Conv2d(8, 3, 1, bias=False), nn.BatchNorm2d(3)

    def forward(self, x: "torch.Tensor") -> "torch.Tensor":
        y = torch.relu(self._bn0(self._expand_conv(x)))
        y = torch.relu(self._bn1(self._depthwise_conv(y)))
        return x + self._bn2(self._project_conv(y))


def network() -> nn.Module:
    torch.manual_seed(0)
    net = nn.Sequential(Block(), nn.Conv2d(3, 4, 1, bias=False), nn.BatchNorm2d(4), nn.ReLU6())
    with torch.no_grad():
        for part in net.modules():
            if isinstance(part, nn.BatchNorm2d):
                for values in (part.weight, part.running_var):
                    values.uniform_(0.5, 2)
                for values in (part.bias, part.running_mean):
                    values.uniform_(-1, 1)
    return net.eval()


def norms(net: nn.Module) -> int:
    return sum(isinstance(part, nn.BatchNorm2d) for part in net.modules())


def test_folding_takes_every_norm_out_and_changes_nothing() -> None:
    net, pictures = network(), torch.randn(2, 3, 5, 5)
    with torch.no_grad():
        before = net(pictures)
        assert norms(net) == 4
        fold_batch_norms(net)
        assert norms(net) == 0
        torch.testing.assert_close(net(pictures), before, rtol=1e-4, atol=1e-5)


def test_folding_twice_is_folding_once() -> None:
    net, pictures = network(), torch.randn(2, 3, 5, 5)
    fold_batch_norms(net)
    with torch.no_grad():
        once = net(pictures)
        fold_batch_norms(net)
        torch.testing.assert_close(net(pictures), once)
