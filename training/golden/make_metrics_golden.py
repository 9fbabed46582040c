"""Writes packages/metrics/fixtures/metrics-golden.json: gIoU and cIoU by LISA's evaluation rule, computed with NumPy.

Run from the repository root: `training/.venv/bin/python training/golden/make_metrics_golden.py`.
The rule, per mask: pixels whose truth is 255 are left out of both sides; intersection and union of the foreground are
histogram counts; IoU = I / (U + 1e-5), plus 1 where U is 0; gIoU = sum of IoU / (n + 1e-5); cIoU = sum I / (sum U + 1e-10).
"""

import json
from pathlib import Path

import numpy as np
from pycocotools import mask as coco

OUT = Path(__file__).resolve().parents[2] / "packages/metrics/fixtures/metrics-golden.json"
HEIGHT, WIDTH = 21, 17


def text(mask: np.ndarray) -> str:
    """Compressed RLE counts of a mask."""
    return coco.encode(np.asfortranarray(mask, np.uint8))["counts"].decode("ascii")


def foreground(prediction: np.ndarray, truth: np.ndarray) -> tuple[int, int]:
    """Intersection and union of class 1 by histograms, truth 255 ignored."""
    prediction = np.where(truth == 255, 255, prediction)
    same = prediction[prediction == truth]
    inter = int(np.histogram(same, bins=2, range=(0, 1))[0][1])
    a = int(np.histogram(prediction, bins=2, range=(0, 1))[0][1])
    b = int(np.histogram(truth, bins=2, range=(0, 1))[0][1])
    return inter, a + b - inter


def main() -> None:
    """Writes the file."""
    rng = np.random.default_rng(3)
    cases = []
    for k in range(14):
        truth = (rng.random((HEIGHT, WIDTH)) < rng.uniform(0.1, 0.6)).astype(int)
        noise = rng.random((HEIGHT, WIDTH)) < rng.uniform(0.02, 0.5)
        prediction = np.where(noise, 1 - truth, truth)
        if k in (3, 4):
            truth[:] = 0
        if k in (4, 5):
            prediction[:] = 0
        if k >= 8:
            truth[rng.random((HEIGHT, WIDTH)) < 0.2] = 255
        inter, union = foreground(prediction, truth)
        iou = inter / (union + 1e-5) + (1.0 if union == 0 else 0.0)
        cases.append(
            {
                "prediction": text(prediction),
                "truth": text(truth == 1),
                **({"ignore": text(truth == 255)} if k >= 8 else {}),
                "intersection": inter,
                "union": union,
                "iou": iou,
            }
        )
    total_i, total_u = sum(c["intersection"] for c in cases), sum(c["union"] for c in cases)
    golden = {
        "height": HEIGHT,
        "width": WIDTH,
        "cases": cases,
        "gIoU": sum(c["iou"] for c in cases) / (len(cases) + 1e-5),
        "cIoU": total_i / (total_u + 1e-10),
        "wilson": wilson(),
    }
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(golden, indent=1) + "\n")


def wilson() -> list[dict]:
    """Wilson limits as the proportions at which the score test just rejects, found by bisection."""
    found = []
    for successes, trials in [(8, 10), (0, 10), (10, 10), (1, 1), (425, 500), (3, 7)]:
        p = successes / trials

        def accepted(q: float, p: float = p, n: int = trials) -> bool:
            return (p - q) ** 2 <= 1.959964**2 * q * (1 - q) / n

        limits = []
        for outside in (0.0, 1.0):
            low, high = outside, p
            if accepted(outside) and outside != p:
                limits.append(outside)
                continue
            for _ in range(200):
                middle = (low + high) / 2
                low, high = (low, middle) if accepted(middle) else (middle, high)
            limits.append(high)
        found.append({"successes": successes, "trials": trials, "interval": limits})
    return found


if __name__ == "__main__":
    main()
