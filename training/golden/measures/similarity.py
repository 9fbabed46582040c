"""The best threshold of a similarity map for each case, found by trying all, and READ's points of P_prompt."""

from __future__ import annotations

import numpy as np
import torch

from .shapes import blob, text


def similarity(rng: np.random.Generator) -> dict:
    """Maps of 8-bit scores over 255 as float32, and the best of the thresholds 0, 0.01, ... 1 for each."""
    cases, ious, inter, union = [], [], 0, 0
    for i in range(12):
        height, width = (int(v) for v in rng.integers(8, 24, 2))
        truth = blob(rng, height, width) if i != 5 else np.zeros((height, width), bool)
        ignore = blob(rng, height, width) & ~truth if i % 3 == 0 else np.zeros((height, width), bool)
        levels = np.clip(rng.normal(90, 60, (height, width)) + 70 * truth, 0, 255).astype(np.uint8)
        scores = (levels.astype(np.float32) / np.float32(255)).astype(np.float64)
        best = (-1.0, 0, 0, 0.0)
        for k in range(101):
            cut = (scores >= k / 100) & ~ignore
            seen = truth & ~ignore
            a, b = int((cut & seen).sum()), int((cut | seen).sum())
            iou = a / b if b else 1.0
            if iou > best[0]:
                best = (iou, a, b, k / 100)
        cases.append(
            {
                "height": height,
                "width": width,
                "levels": levels.ravel().tolist(),
                "truth": text(truth),
                "ignore": text(ignore),
                "best": [best[3], best[1], best[2]],
            }
        )
        ious.append(best[0])
        inter, union = inter + best[1], union + best[2]
    return {"cases": cases, "gIoU": sum(ious) / len(ious), "cIoU": inter / union, "prompts": prompts(rng)}


def prompts(rng: np.random.Generator) -> list[dict]:
    """Points as READ's visualisation code chooses them, by its description: the square map halved bilinearly,
    min-maxed, as many of the lowest cells as reach 0.8 (at most half), in pixels of the picture it is laid over."""
    cases = []
    for side, height, width in ((24, 480, 640), (24, 427, 640), (16, 333, 500), (16, 96, 160), (12, 200, 90)):
        levels = rng.permutation(side * side)
        scores = torch.from_numpy(levels.astype(np.float32)).reshape(1, 1, side, side)
        small = torch.nn.functional.interpolate(scores, (side // 2, side // 2), mode="bilinear", align_corners=False)
        flat = small.flatten()
        flat = (flat - flat.min()) / (flat.max() - flat.min())
        order = flat.sort(stable=True).indices.tolist()
        many = min(int((flat >= 0.8).sum()), len(order) // 2)
        edge, across, down = side // 2, width / (side // 2), height / (side // 2)
        points = [
            [min(int((cell % edge + 0.5) * across), width - 1), min(int((cell // edge + 0.5) * down), height - 1), kind]
            for kind, cells in ((1, order[-many:]), (0, order[:many]))
            for cell in cells
        ]
        cases.append(
            {"side": side, "height": height, "width": width, "levels": levels.tolist(), "points": sorted(points)}
        )
    return cases
