"""Losses of the base stage. READ's Similarity as Points reads a plain dot product, so pointing is trained on it."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import functional as F


class PointingScale(nn.Module):
    """Learned scale and bias of the pointing logits exp(ls) * <h, h_img> / D + bias; training only."""

    def __init__(self) -> None:
        super().__init__()
        self.log_scale = nn.Parameter(torch.tensor(math.log(14.0)))
        self.bias = nn.Parameter(torch.tensor(-4.0))

    def forward(self, states: torch.Tensor, images: torch.Tensor) -> torch.Tensor:
        """states [n,D], image states [n,L,D] -> logits [n,L], without the bias."""
        return self.log_scale.exp() * torch.einsum("nd,nld->nl", states, images) / states.shape[-1]


def pointing_loss(logits: torch.Tensor, bias: torch.Tensor, cover: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """(cross-entropy of the coverage over cells, balanced per-cell BCE); logits and cover [n,L]."""
    share = cover / cover.sum(1, keepdim=True).clamp(min=1e-6)
    entropy = -(share * logits.log_softmax(dim=1)).sum(1).mean()
    z = logits + bias
    inside = (F.softplus(-z) * cover).sum(1) / cover.sum(1).clamp(min=1e-6)
    outside = (F.softplus(z) * (1 - cover)).sum(1) / (1 - cover).sum(1).clamp(min=1e-6)
    return entropy, 0.5 * (inside + outside).mean()


def answer_loss(logits: torch.Tensor, targets: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Cross-entropy of answer tokens, weighted mean; logits [n,V], targets and weights [n]."""
    each = F.cross_entropy(logits, targets, reduction="none")
    return (each * weights).sum() / weights.sum()


def distillation_loss(states: torch.Tensor, teacher: torch.Tensor) -> torch.Tensor:
    """1 - cosine with the text tower's embedding of the noun; both [n,D]."""
    return (1 - F.cosine_similarity(states, teacher, dim=-1)).mean()
