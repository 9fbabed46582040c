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


class ExistenceProbe(nn.Module):
    """Reads from a word's state whether the phrase up to it fits anything; training only.

    Without it the answer "No" is learnt late: it needs two steps, the word looking at the image and the
    answer reading the word, and neither pays without the other. The probe rewards the first one by itself.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.read = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 1))

    def loss(self, states: torch.Tensor, exists: torch.Tensor) -> torch.Tensor:
        """Class-balanced binary cross-entropy; states [n,D], exists [n] of 0 and 1."""
        each = F.binary_cross_entropy_with_logits(self.read(states)[:, 0], exists, reduction="none")
        yes, no = exists > 0.5, exists < 0.5
        parts = [each[group].mean() for group in (yes, no) if bool(group.any())]
        return torch.stack(parts).mean()


class PlaceProbe(nn.Module):
    """Reads (x, y) of a noun's object from a state, in -1..1 of the picture; training only.

    Whether "the star above the ring" holds takes three steps: both nouns find their objects, one state gathers both
    places, and a layer compares them. Rewarding the first two by themselves makes the third learnable.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.noun = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 2))
        self.gathered = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 4))

    def loss(self, nouns, noun_places, answers, answer_places) -> torch.Tensor:
        """Mean absolute errors: nouns [n,D] against [n,2]; answers [m,D] against head, reference [m,4] (or nan)."""
        one = (self.noun(nouns) - noun_places).abs().mean()
        known = ~answer_places.isnan()
        both = (self.gathered(answers) - answer_places.nan_to_num()).abs()[known].mean()
        return one + both


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
