"""Referring segmentation as LISA counts it, with each of its habits switched on and off."""

from __future__ import annotations

import itertools

import numpy as np

from .shapes import blob, text

SWITCHES = (
    "emptyUnionIsOne",
    "referenceEpsilons",
    "skipTrueNegatives",
    "summedPolygons",
    "firstTextOnly",
    "teacherForced",
)


def referring_set(rng: np.random.Generator) -> list[dict]:
    """Images with queries as dense arrays: parts [P, h, w], predictions of both modes or None, ignored pixels."""
    images = []
    for _ in range(9):
        height, width = (int(v) for v in rng.integers(12, 40, 2))
        queries = []
        for _ in range(int(rng.integers(1, 4))):
            present = rng.random() < 0.75
            parts = np.stack([blob(rng, height, width) for _ in range(int(rng.integers(1, 4)))]) if present else None
            ignore = blob(rng, height, width) if rng.random() < 0.3 else None
            for paraphrase in range(int(rng.integers(1, 3))):
                answers = []
                for _ in range(2):
                    kind = rng.random()
                    if kind < 0.2:
                        answers.append(np.zeros((height, width), bool))
                    elif present and kind < 0.8:
                        answers.append(np.roll(parts.any(0), rng.integers(-3, 4, 2), (0, 1)))
                    else:
                        answers.append(blob(rng, height, width))
                refused = rng.random() < 0.2
                queries.append(
                    {
                        "parts": parts,
                        "ignore": ignore,
                        "text": paraphrase,
                        "refused": refused,
                        "generated": answers[0],
                        "forced": answers[1],
                    }
                )
        images.append({"height": height, "width": width, "queries": queries})
    return images


def referring_figures(images: list[dict], on: dict[str, bool]) -> list[float]:
    """[gIoU, cIoU] by LISA's way of counting."""
    ious, inter_sum, union_sum, n = [], 0, 0, 0
    for image in images:
        for query in image["queries"]:
            if on["firstTextOnly"] and query["text"] > 0:
                continue
            output = query["forced"] if on["teacherForced"] else (query["generated"] & (not query["refused"]))
            output = output.astype(np.int64)
            if query["parts"] is None:
                target = np.zeros_like(output)
            elif on["summedPolygons"]:
                target = query["parts"].astype(np.uint8).sum(0).astype(np.uint8).astype(np.int64)
            else:
                target = query["parts"].any(0).astype(np.int64)
            if query["ignore"] is not None:
                target = target.copy()
                target[query["ignore"]] = 255
            output = output.copy()
            output[target == 255] = 255
            bins = [-0.5, 0.5, 1.5]
            intersection = np.histogram(output[output == target], bins)[0]
            union = np.histogram(output, bins)[0] + np.histogram(target, bins)[0] - intersection
            i, u = int(intersection[1]), int(union[1])
            if u == 0 and on["skipTrueNegatives"]:
                continue
            iou = i / (u + (1e-5 if on["referenceEpsilons"] else 0)) if u or on["referenceEpsilons"] else 0.0
            ious.append(iou + (1.0 if u == 0 and on["emptyUnionIsOne"] else 0.0))
            inter_sum, union_sum, n = inter_sum + i, union_sum + u, n + 1
    epsilon = on["referenceEpsilons"]
    return [sum(ious) / (n + (1e-5 if epsilon else 0)), inter_sum / (union_sum + (1e-10 if epsilon else 0))]


def referring(rng: np.random.Generator) -> dict:
    """Stored masks and the figures of all 64 settings."""
    images = referring_set(rng)
    stored = [
        {
            "height": image["height"],
            "width": image["width"],
            "queries": [
                {
                    "parts": None if q["parts"] is None else [text(p) for p in q["parts"]],
                    "ignore": None if q["ignore"] is None else text(q["ignore"]),
                    "text": q["text"],
                    "generated": None if q["refused"] else text(q["generated"]),
                    "forced": text(q["forced"]),
                }
                for q in image["queries"]
            ],
        }
        for image in images
    ]
    figures = []
    for bits in itertools.product([False, True], repeat=len(SWITCHES)):
        figures.append([list(bits), *referring_figures(images, dict(zip(SWITCHES, bits)))])
    return {"switches": SWITCHES, "images": stored, "figures": figures}
