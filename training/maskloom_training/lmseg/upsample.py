"""The decoder: each class's cost embedding to four times the grid, guided by CLIP's intermediate maps.

CAT-Seg's form at a quarter of its width: two up-blocks (2x2 transposed convolution, guidance joined, two 3x3
convolutions with GroupNorm and ReLU) and a 3x3 head. The deeper tap feeds the finer stage, as there. The convolution
of [embedding | guidance] is a sum of two, so that the guidance's part is computed once per picture.
"""

from __future__ import annotations

import torch
from torch import nn


class UpBlock(nn.Module):
    """x [B,T,in,s,s], guide [B,Cg,2s,2s] -> [B,T,out,2s,2s]."""

    def __init__(self, wide: int, guide: int, out: int) -> None:
        super().__init__()
        self.up = nn.ConvTranspose2d(wide, wide - guide, 2, stride=2)
        self.first = nn.Conv2d(wide - guide, out, 3, padding=1, bias=False)
        self.first_guide = nn.Conv2d(guide, out, 3, padding=1)
        self.second = nn.Conv2d(out, out, 3, padding=1)
        groups = max(1, out // 16)
        self.norm1, self.norm2 = nn.GroupNorm(groups, out), nn.GroupNorm(groups, out)

    def forward(self, x: torch.Tensor, guide: torch.Tensor) -> torch.Tensor:
        batch = guide.shape[0]
        y = self.first(self.up(x.flatten(0, 1)))
        side, out = y.shape[-1], y.shape[1]
        y = y.reshape(batch, -1, out, side, side) + self.first_guide(guide)[:, None]
        y = torch.relu(self.norm1(y.flatten(0, 1)))
        y = torch.relu(self.norm2(self.second(y)))
        return y.reshape(batch, -1, out, side, side)


class Upsample(nn.Module):
    """embed [B,T,D,g,g], tap1 [B,L,Dv], tap2 [B,L,Dv] -> logits [B,T,4g,4g].

    tap_channels: what the transposed convolutions make of the taps; a half and a quarter of `tap_width` when None.
    """

    def __init__(self, dim: int, tap_width: int, grid: int, tap_channels: tuple[int, int] | None = None) -> None:
        super().__init__()
        self.grid = grid
        coarse, fine = dim // 4, dim // 8
        first, second = tap_channels or (tap_width // 2, tap_width // 4)
        self.tap1 = nn.Sequential(
            nn.ConvTranspose2d(tap_width, first, 2, stride=2),
            nn.Conv2d(first, coarse, 3, padding=1),
            nn.ReLU(),
        )
        self.tap2 = nn.Sequential(
            nn.ConvTranspose2d(tap_width, second, 4, stride=4),
            nn.Conv2d(second, fine, 3, padding=1),
            nn.ReLU(),
        )
        self.coarse = UpBlock(dim, coarse, dim // 2)
        self.fine = UpBlock(dim // 2, fine, dim // 4)
        self.head = nn.Conv2d(dim // 4, 1, 3, padding=1)
        nn.init.constant_(self.head.bias, -2.0)  # most classes are absent at most pixels

    def forward(self, embed: torch.Tensor, tap1: torch.Tensor, tap2: torch.Tensor) -> torch.Tensor:
        first = self.tap1(tap1.transpose(1, 2).unflatten(2, (self.grid, self.grid)))
        second = self.tap2(tap2.transpose(1, 2).unflatten(2, (self.grid, self.grid)))
        x = self.fine(self.coarse(embed, first), second)
        logits = self.head(x.flatten(0, 1))
        return logits.reshape(embed.shape[0], -1, 4 * self.grid, 4 * self.grid)
