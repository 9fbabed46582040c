"""SigLIP's pairwise sigmoid loss (Zhai et al. 2023, equation 1), for patches and descriptions with several positives.

L = -1/P sum_p sum_t w_pt log sigmoid(z_pt (s <x_p, y_t> + b)), z = 1 for a pair that fits and -1 otherwise.

With one positive among hundreds of descriptions the plain sum is almost all negatives; `balanced` gives the
positive and the negative pairs of each patch the same total weight.
"""

import torch
import torch.nn.functional as F


def sigmoid_pairs_loss(
    patches: torch.Tensor,
    texts: torch.Tensor,
    positive: torch.Tensor,
    weights: torch.Tensor,
    scale: torch.Tensor,
    bias: torch.Tensor,
    balanced: bool = True,
) -> torch.Tensor:
    """patches [P,E] and texts [T,E] of unit length, positive [P,T] of 0 and 1, weights [P] of patches -> scalar."""
    logits = scale * patches @ texts.T + bias
    each = F.softplus(torch.where(positive > 0, -logits, logits))
    if balanced:
        inside = (each * positive).sum(1) / positive.sum(1).clamp(min=1)
        outside = (each * (1 - positive)).sum(1) / (1 - positive).sum(1).clamp(min=1)
        rows = 0.5 * (inside + outside)
    else:
        rows = each.sum(1)
    return (rows * weights).sum() / weights.sum()
