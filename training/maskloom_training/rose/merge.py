"""From decoded patches to a result: which are kept, mask NMS, semantic merge. The TypeScript plugin copies this.

Selection. Candidates are the live cells with objectness p = sigmoid(logit) >= `min_objectness`, in descending p, equal
ones in row-major order, at most `top` of them (paper: 100). All their masks come from one decoder call.

Mask NMS. Greedy in that order on the low-resolution masks (logit > 0). A candidate is dropped when its mask
is empty or its IoU with one that was kept is greater than `nms_iou`. Names are written for the kept ones only, which
gives the same result as naming all: NMS does not look at names.

Semantic merge (after Mask2Former's; paper section 6.3: same-category predictions stacked, plus one non-object channel).
With full-size logits z_i and objectness p_i of the kept segments, the map of category c is
S_c = max over segments named c of p_i * sigmoid(z_i); a pixel's label is argmax_c S_c, the category that comes first
among the kept segments winning a tie, and "nothing" where max_c S_c < `background`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch


@dataclass(frozen=True)
class Choices:
    """Constants of selection and merging (presets.rose). `threshold`: objectness from which a segment is shown."""

    top: int = 100
    min_objectness: float = 0.5
    threshold: float = 0.5
    nms_iou: float = 0.5
    background: float = 0.1

    def preset(self) -> dict:
        """As the bundle writes them."""
        return {
            "topN": self.top,
            "minObjectness": self.min_objectness,
            "threshold": self.threshold,
            "nmsIou": self.nms_iou,
            "background": self.background,
        }


def select(objectness: torch.Tensor, live: np.ndarray, choices: Choices) -> torch.Tensor:
    """Candidate cells [n] of objectness logits [L]."""
    p = torch.where(torch.as_tensor(live), objectness.sigmoid(), -1.0)
    order = torch.argsort(p, descending=True, stable=True)[: choices.top]
    return order[p[order] >= choices.min_objectness]


def mask_nms(low: torch.Tensor, iou: float) -> list[int]:
    """Kept indices, in order, of low-resolution logits [n,h,w] that come in descending confidence."""
    masks = (low > 0).flatten(1).float()
    areas = masks.sum(1)
    both = masks @ masks.T
    overlap = both / (areas[:, None] + areas[None, :] - both).clamp(min=1)
    kept: list[int] = []
    for i in range(len(masks)):
        if areas[i] > 0 and all(float(overlap[i, k]) <= iou for k in kept):
            kept.append(i)
    return kept


def semantic(
    logits: torch.Tensor, scores: torch.Tensor, names: list[str], background: float
) -> tuple[np.ndarray, list[str]]:
    """(label map int64 [H,W], category names); -1 is nothing. logits [n,H,W], scores [n]."""
    found = list(dict.fromkeys(names))
    if not found:
        return np.full(logits.shape[1:], -1, dtype=np.int64), []
    weighted = logits.sigmoid() * scores[:, None, None]
    maps = torch.stack([weighted[[i for i, n in enumerate(names) if n == c]].amax(0) for c in found])
    best, label = maps.max(0)
    return torch.where(best >= background, label, -1).numpy(), found
