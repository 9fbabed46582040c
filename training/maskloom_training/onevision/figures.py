"""Held-out figures of OneVision-tiny's base: what its answers tell, what its patches are called, and where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from ..objectives.distil import distillation_loss
from ..rose.naming import naming_logits
from .sequences import read_batch
from .tasks import Task

if TYPE_CHECKING:
    from .train import OneVisionStage


@torch.no_grad()
def base_figures(stage: OneVisionStage) -> dict[str, float]:
    """Teacher-forced accuracy of telling tokens per task ("swapped": with another image), and names of patches.

    The stage's modules must be in eval mode.
    """
    right: dict[str, list[bool]] = {}
    lost: dict[str, list[float]] = {}
    indices = np.arange(len(stage.held_out))
    for chunk in np.array_split(indices, -(-len(indices) // 16)):
        features = stage.held_features.get(chunk)
        for kind in ("free", "instance", "list"):
            every = [stage.held_targets.get(int(i)) for i in chunk]
            tasks = [stage.maker.stacked(t) if kind == "list" else stage.maker.count(kind, t) for t in every]
            for label, seen in ((kind, features), (f"{kind}-swapped", features.roll(1, 0))):
                batch = read_batch(
                    stage.model, seen, [t.prefix for t in tasks], stage.prompts.suffix, [t.ids for t in tasks]
                )
                _tell(stage, label, tasks, batch.answers, right)
                if label == "free":
                    _name(stage, tasks, batch.patches, right, lost)
    figures = {name: float(np.mean(values)) for name, values in right.items()}
    return figures | {name: float(np.mean(values)) for name, values in lost.items()}


def _tell(stage: OneVisionStage, label: str, tasks: list[Task], answers: torch.Tensor, right: dict) -> None:
    telling = stage.maker.telling - {stage.maker.seg}
    for b, task in enumerate(tasks):
        said = stage.model.logits(answers[b, : len(task.ids)]).argmax(-1).tolist()
        right.setdefault(label, []).extend(s == t for s, t in zip(said, task.ids, strict=True) if t in telling)


def _name(stage: OneVisionStage, tasks: list[Task], patches: torch.Tensor, right: dict, lost: dict) -> None:
    at, owners = stage.positives(tasks)
    objectness, codes, categories, _ = stage.analyzer(patches[at[:, 0], at[:, 1]])
    wanted = [stage.prompts.name(t.name) for t in owners]
    logits, _ = naming_logits(stage.model, stage.prompts, categories, [w[:2] for w in wanted])
    first = logits.view(len(owners), 2, -1)[:, 0].argmax(-1).tolist()
    for k, target in enumerate(owners):
        right.setdefault("name-thing" if target.is_thing else "name-stuff", []).append(first[k] == wanted[k][0])
    lost.setdefault("place", []).append(float(distillation_loss(codes, stage.codes(owners), stage.spread)))
    rest = stage.analyzer.objectness(patches)[..., 0]
    mask = torch.zeros(rest.shape, dtype=torch.bool)
    mask[at[:, 0], at[:, 1]] = True
    lost.setdefault("objectness-auc", []).append(_auc(rest[mask], rest[~mask]))


def _auc(inside: torch.Tensor, outside: torch.Tensor) -> float:
    """Share of (positive, other) pairs in the right order."""
    ranks = torch.cat([inside, outside]).argsort().argsort().double() + 1
    n, m = len(inside), len(outside)
    return float((ranks[:n].sum() - n * (n + 1) / 2) / (n * m))
