"""pycocotools' side of the metrics benchmark: reads commands from standard input, prints milliseconds of processor time.

python metrics_reference.py FOLDER FASTER, where FOLDER holds what bench/metrics.mjs wrote: truths.json and detections.json (COCO),
masks.bin (masks of 0 and 1, rows first), tables.json (lists of RLEs to compare);
FASTER is where faster-coco-eval was installed, or empty.
"""

import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from pycocotools import mask as coco
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from reference import answer

if sys.argv[2]:
    # Last, so that the kit's own packages stay first.
    sys.path.append(sys.argv[2])
    import faster_coco_eval

folder = Path(sys.argv[1])
tables = json.loads((folder / "tables.json").read_text())
shape = tables["masks"]
pixels = np.fromfile(folder / "masks.bin", np.uint8).reshape(shape)
columns = [np.asfortranarray(mask) for mask in pixels]


semantic = json.loads((folder / "semantic.json").read_text())
maps = [
    [np.fromfile(folder / f"{kind}-{i}.bin", np.uint8) for kind in ("truth", "prediction")]
    for i in range(semantic["maps"])
]
classes = semantic["classes"]
compressed = [coco.encode(mask) for mask in columns]


@cache
def scenes() -> list[Any]:
    """Truths and detections, parsed."""
    return [json.loads((folder / f"{kind}.json").read_text()) for kind in ("truths", "detections")]


def ap() -> list[float]:
    """From parsed JSON to the twelve figures."""
    truths, detections = scenes()
    gt = COCO()
    gt.dataset = truths
    gt.createIndex()
    # loadRes writes into the detections: every run gets its own.
    run = COCOeval(gt, gt.loadRes([dict(detection) for detection in detections]), "segm")
    run.evaluate()
    run.accumulate()
    run.summarize()
    return run.stats.tolist()


def faster_ap() -> list[float]:
    """The same by faster-coco-eval."""
    truths, detections = scenes()
    gt = faster_coco_eval.COCO(truths)
    run = faster_coco_eval.COCOeval_faster(gt, gt.loadRes([dict(detection) for detection in detections]), "segm")
    run.evaluate()
    run.accumulate()
    run.summarize()
    return [float(value) for value in run.stats[:12]]


def rows() -> int:
    """Masks as images have them, rows first: pycocotools wants columns first."""
    return sum(len(coco.encode(np.asfortranarray(mask))["counts"]) for mask in pixels)


def turned() -> int:
    """Masks that are columns first already."""
    return sum(len(coco.encode(mask)["counts"]) for mask in columns)


def iou() -> float:
    """From compressed strings to tables."""
    return float(sum(coco.iou(d, g, [0] * len(g)).sum() for d, g in tables["pairs"]))


def merge() -> int:
    """The union of all masks, twenty times."""
    return sum(len(coco.merge(compressed)["counts"]) for _ in range(20))


def areas(truth: np.ndarray, prediction: np.ndarray) -> np.ndarray:
    """Intersection, truth and prediction of every class, [3, classes], as MMSegmentation and Detectron2 count: 255 is ignored."""
    counts = truth != 255
    keys = truth[counts].astype(np.int32) * (classes + 1) + np.minimum(prediction[counts], classes)
    matrix = np.bincount(keys, minlength=classes * (classes + 1)).reshape(classes, classes + 1)
    return np.stack([matrix.diagonal(), matrix.sum(1), matrix.sum(0)[:classes]]).astype(np.float64)


def figures(sums: np.ndarray, images: float) -> np.ndarray:
    """All figures of sums [..., 3, classes]: five means, then IoU, accuracy and UmI of every class."""
    both, truth, prediction = sums[..., 0, :], sums[..., 1, :], sums[..., 2, :]
    union = truth + prediction - both
    with np.errstate(invalid="ignore", divide="ignore"):
        ious, recalls, wrong = both / union, both / truth, (union - both) / images
        pixels = truth.sum(-1)
        means = [
            np.nanmean(ious, -1),
            np.nansum(truth * ious, -1) / pixels,
            both.sum(-1) / pixels,
            np.nanmean(recalls, -1),
            wrong.sum(-1),
        ]
    return np.concatenate([np.stack(means, -1), ious, recalls, wrong], -1)


def miou() -> float:
    """From class maps to the figures."""
    return float(figures(sum(areas(*pair) for pair in maps), len(maps))[0])


each = np.stack([areas(*pair) for pair in maps])
images = semantic["images"]
repeated = each[np.arange(images) % len(each)].reshape(images, -1)


def intervals() -> float:
    """Percentile intervals of every figure: how often each image was drawn times what it has, in one product of matrices."""
    rng = np.random.default_rng(20)
    draws = semantic["draws"]
    weights = np.stack(
        [np.bincount(drawn, minlength=images) for drawn in rng.integers(images, size=(draws, images))]
    ).astype(np.float64)
    found = figures((weights @ repeated).reshape(draws, 3, classes), images)
    # NaN sorts last, so the quantiles of figures that every draw has need no slower kind of sorting.
    whole = ~np.isnan(found).any(0)
    np.quantile(found[:, whole], [0.025, 0.975], axis=0)
    if not whole.all():
        np.nanquantile(found[:, ~whole], [0.025, 0.975], axis=0)
    return float(figures(repeated.sum(0).reshape(3, classes), images)[0])


answer(
    ["pycocotools", "numpy", *(["faster-coco-eval"] if sys.argv[2] else [])],
    {
        "ap": ap,
        "faster-ap": faster_ap,
        "encode": rows,
        "encode-columns": turned,
        "iou": iou,
        "merge": merge,
        "miou": miou,
        "intervals": intervals,
    },
)
