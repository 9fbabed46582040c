"""Text generation loss (ROSE eq. 5, first line): CE(y_txt) of the counting answer + CE(y_cat) of the names."""

import torch
import torch.nn.functional as F


def token_cross_entropy(
    logits: torch.Tensor, tokens: torch.Tensor, weights: torch.Tensor | None = None
) -> torch.Tensor:
    """CE = -sum_i w_i log softmax(logits_i)[token_i] / sum_i w_i; logits [n,V], tokens [n], weights [n] or None (1)."""
    each = F.cross_entropy(logits, tokens, reduction="none")
    return each.mean() if weights is None else (each * weights).sum() / weights.sum().clamp(min=1e-6)
