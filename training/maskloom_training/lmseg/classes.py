"""Class enhancement: linear attention over the classes at every cell, with text guidance.

As CAT-Seg: feature map elu(x) + 1, guidance in queries and keys only, no output projection, ReLU MLP, pre-norm. Here no
pooling, no padding tokens and no cap: the classes meet only in two sums over them, so any number of
classes works, in chunks, and reordering the classes reorders the result.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

EPSILON = 1e-6


class ClassEnhancement(nn.Module):
    """x [B,T,g,g,D], text guidance [T,D] -> [B,T,g,g,D]; `sums` then `apply` is the same over chunks of T."""

    def __init__(self, dim: int, heads: int, mlp_ratio: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.query, self.key = nn.Linear(dim, dim), nn.Linear(dim, dim)
        self.query_guide, self.key_guide = nn.Linear(dim, dim, bias=False), nn.Linear(dim, dim, bias=False)
        self.value = nn.Linear(dim, dim)
        self.mlp = nn.Sequential(nn.Linear(dim, mlp_ratio * dim), nn.ReLU(), nn.Linear(mlp_ratio * dim, dim))

    def forward(self, x: torch.Tensor, guide: torch.Tensor) -> torch.Tensor:
        return self.apply_sums(x, guide, *self.sums(x, guide))

    def sums(self, x: torch.Tensor, guide: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Over these classes: kv [B,g*g,H,d,d] = sum phi(k) v^T and k [B,g*g,H,d] = sum phi(k)."""
        inner = self.norm1(x)
        k = self._split(F.elu(self.key(inner) + self.key_guide(guide)[:, None, None]) + 1)
        return k.transpose(-1, -2) @ self._split(self.value(inner)), k.sum(dim=-2)

    def apply_sums(self, x: torch.Tensor, guide: torch.Tensor, kv: torch.Tensor, k: torch.Tensor) -> torch.Tensor:
        """The block's result for these classes, given the sums over all classes."""
        q = self._split(F.elu(self.query(self.norm1(x)) + self.query_guide(guide)[:, None, None]) + 1)
        found = (q @ kv) / (q @ k[..., None] + EPSILON)
        batch, side, dim = x.shape[0], x.shape[2], x.shape[4]
        found = found.permute(0, 3, 1, 2, 4).reshape(batch, -1, side, side, dim)
        x = x + found
        return x + self.mlp(self.norm2(x))

    def _split(self, x: torch.Tensor) -> torch.Tensor:
        """[B,T,g,g,D] -> [B,g*g,H,T,d]."""
        batch, side, dim = x.shape[0], x.shape[2], x.shape[4]
        return x.reshape(batch, -1, side * side, self.heads, dim // self.heads).permute(0, 2, 3, 1, 4)


class TextGuide(nn.Module):
    """Unit text embeddings [T,C] -> guidance [T,D]: linear and ReLU; shared by all layers."""

    def __init__(self, channels: int, dim: int) -> None:
        super().__init__()
        self.linear = nn.Linear(channels, dim)

    def forward(self, text: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.linear(text))
