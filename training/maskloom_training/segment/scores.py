"""gIoU, cIoU and See with the swapped-phrase control, as sums that can be kept per query and resampled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from ..llava.evaluate import partner
from ..llava.queries import pack_queries, where
from .prompting import find_points, full_size, mask_logits

if TYPE_CHECKING:
    from .train import SegStage


@dataclass(frozen=True)
class Score:
    """Intersection and union in pixels of each query, int64 [n]."""

    intersection: np.ndarray
    union: np.ndarray

    @staticmethod
    def of(predicted: np.ndarray, truth: np.ndarray) -> Score:
        """Scores of bool masks [n,H,W]."""
        size = int(np.prod(truth.shape[1:]))
        a, b = predicted.reshape(-1, size), truth.reshape(-1, size)
        return Score((a & b).sum(1), (a | b).sum(1))

    @property
    def iou(self) -> np.ndarray:
        """IoU of each query; 1 where both masks are empty, as upstream counts it."""
        return np.where(self.union == 0, 1.0, self.intersection / np.maximum(self.union, 1))

    @property
    def mean_iou(self) -> float:
        """gIoU: the mean over queries."""
        return float(self.iou.mean()) if len(self.union) else 0.0

    @property
    def cumulative_iou(self) -> float:
        """cIoU: all intersections over all unions."""
        return float(self.intersection.sum() / max(1, self.union.sum()))


@torch.no_grad()
def quick_scores(stage: SegStage) -> dict[str, float]:
    """Teacher-forced held-out figures during fine-tuning: cIoU and gIoU, swapped, and accept / reject rates."""
    weights, recipe, world = stage.weights, stage.recipe, stage.held_out
    llava, prefix = weights.llava, stage.prompts.prefix
    yes = None
    parts: dict[str, list[Score]] = {"all": [], "swapped": [], "needs": []}
    accepts, rejects = [], []
    for i in range(len(world)):
        true, false = stage.held_queries[i].true, stage.held_queries[i].false
        rows = [[stage.encoder(q) for q in true + false]]
        images, cache = llava.read_image(prefix, stage.held_features.get(np.array([i])))
        packed = pack_queries(rows, len(prefix) + images.shape[1], llava.settings.pad)
        states = llava.read_text(packed.ids, packed.positions, packed.mask, cache)
        starts = packed.starts[0]
        decide = where([(0, at + e.answer_at) for at, e in zip(starts, rows[0], strict=True)])
        first = llava.logits(decide.of(states)).argmax(dim=-1).tolist()
        yes = rows[0][0].answer[0] if yes is None else yes
        accepts += [t == yes for t in first[: len(true)]]
        rejects += [t != yes for t in first[len(true) :]]
        seg = where([(0, at + e.seg_at[0]) for at, e in zip(starts, rows[0], strict=True) if e.seg_at]).of(states)
        points = None
        if recipe.points != "none":
            points = find_points(seg, images.expand(len(seg), -1, -1), world.size, recipe.sasp(stage.sasp), stage.crop)
        low = mask_logits(weights, recipe, seg, points, stage.held_images.get(np.array([i])), world.size)
        masks = (full_size(weights, low, world.size) > 0).numpy()
        truth = np.stack([world.targets[q.targets[0]].mask() for q in true])
        parts["all"].append(Score.of(masks, truth))
        needs = [j for j, q in enumerate(true) if q.needs_relation]
        parts["needs"].append(Score.of(masks[needs], truth[needs]))
        pairs = [(j, partner([q.targets for q in true], j)) for j in range(len(true))]
        kept = [(j, k) for j, k in pairs if k is not None]
        parts["swapped"].append(Score.of(masks[[k for _, k in kept]], truth[[j for j, _ in kept]]))
    joined = {
        name: Score(np.concatenate([s.intersection for s in own]), np.concatenate([s.union for s in own]))
        for name, own in parts.items()
    }
    figures = {f"ciou-{name}": score.cumulative_iou for name, score in joined.items()}
    figures |= {f"giou-{name}": score.mean_iou for name, score in joined.items()}
    accept, reject = float(np.mean(accepts)), float(np.mean(rejects))
    return figures | {"accept": accept, "reject": reject, "see": 0.5 * (accept + reject)}
