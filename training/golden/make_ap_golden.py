"""Writes packages/metrics/fixtures/ap-golden.json: pycocotools' figures on random sets with crowds and ignored truths.

Run from the repository root: `training/.venv/bin/python training/golden/make_ap_golden.py`.
Four sets: masks with scores that tie, masks with more detections per image, boxes with more than 100 detections of a
class in an image, and a set in which size classes are empty. Each is scored with and without classes, and once more by
a COCOeval that leaves the `ignore` of annotations alone (the original overwrites it by `iscrowd`).
"""

from __future__ import annotations

import contextlib
import copy
import io
import json
from pathlib import Path

import numpy as np
from pycocotools import mask as coco
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

OUT = Path(__file__).resolve().parents[2] / "packages/metrics/fixtures/ap-golden.json"


class HonestEval(COCOeval):
    """COCOeval that honours `ignore`."""

    def _prepare(self) -> None:
        said = {ann["id"]: ann.get("ignore", 0) for ann in self.cocoGt.anns.values()}
        super()._prepare()
        for truths in self._gts.values():
            for truth in truths:
                truth["ignore"] = said[truth["id"]] or truth["iscrowd"]


def ellipse(height: int, width: int, cx: float, cy: float, rx: float, ry: float) -> np.ndarray:
    """uint8 [height, width]."""
    y, x = np.mgrid[0:height, 0:width]
    return ((((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2) <= 1).astype(np.uint8)


def text(pixels: np.ndarray) -> str:
    """Compressed counts."""
    return coco.encode(np.asfortranarray(pixels))["counts"].decode()


def make(rng: np.random.Generator, kind: str, images: int, classes: int, most: int, side: int, step: float) -> dict:
    """A data set: truths [category, shape, area, crowd, ignore], detections [category, score, shape]."""
    found = []
    for image_id in rng.choice(5000, images, replace=False).tolist():
        height, width = int(rng.integers(side // 2, side)), int(rng.integers(side // 2, side))
        truths, detections = [], []
        for _ in range(int(rng.integers(0, most))):
            category = int(rng.integers(1, classes)) * 3  # the last category has no truths
            cx, cy = rng.uniform(0, width), rng.uniform(0, height)
            rx, ry = rng.uniform(2, width / 2), rng.uniform(2, height / 2)
            crowd, ignore = int(rng.random() < 0.15), int(rng.random() < 0.15)

            def shape(dx: float, dy: float, scale: float, at=(cx, cy, rx, ry), size=(height, width)) -> tuple:
                x, y, w, h = at[0] + dx, at[1] + dy, at[2] * scale, at[3] * scale
                if kind == "box":
                    box = [round(v, 2) for v in (x - w, y - h, 2 * w, 2 * h)]
                    return box, round(box[2] * box[3], 3)
                pixels = ellipse(*size, x, y, w, h)
                return (text(pixels), int(pixels.sum())) if pixels.any() else (None, 0)

            outline, area = shape(0, 0, 1)
            if outline is None:
                continue
            truths.append(
                [
                    category,
                    outline,
                    float(area if rng.random() < 0.7 else round(area * rng.uniform(0.5, 1.5), 1)),
                    crowd,
                    ignore,
                ]
            )
            for _ in range(int(rng.integers(0, 4 if most < 100 else 3))):
                spread = rng.uniform(0, 0.35)
                moved, _ = shape(rng.normal() * spread * rx, rng.normal() * spread * ry, 1 + rng.normal() * spread / 2)
                if moved is None:
                    continue
                other = int(rng.integers(1, classes + 1)) * 3
                detections.append(
                    [category if rng.random() < 0.85 else other, round(round(rng.random() / step) * step, 4), moved]
                )
        order = rng.permutation(len(detections)).tolist()
        found.append(
            {
                "id": image_id,
                "width": width,
                "height": height,
                "truths": truths,
                "detections": [detections[i] for i in order],
            }
        )
    return {"kind": kind, "categories": [3 * (k + 1) for k in range(classes)], "images": found}


def score(data: dict, evaluator: type, classes: bool = True) -> dict:
    """The twelve figures and each class's AP (-1: undefined)."""
    kind = data["kind"]
    truths, detections = [], []
    for image in data["images"]:
        size = [image["height"], image["width"]]

        def shaped(shape, size=size) -> dict:
            return {"bbox": shape} if kind == "box" else {"segmentation": {"size": size, "counts": shape}}

        for category, shape, area, crowd, ignore in image["truths"]:
            truths.append(
                {
                    "id": len(truths) + 1,
                    "image_id": image["id"],
                    "category_id": category,
                    "area": area,
                    "iscrowd": crowd,
                    "ignore": ignore,
                    **shaped(shape),
                }
            )
        for category, value, shape in image["detections"]:
            detections.append({"image_id": image["id"], "category_id": category, "score": value, **shaped(shape)})
    gt = COCO()
    gt.dataset = {
        "info": {},
        "images": [{k: image[k] for k in ("id", "width", "height")} for image in data["images"]],
        "categories": [{"id": c, "name": f"class {c}"} for c in data["categories"]],
        "annotations": copy.deepcopy(truths),
    }
    with contextlib.redirect_stdout(io.StringIO()):
        gt.createIndex()
        run = evaluator(gt, gt.loadRes(copy.deepcopy(detections)), "bbox" if kind == "box" else "segm")
        run.params.useCats = int(classes)
        run.evaluate()
        run.accumulate()
        run.summarize()
    per_class = []
    for k in range(run.eval["precision"].shape[2]):
        values = run.eval["precision"][:, :, k, 0, 2]
        per_class.append(float(np.mean(values[values > -1])) if (values > -1).any() else -1.0)
    return {"stats": run.stats.tolist(), "classes": per_class}


def main() -> None:
    """Writes the file."""
    rng = np.random.default_rng(11)
    sets = [
        make(rng, "mask", 24, 5, 9, 220, 0.1),
        make(rng, "mask", 8, 3, 30, 150, 0.01),
        make(rng, "box", 3, 2, 320, 900, 0.001),
        make(rng, "mask", 6, 4, 6, 40, 0.25),
    ]
    for data in sets:
        data["expected"] = {
            "pycocotools": score(data, COCOeval),
            "honourIgnore": score(data, HonestEval),
            "classAgnostic": score(data, COCOeval, classes=False),
        }
        print(data["expected"]["pycocotools"]["stats"])
        print(sum(len(i["truths"]) for i in data["images"]), sum(len(i["detections"]) for i in data["images"]))
    OUT.write_text(json.dumps({"pycocotools": "2.0.11", "sets": sets}, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
