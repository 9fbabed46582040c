"""A convolutional stem that can stand in CLIP's patch embedding.

A plain 8x8 patch embedding must learn edges and textures from one linear map; at toy width a few strided
convolutions learn shapes sooner. It gives the same thing, one vector per 8x8 patch, so the rest of the
Hugging Face vision tower (and the exported graph's edges) do not change.
"""

from __future__ import annotations

import torch
from torch import nn


class _Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.GroupNorm(8, width),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.GroupNorm(8, width),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(x + self.body(x))


class ConvStem(nn.Module):
    """pixel_values [B,3,S,S] -> [B,width,S/8,S/8]; GroupNorm, so training and inference agree."""

    def __init__(self, width: int, widths: tuple[int, int] = (32, 64)) -> None:
        super().__init__()
        first, second = widths
        self.layers = nn.Sequential(
            nn.Conv2d(3, first, 3, stride=2, padding=1, bias=False),
            nn.GroupNorm(8, first),
            nn.ReLU(),
            _Residual(first),
            nn.Conv2d(first, second, 3, stride=2, padding=1, bias=False),
            nn.GroupNorm(8, second),
            nn.ReLU(),
            _Residual(second),
            nn.Conv2d(second, width, 3, stride=2, padding=1),
        )

    @property
    def weight(self) -> torch.Tensor:
        """CLIPVisionEmbeddings asks its patch embedding for `weight.dtype`."""
        return self.layers[0].weight

    def forward(self, pixel_values: torch.Tensor) -> torch.Tensor:
        return self.layers(pixel_values)
