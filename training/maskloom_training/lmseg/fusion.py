"""Fusions of CLIP's and SAM's features on one grid.

LMSeg's is F = w Fc + (1 - w) Fs with a learnable w (summary of section 3.3): here w = sigmoid of a free parameter, so
1 is exactly CLIP alone and 0 exactly SAM alone. Whether w is one number, one per channel or one per cell is
not known; all three are here. Both maps are unit vectors before they meet and the result is normalised again.
"""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import functional as F

from .settings import WEIGHTED


class Fusion(nn.Module):
    """clip [B,L,C] (dense features), sam [B,Cs,h,w] -> fused [B,C,g,g], unit over channels.

    SAM's map is brought to CLIP's grid (bilinear, where the sides differ) and projected to C by one linear map.
    """

    def __init__(self, kind: str, channels: int, sam_channels: int, grid: int, start: float = 0.7, heads: int = 4):
        super().__init__()
        self.kind, self.grid, self.heads = kind, grid, heads
        if kind != "clip":
            self.project = nn.Conv2d(sam_channels, channels, 1)
        if kind in WEIGHTED:
            shape = {"scalar": (1,), "channel": (channels,), "position": (1, 1, grid, grid)}[kind]
            self.free = nn.Parameter(torch.full(shape, math.log(start / (1 - start))))
        elif kind == "concat":
            self.mix = nn.Conv2d(2 * channels, channels, 1)
            with torch.no_grad():  # starts as CLIP alone with a little of SAM, so that no fusion has a head start
                self.mix.weight.mul_(0.1)[:, :channels, 0, 0] += torch.eye(channels)
                self.mix.bias.zero_()
        elif kind == "attention":
            self.query = nn.Linear(channels, channels)
            self.key = nn.Linear(channels, channels)
            self.value = nn.Linear(channels, channels)
            self.out = nn.Linear(channels, channels)

    @property
    def weight(self) -> torch.Tensor | None:
        """The learned weight in 0..1, of CLIP: [1], [C] or [1,1,g,g]; None for the fusions without one."""
        return torch.sigmoid(self.free) if self.kind in WEIGHTED else None

    def forward(self, clip: torch.Tensor | None, sam: torch.Tensor | None) -> torch.Tensor:
        """A map that the fusion does not read may be None: `sam` for "clip", `clip` for "sam"."""
        return self.fuse(clip, sam, self.weight)

    def fuse(self, clip: torch.Tensor | None, sam: torch.Tensor | None, weight: torch.Tensor | None) -> torch.Tensor:
        """As `forward`, with the weight given (only the weighted fusions read it)."""
        if self.kind != "sam":
            c = F.normalize(clip, dim=-1).transpose(1, 2).unflatten(2, (self.grid, self.grid))
        if self.kind == "clip":
            return c
        if sam.shape[-1] != self.grid or sam.shape[-2] != self.grid:
            sam = F.interpolate(sam, (self.grid, self.grid), mode="bilinear", align_corners=False)
        s = F.normalize(self.project(sam), dim=1)
        if self.kind == "sam":
            return s
        if weight is not None:
            w = weight[None, :, None, None] if weight.ndim == 1 else weight
            mixed = w * c + (1 - w) * s
        elif self.kind == "sum":
            mixed = c + s
        elif self.kind == "concat":
            mixed = self.mix(torch.cat([c, s], dim=1))
        else:
            mixed = c + self._attend(c, s)
        return F.normalize(mixed, dim=1)

    def _attend(self, c: torch.Tensor, s: torch.Tensor) -> torch.Tensor:
        """Softmax attention of CLIP's cells over SAM's; [B,C,g,g]."""
        batch, channels = c.shape[:2]

        def split(x: torch.Tensor) -> torch.Tensor:
            return x.reshape(batch, -1, self.heads, channels // self.heads).transpose(1, 2)

        rows, keys = c.flatten(2).transpose(1, 2), s.flatten(2).transpose(1, 2)
        q, k, v = split(self.query(rows)), split(self.key(keys)), split(self.value(keys))
        mixed = ((q @ k.transpose(2, 3)) / math.sqrt(q.shape[-1])).softmax(-1) @ v
        out = self.out(mixed.transpose(1, 2).reshape(batch, -1, channels))
        return out.transpose(1, 2).unflatten(2, (self.grid, self.grid))


def cosine_cost(fused: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
    """E[i,j,n] = cosine(F[i,j], T[n]) : unit fused [B,C,g,g], unit text [T,C] -> [B,T,g,g]."""
    return (text @ fused.flatten(2)).unflatten(2, fused.shape[2:])
