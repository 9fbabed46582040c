"""Binary cross-entropy on mask logits (READ eq. 12, first term; weight 2.0 in the paper)."""

import torch
import torch.nn.functional as F


def per_mask_bce(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Mean binary cross-entropy of each mask.

    logits, targets: [..., H, W], the same shape; targets in [0, 1] (fractions are pixel coverage).
    Returns [...].
    """
    return F.binary_cross_entropy_with_logits(logits, targets, reduction="none").flatten(-2).mean(-1)


def mask_bce_loss(logits: torch.Tensor, targets: torch.Tensor, num_masks: float | None = None) -> torch.Tensor:
    """READ eq. 12, L_bce: the mean over H*W of each mask, summed over masks, over (number of masks + 1e-8).

    logits, targets: [N, H, W]. `num_masks` is the number of masks of the whole batch when the
    masks of one batch come in several calls; N when left out. Zero masks give a zero loss.
    """
    count = logits.shape[0] if num_masks is None else num_masks
    return per_mask_bce(logits, targets).sum() / (count + 1e-8)
