"""Weights out of ONNX files: exact on a twin of our own, and refused where the file is another graph."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from maskloom_training.from_bundle import recovered, stored_weights, write_codes
from maskloom_training.onnx_tools import export
from maskloom_training.sam.config import SamTinyConfig
from maskloom_training.sam.export import write_decoder, write_encoder
from maskloom_training.sam.model import SamTiny


class Net(nn.Module):
    """Weights that the exporter transposes, keeps, reshapes and drops."""

    def __init__(self, width: int = 6) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, bias=False)
        self.norm = nn.GroupNorm(2, 8)
        self.first = nn.Linear(8, width)
        self.unused = nn.Parameter(torch.zeros(3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.first(self.norm(self.conv(x)).mean(dim=(2, 3))[:, None])


def trained_like(module: nn.Module) -> nn.Module:
    """Every weight different and on the float16 grid: the exporter merges equal ones, which training never leaves."""
    torch.manual_seed(0)
    with torch.no_grad():
        for tensor in module.parameters():
            tensor.copy_(torch.randn(tensor.shape).half().float())
    return module


def written(net: nn.Module, path: Path) -> Path:
    return export(net, {"x": torch.randn(1, 3, 8, 8)}, ["y"], {}, path)


def test_every_weight_of_the_graph_is_found_exactly(tmp_path: Path) -> None:
    net, twin = trained_like(Net()), Net()
    shipped = written(net, tmp_path / "shipped.onnx")
    codes = write_codes(twin)
    state = recovered(codes, stored_weights(written(twin, tmp_path / "twin.onnx")), shipped)
    assert set(state) == {"conv.weight", "norm.weight", "norm.bias", "first.weight", "first.bias"}
    for name, tensor in state.items():
        assert torch.equal(tensor, net.state_dict()[name]), name


def test_another_graph_is_refused(tmp_path: Path) -> None:
    twin = Net()
    codes = write_codes(twin)
    other = written(Net(width=5), tmp_path / "other.onnx")
    with pytest.raises(ValueError, match="laid out otherwise"):
        recovered(codes, stored_weights(written(twin, tmp_path / "twin.onnx")), other)


def test_sam_comes_back_whole(tmp_path: Path) -> None:
    settings = SamTinyConfig(image_size=64, hidden=32, layers=1, heads=2, embed=16, decoder_heads=2, decoder_mlp=32)
    net, twin = trained_like(SamTiny(settings, "eager").eval()), SamTiny(settings, "eager").eval()
    codes = write_codes(twin)
    state: dict[str, torch.Tensor] = {}
    for write in (write_encoder, write_decoder):
        shipped = write(net, tmp_path / "shipped.onnx")
        state |= recovered(codes, stored_weights(write(twin, tmp_path / "twin.onnx")), shipped)
    for name, tensor in net.named_parameters():
        np.testing.assert_array_equal(state[name].numpy(), tensor.detach().numpy(), err_msg=name)
