"""PatchAnalyzer: objectness, mask embedding, category embedding (ROSE eq. 2) and a SigLIP text-space embedding."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F


class Head(nn.Sequential):
    """Two-layer MLP with ReLU (ROSE section 4.1); [..., D] -> [..., out]."""

    def __init__(self, width: int, hidden: int, out: int) -> None:
        super().__init__(nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, out))


class PatchAnalyzer(nn.Module):
    """The four heads over patch states.

    states [P,D] -> objectness [P] (logit), mask_embeddings [P,C] (a sparse prompt of SAM), category_embeddings [P,D]
    (takes <CATEGORY>'s place in the language model's input), text_embeddings [P,De] (SigLIP text space, unit length).
    """

    def __init__(self, width: int, prompt: int, text: int, hidden: int = 256) -> None:
        super().__init__()
        self.objectness = Head(width, hidden, 1)
        self.mask = Head(width, hidden, prompt)
        self.category = Head(width, hidden, width)
        self.text = Head(width, hidden, text)

    def forward(self, states: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        return (
            self.objectness(states)[..., 0],
            self.mask(states),
            self.category(states),
            F.normalize(self.text(states), dim=-1),
        )


@torch.no_grad()
def fit_head(
    head: Head, states: torch.Tensor, wanted: torch.Tensor, weights: torch.Tensor | None = None, floor: float = 0.1
) -> float:
    """Start a head in closed form, in place: a random first layer, ridge regression for the second.

    states [n,D], wanted [n,out], weights [n] or None. The first layer is W and -W, W random rotations of the whitened
    state (a few loud directions carry most of a state's length), so that all linear maps are within reach. Returns the
    share of the variance that is left unexplained.
    """
    first, second = head[0], head[2]
    half, width = first.out_features // 2, first.in_features
    mean = states.mean(0)
    values, vectors = torch.linalg.eigh(torch.cov(states.T))
    whiten = vectors @ torch.diag((values.clamp(min=0) + floor * values.median()).rsqrt()) @ vectors.T
    blocks = [torch.linalg.qr(torch.randn(width, width))[0] for _ in range(-(-half // width))]
    rows = torch.cat(blocks)[:half] @ whiten
    first.weight.copy_(torch.cat([rows, -rows]))
    first.bias.copy_(torch.cat([-rows @ mean, rows @ mean]))
    w = torch.ones(len(states)) if weights is None else weights
    hidden = torch.relu(first(states))
    x = torch.cat([hidden, torch.ones(len(states), 1)], dim=1).double()
    y = wanted.double()
    gram = x.T @ (x * w[:, None])
    ridge = 1e-3 * gram.diagonal().mean() * torch.eye(x.shape[1], dtype=torch.float64)
    solution = torch.linalg.solve(gram + ridge, x.T @ (y * w[:, None]))
    second.weight.copy_(solution[:-1].T.float())
    second.bias.copy_(solution[-1].float())
    centre = (y * w[:, None]).sum(0) / w.sum()
    left = ((x @ solution - y).pow(2) * w[:, None]).sum()
    return float(left / ((y - centre).pow(2) * w[:, None]).sum())
