"""CLIP-tiny's convolutional stem in the place of SigLIP's patch embedding, with any number of input planes."""

from __future__ import annotations

import torch
from torch import nn

from ..clip.stem import ConvStem


class PlacedStem(nn.Module):
    """pixel_values [B,planes,S,S] -> [B,width,grid,grid], places added and normalised.

    CLIP normalises what enters its first block (pre_layrnorm), SigLIP does not. The stem therefore carries the places
    and that norm itself, so a SigLIP tower can start as exactly what CLIP-tiny computes. `planes` is 3, or 4 when
    a previous mask comes with the picture (ROSE section 3.4).
    """

    def __init__(self, width: int, grid: int, planes: int = 3) -> None:
        super().__init__()
        stem = ConvStem(width)
        first = stem.layers[0]
        # With a bias, unlike CLIP-tiny's: another mean and deviation of the pixels folds into scale and bias.
        stem.layers[0] = nn.Conv2d(planes, first.out_channels, 3, stride=2, padding=1)
        self.stem = stem
        self.places = nn.Parameter(torch.randn(1, width, grid, grid) * 0.3)
        self.norm = nn.LayerNorm(width)

    @property
    def first(self) -> nn.Conv2d:
        """The convolution that reads the pixels."""
        return self.stem.layers[0]

    @property
    def weight(self) -> torch.Tensor:
        """SiglipVisionEmbeddings asks its patch embedding for `weight.dtype`."""
        return self.first.weight

    def forward(self, pixel_values: torch.Tensor) -> torch.Tensor:
        x = self.stem(pixel_values) + self.places
        return self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


@torch.no_grad()
def widen(stem: PlacedStem, planes: int) -> None:
    """Let the stem read more planes, in place; the new ones start with zero weights, so nothing changes."""
    old = stem.first
    new = nn.Conv2d(planes, old.out_channels, 3, stride=2, padding=1)
    new.weight.zero_()
    new.weight[:, : old.in_channels] = old.weight
    new.bias.copy_(old.bias)
    stem.stem.layers[0] = new
