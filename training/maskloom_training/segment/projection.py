"""The projection of the <SEG> state into SAM's prompt space (LISA's text_hidden_fcs)."""

from __future__ import annotations

import torch
from torch import nn


class SegProjection(nn.Module):
    """Linear D-D, ReLU, Linear D-C; hidden [N,D] -> embeddings [N,1,C], one sparse prompt each."""

    def __init__(self, hidden: int, embedding: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, embedding))

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        return self.layers(hidden)[:, None]
