"""Writes packages/masks/fixtures/sweep-golden.json: pycocotools on 2,000 random and adversarial masks and polygons.

Run from the repository root: `training/.venv/bin/python training/golden/make_sweep_golden.py`.
Only results are stored; the inputs come from `sweep.py`, and from its twin in the tests. Merges and IoUs are of a mask
and two moved copies.
"""

import json
from pathlib import Path

import numpy as np
from pycocotools import mask as coco
from sweep import Draw, mask, polygon

OUT = Path(__file__).resolve().parents[2] / "packages/masks/fixtures/sweep-golden.json"
MASKS, POLYGONS, SEED = 1200, 800, 20


def text(rle: dict) -> str:
    """The compressed counts."""
    return rle["counts"].decode("ascii")


def encode(pixels: np.ndarray) -> dict:
    """pycocotools wants columns first."""
    return coco.encode(np.asfortranarray(pixels))


def main() -> None:
    """Writes the file."""
    draw = Draw(SEED)
    masks, groups = [], []
    for i in range(MASKS):
        pixels = mask(draw, i % 12)
        rle = encode(pixels)
        masks.append([text(rle), int(coco.area(rle)), *coco.toBbox(rle).astype(int).tolist()])
        if i % 6 == 0 or i % 12 == 9:
            trio = [rle, encode(np.roll(pixels, (1, 2), (0, 1))), encode(np.roll(pixels, (5, -3), (0, 1)))]
            crowd = [0, 1, 0]
            groups.append(
                [i, text(coco.merge(trio)), text(coco.merge(trio, True)), coco.iou(trio, trio, crowd).ravel().tolist()]
            )
    polygons, joined = [], []
    for i in range(POLYGONS):
        points, height, width = polygon(draw, i % 8)
        polygons.append(text(coco.frPyObjects([points], height, width)[0]))
        if i % 10 == 3:  # an object of two polygons, the second one mirrored
            mirror = [width - v if k % 2 == 0 else v for k, v in enumerate(points)]
            joined.append([i, text(coco.merge(coco.frPyObjects([points, mirror], height, width)))])
    golden = {
        "pycocotools": "2.0.11",
        "seed": SEED,
        "masks": masks,
        "groups": groups,
        "polygons": polygons,
        "joined": joined,
    }
    OUT.write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
