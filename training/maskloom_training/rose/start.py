"""Where a row starts: every head fitted in closed form to the base's states, with the same teachers for all rows.

Teachers: the mask head and the <SEG> projection start as SAM's own prompt vector of a point on the target, the category
head as the input embedding of the target's name, the text head as the tower's dense embedding of the patch,
objectness as a linear separation. The first two go on helping with a fading weight (objectives/distil.py).
"""

from __future__ import annotations

import torch
from torch.nn import functional as F

from ..segment.projection import SegProjection
from .analyzer import PatchAnalyzer, fit_head


@torch.no_grad()
def start_analyzer(
    analyzer: PatchAnalyzer,
    states: torch.Tensor,
    at: torch.Tensor,
    codes: torch.Tensor,
    words: torch.Tensor,
    dense: torch.Tensor,
) -> dict[str, float]:
    """states [B,L,D]; positives at [n,2] with their targets' codes [n,C] and words [n,D]; dense [B,L,De], unit.

    Returns what each fit leaves unexplained.
    """
    mine = states[at[:, 0], at[:, 1]]
    positive = torch.zeros(states.shape[:2])
    positive[at[:, 0], at[:, 1]] = 1.0
    flat = positive.flatten()
    share = flat.mean()
    weights = torch.where(flat > 0, 0.5 / share, 0.5 / (1 - share))
    every = states.flatten(0, 1)
    return {
        "mask": fit_head(analyzer.mask, mine, codes),
        "category": fit_head(analyzer.category, mine, words),
        "text": fit_head(analyzer.text, mine, F.normalize(dense[at[:, 0], at[:, 1]], dim=-1)),
        "objectness": fit_head(analyzer.objectness, every, (4 * flat - 2)[:, None], weights),
    }


@torch.no_grad()
def start_projection(projection: SegProjection, states: torch.Tensor, codes: torch.Tensor) -> float:
    """states [n,D] that emit [SEG], codes [n,C] of their targets. Returns what the fit leaves unexplained."""
    return fit_head(projection.layers, states, codes)
