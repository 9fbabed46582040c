"""Spatial enhancement: a pair of shifted-window attention blocks over the cells of every class's cost map.

As CAT-Seg: pre-norm, no relative positions; the appearance guidance (CLIP's dense features through a 3x3 convolution)
joins the queries and keys only. A linear map of [cost | guidance] is written as the sum of two maps, so that the
guidance's part is computed once per picture and not once per class.
"""

from __future__ import annotations

import math

import torch
from torch import nn

MASKED = -100.0
"""Added to the logits of cells that a shifted window joins but the picture does not (Swin's value)."""


class WindowBlock(nn.Module):
    """x [B,T,g,g,D], guide [B,g,g,D] -> [B,T,g,g,D]. `shift` cells of cyclic shift, 0 for none."""

    def __init__(self, dim: int, heads: int, grid: int, window: int, shift: int, mlp_ratio: int) -> None:
        super().__init__()
        if grid % window:
            raise ValueError(f"A grid of {grid} cells does not split into windows of {window}.")
        self.heads, self.grid, self.window, self.shift = heads, grid, window, shift
        self.norm1, self.norm2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.query, self.key = nn.Linear(dim, dim), nn.Linear(dim, dim)
        self.query_guide, self.key_guide = nn.Linear(dim, dim, bias=False), nn.Linear(dim, dim, bias=False)
        self.value, self.out = nn.Linear(dim, dim), nn.Linear(dim, dim)
        self.mlp = nn.Sequential(nn.Linear(dim, mlp_ratio * dim), nn.GELU(), nn.Linear(mlp_ratio * dim, dim))
        self.register_buffer("mask", shift_mask(grid, window, shift), persistent=False)

    def forward(self, x: torch.Tensor, guide: torch.Tensor) -> torch.Tensor:
        inner = self.norm1(x)
        q = self.query(inner) + self.query_guide(guide)[:, None]
        k = self.key(inner) + self.key_guide(guide)[:, None]
        q, k, v = (self._windows(y) for y in (q, k, self.value(inner)))
        logits = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
        if self.shift:
            logits = logits + self.mask[:, None]
        x = x + self.out(self._back((logits.softmax(-1)) @ v, x.shape))
        return x + self.mlp(self.norm2(x))

    def _windows(self, x: torch.Tensor) -> torch.Tensor:
        """[B,T,g,g,D] -> [B*T, windows, heads, cells, d]."""
        x = x.flatten(0, 1)
        if self.shift:
            x = _roll(x, self.shift)
        n, w = self.grid // self.window, self.window
        x = x.reshape(-1, n, w, n, w, self.heads, x.shape[-1] // self.heads)
        return x.permute(0, 1, 3, 5, 2, 4, 6).reshape(-1, n * n, self.heads, w * w, x.shape[-1])

    def _back(self, x: torch.Tensor, shape: torch.Size) -> torch.Tensor:
        n, w = self.grid // self.window, self.window
        x = x.reshape(-1, n, n, self.heads, w, w, x.shape[-1]).permute(0, 1, 4, 2, 5, 3, 6)
        x = x.reshape(-1, self.grid, self.grid, self.heads * x.shape[-1])
        if self.shift:
            x = _roll(x, self.grid - self.shift)
        return x.reshape(shape)


def _roll(x: torch.Tensor, by: int) -> torch.Tensor:
    """Cyclic shift up and left by `by` cells of [N,g,g,D]; slices, which every runtime has."""
    x = torch.cat([x[:, by:], x[:, :by]], dim=1)
    return torch.cat([x[:, :, by:], x[:, :, :by]], dim=2)


def shift_mask(grid: int, window: int, shift: int) -> torch.Tensor:
    """[windows, cells, cells]: 0 where both cells come from one region of the picture, MASKED elsewhere."""
    region = torch.zeros(1, grid, grid, 1)
    if shift:
        edges = (slice(0, -window), slice(-window, -shift), slice(-shift, None))
        for i, rows in enumerate(edges):
            for j, columns in enumerate(edges):
                region[:, rows, columns] = 3 * i + j
    n = grid // window
    cells = region.reshape(n, window, n, window).permute(0, 2, 1, 3).reshape(n * n, window * window)
    return (cells[:, None] != cells[:, :, None]).float() * MASKED


class SpatialEnhancement(nn.Module):
    """One aggregation layer's pair of blocks: windows as they are, then shifted by half a window."""

    def __init__(self, dim: int, heads: int, grid: int, window: int, mlp_ratio: int) -> None:
        super().__init__()
        shift = window // 2 if grid > window else 0
        self.blocks = nn.ModuleList(WindowBlock(dim, heads, grid, window, s, mlp_ratio) for s in (0, shift))

    def forward(self, x: torch.Tensor, guide: torch.Tensor) -> torch.Tensor:
        for block in self.blocks:
            x = block(x, guide)
        return x


class AppearanceGuide(nn.Module):
    """CLIP's dense features [B,L,C] -> guidance [B,g,g,D]: 3x3 convolution, ReLU, LayerNorm; shared by all layers."""

    def __init__(self, channels: int, dim: int, grid: int) -> None:
        super().__init__()
        self.grid = grid
        self.conv = nn.Conv2d(channels, dim, 3, padding=1)
        self.norm = nn.LayerNorm(dim)

    def forward(self, dense: torch.Tensor) -> torch.Tensor:
        grid = dense.transpose(1, 2).unflatten(2, (self.grid, self.grid))
        return self.norm(torch.relu(self.conv(grid)).permute(0, 2, 3, 1))
