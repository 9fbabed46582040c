"""The random weights of packages/hub/fixtures, drawn again: make_ready_made.py, and goldens of what is built on them."""

from pathlib import Path

import torch
from torch import nn

FIXTURES = Path(__file__).resolve().parents[2] / "packages" / "hub" / "fixtures"


def randomise(model: nn.Module, spread: float = 0.2) -> nn.Module:
    """Fill a model with random weights; norms stay near 1."""
    draw = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            noise = torch.randn(weight.shape, generator=draw)
            near_one = "norm" in name and name.endswith("weight")
            weight.copy_(1 + 0.1 * noise if near_one else spread * noise)
    return model.eval()
