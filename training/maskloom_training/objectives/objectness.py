"""Objectness loss (ROSE section 3.5, item 3): BCE over positive patches and sampled negatives.

L_obj = mean over positives of softplus(-o) + mean over negatives of softplus(o), halved ("balanced"), or the plain mean
over both groups together. How many negatives are drawn is not given in the paper: `ratio` per positive.
"""

import numpy as np
import torch
import torch.nn.functional as F


def sample_negatives(positive: np.ndarray, ratio: float | None, rng: np.random.Generator) -> np.ndarray:
    """Bool [L]: unsupervised patches picked as negatives; all of them with ratio None, at least four otherwise."""
    free = np.flatnonzero(~positive)
    picked = np.zeros(len(positive), dtype=bool)
    if ratio is not None:
        wanted = min(len(free), max(4, round(ratio * int(positive.sum()))))
        free = rng.choice(free, wanted, replace=False)
    picked[free] = True
    return picked


def objectness_loss(
    logits: torch.Tensor, positive: torch.Tensor, negative: torch.Tensor, balanced: bool = True
) -> torch.Tensor:
    """logits [n], positive and negative bool [n]; patches that are neither do not count."""
    inside, outside = F.softplus(-logits[positive]), F.softplus(logits[negative])
    if not balanced:
        return torch.cat([inside, outside]).mean()
    parts = [group.mean() for group in (inside, outside) if group.numel()]
    return torch.stack(parts).mean()
