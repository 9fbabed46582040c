"""Dice loss on mask logits (READ eq. 12, second term; weight 0.5 in the paper)."""

import torch

SCALE = 1000.0
"""The released code divides the sums by 1000, which makes its epsilon of 1e-6 act as 1e-3 pixels."""
EPSILON = 1e-6


def per_mask_dice(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Dice loss of each mask: 1 - (2 sum(p g) / 1000 + 1e-6) / ((sum p + sum g) / 1000 + 1e-6), p = sigmoid(logits).

    logits, targets: [..., H, W], targets in [0, 1]. Returns [...].
    """
    probabilities = logits.sigmoid().flatten(-2)
    targets = targets.flatten(-2)
    overlap = 2 * (probabilities * targets).sum(-1) / SCALE
    total = (probabilities.sum(-1) + targets.sum(-1)) / SCALE
    return 1 - (overlap + EPSILON) / (total + EPSILON)


def mask_dice_loss(logits: torch.Tensor, targets: torch.Tensor, num_masks: float | None = None) -> torch.Tensor:
    """READ eq. 12, L_dice: summed over masks, over (number of masks + 1e-8).

    logits, targets: [N, H, W]; `num_masks` as in `mask_bce_loss`. Zero masks give a zero loss.
    """
    count = logits.shape[0] if num_masks is None else num_masks
    return per_mask_dice(logits, targets).sum() / (count + 1e-8)
