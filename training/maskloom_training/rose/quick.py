"""Quick held-out figures during fine-tuning, by the whole system on a few scenes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from .system import Prediction, RoseSystem
from .targets import Target

if TYPE_CHECKING:
    from .stage import RoseStage


def match(prediction: Prediction, targets: list[Target], least: float = 0.5) -> list[tuple[int, int, float]]:
    """(segment, target, IoU) of greedy matching by score, each target once, IoU of `least` or more."""
    if not targets or not len(prediction.scores):
        return []
    a = prediction.masks.reshape(len(prediction.scores), -1).astype(np.float32)
    b = np.stack([t.mask for t in targets]).reshape(len(targets), -1).astype(np.float32)
    both = a @ b.T
    iou = both / np.maximum(a.sum(1)[:, None] + b.sum(1)[None, :] - both, 1)
    free = np.ones(len(targets), bool)
    found = []
    for i in range(len(a)):
        j = int(np.where(free, iou[i], -1).argmax())
        if free[j] and iou[i, j] >= least:
            free[j] = False
            found.append((i, j, float(iou[i, j])))
    return found


@torch.no_grad()
def quick_figures(stage: RoseStage) -> dict[str, float]:
    """Recall of targets (any and right name), precision at score 0.5, exact name on matched masks, mean segments."""
    from .train import plain_weights

    system = RoseSystem(plain_weights(stage), stage.recipe, stage.prompts)
    targets = right = matched = predicted = sure = precise = 0
    things = found_things = 0
    for chunk in np.array_split(np.arange(len(stage.held_out)), -(-len(stage.held_out) // 10)):
        sizes = [stage.held_out.size] * len(chunk)
        made = system.predict(stage.held_features.get(chunk), stage.held_images.get(chunk), sizes, say=False)
        for index, prediction in zip(chunk, made, strict=True):
            own = stage.held_targets.get(int(index))
            pairs = match(prediction, own)
            targets += len(own)
            matched += len(pairs)
            right += sum(prediction.names[i] == own[j].name for i, j, _ in pairs)
            predicted += len(prediction.scores)
            shown = prediction.scores >= 0.5
            sure += int(shown.sum())
            precise += sum(bool(shown[i]) for i, _, _ in pairs)
            things += sum(t.is_thing for t in own)
            found_things += sum(own[j].is_thing for _, j, _ in pairs)
    return {
        "recall": matched / max(1, targets),
        "recall-things": found_things / max(1, things),
        "named": right / max(1, targets),
        "exact-name": right / max(1, matched),
        "precision": precise / max(1, sure),
        "segments": predicted / max(1, len(stage.held_out)),
    }
