"""Where a row starts: every head fitted in closed form to the base's states, with the same teachers for all rows.

Teachers: the mask head and the <SEG> projection start as SAM's own prompt vector of a point on the target, the category
head as the input embedding of the target's name, the text head as the tower's dense embedding of the patch,
objectness as a linear separation. The first two go on helping with a fading weight (objectives/distil.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional as F

from ..onevision.sequences import Batch, read_batch
from ..onevision.tasks import Task
from ..segment.projection import SegProjection
from .analyzer import PatchAnalyzer, fit_head

if TYPE_CHECKING:
    from .stage import RoseStage


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


@torch.no_grad()
def start_heads(stage: RoseStage, pictures: int = 160) -> None:
    """Fits every head of a row in closed form on the first pictures, and prints what is left unexplained."""
    rng = np.random.default_rng(7)
    found: list[tuple[list[Task], Batch, torch.Tensor]] = []
    for chunk in np.array_split(np.arange(min(pictures, len(stage.data))), max(1, pictures // 16)):
        features = stage.features.get(chunk)
        if stage.recipe.unit == "stacked":
            tasks = [stage.maker.stacked(stage.targets.get(int(i)), stage.recipe.per_target) for i in chunk]
        else:
            kind = "free" if stage.recipe.naming == "decode" else "regions"
            every = [stage.targets.get(int(i)) for i in chunk]
            tasks = [stage.maker.count("free", t) if kind == "free" else stage.maker.regions(t, rng) for t in every]
        answers = [t.ids if stage.recipe.unit == "stacked" else [0] for t in tasks]
        prefixes = [t.prefix for t in tasks]
        batch = read_batch(stage.weights.model, features, prefixes, stage.prompts.suffix, answers)
        found.append((tasks, batch, stage.siglip.dense(features)))
    if stage.weights.projection is not None:
        states, owners = [], []
        for tasks, batch, _ in found:
            at = [(b, p, t.targets[k]) for b, t in enumerate(tasks) for p, k in t.seg_at]
            states.append(batch.answers[[b for b, _, _ in at], [p for _, p, _ in at]])
            owners += [t for _, _, t in at]
        left = {"projection": start_projection(stage.weights.projection, torch.cat(states), stage.codes(owners))}
    else:
        parts = [stage.positives(tasks) for tasks, _, _ in found]
        upto = np.cumsum([0] + [len(tasks) for tasks, _, _ in found])
        at = torch.cat([p[0] + torch.tensor([int(o), 0]) for p, o in zip(parts, upto, strict=False)])
        owners = [t for _, own in parts for t in own]
        states = torch.cat([batch.patches for _, batch, _ in found])
        dense = torch.cat([d for _, _, d in found])
        words = torch.stack([stage.words[t.name] for t in owners])
        left = start_analyzer(stage.weights.analyzer, states, at, stage.codes(owners), words, dense)
    said = ", ".join(f"{k} {v:.3f}" for k, v in left.items())
    print(f"{stage.recipe.id}: heads start in closed form, unexplained: {said}", flush=True)
