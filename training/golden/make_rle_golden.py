"""Writes packages/masks/fixtures/rle-golden.json: what pycocotools makes of small masks and polygons.

Run from the repository root with the kit's environment: `training/.venv/bin/python training/golden/make_rle_golden.py`.
The values are reference results of the COCO API, none of them computed by this project.
"""

import json
from pathlib import Path

import numpy as np
from pycocotools import mask as coco

OUT = Path(__file__).resolve().parents[2] / "packages/masks/fixtures/rle-golden.json"


def masks(rng: np.random.Generator) -> list[np.ndarray]:
    """Masks [height, width] of 0 and 1: empty, full, one pixel, noise of several densities, blocks, one row, one column."""
    found = [np.zeros((5, 7)), np.ones((5, 7)), np.zeros((1, 1)), np.ones((1, 1))]
    found += [rng.random((h, w)) < p for h, w, p in [(9, 6, 0.5), (6, 9, 0.1), (1, 23, 0.4), (23, 1, 0.6), (30, 17, 0.9)]]
    for _ in range(6):
        mask = np.zeros((41, 67))
        y, x, h, w = rng.integers(0, 40), rng.integers(0, 60), rng.integers(1, 30), rng.integers(1, 40)
        mask[y : y + h, x : x + w] = 1
        found.append(mask)
    tall = np.zeros((700, 300))  # runs long enough for several characters per number
    tall[3:690, 120:260] = 1
    return [np.asarray(m, np.uint8) for m in [*found, tall]]


def polygons(rng: np.random.Generator) -> list[dict]:
    """Polygons with their size: triangles on whole and broken coordinates, concave ones, leaving the image, degenerate."""
    fixed = [
        ([2, 2, 20, 2, 20, 15, 2, 15], 18, 24),
        ([2.5, 1.5, 20.25, 7.75, 11, 16.5], 18, 24),
        ([-6, -3, 31, 5, 9, 40], 18, 24),
        ([5, 5, 5, 5, 5, 5], 18, 24),
        ([1, 1, 20, 1, 20, 1], 18, 24),
        ([3, 3, 15, 12, 15, 3, 3, 12], 18, 24),
    ]
    cases = [{"polygon": p, "height": h, "width": w} for p, h, w in fixed]
    for count in (3, 4, 5, 7, 9, 14, 30):
        for _ in range(3):
            points = np.round(rng.uniform(-4, 54, (count, 2)), 2).ravel().tolist()
            cases.append({"polygon": points, "height": 37, "width": 50})
    return cases


def text(rle: dict) -> str:
    """The compressed counts as text."""
    return rle["counts"].decode("ascii")


def main() -> None:
    """Writes the file."""
    rng = np.random.default_rng(7)
    golden: dict = {"pycocotools": "2.0.11", "masks": [], "merges": [], "ious": [], "polygons": []}
    for mask in masks(rng):
        rle = coco.encode(np.asfortranarray(mask))
        ones = np.flatnonzero(mask.ravel()).tolist()
        golden["masks"].append(
            {
                "height": mask.shape[0],
                "width": mask.shape[1],
                "counts": text(rle),
                "uncompressed": runs(mask),
                "area": int(coco.area(rle)),
                "bbox": coco.toBbox(rle).astype(int).tolist(),
                **({"ones": ones} if len(ones) < 2000 else {}),
            }
        )
    for density in (0.05, 0.3, 0.7):
        trio = [np.asfortranarray(rng.random((19, 23)) < density, np.uint8) for _ in range(3)]
        rles = [coco.encode(np.asfortranarray(m)) for m in trio]
        golden["merges"].append(
            {
                "height": 19,
                "width": 23,
                "counts": [text(r) for r in rles],
                "union": text(coco.merge(rles)),
                "intersection": text(coco.merge(rles, intersect=True)),
            }
        )
        for crowd in (0, 1):
            table = coco.iou(rles, rles, [crowd] * 3).tolist()
            golden["ious"].append({"height": 19, "width": 23, "counts": [text(r) for r in rles], "crowd": bool(crowd), "iou": table})
    for case in polygons(rng):
        rle = coco.frPyObjects([case["polygon"]], case["height"], case["width"])[0]
        golden["polygons"].append({**case, "counts": text(rle)})
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(golden, separators=(",", ":")) + "\n")


def runs(mask: np.ndarray) -> list[int]:
    """Run lengths of a mask in column-major order, zeros first, counted the slow way."""
    lengths, value, run = [], 0, 0
    for pixel in mask.ravel(order="F"):
        if pixel != value:
            lengths.append(run)
            value, run = pixel, 0
        run += 1
    return [*lengths, run]


if __name__ == "__main__":
    main()
