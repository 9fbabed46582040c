"""pycocotools' side of the metrics benchmark: reads commands from standard input, prints milliseconds of processor time.

python metrics_reference.py FOLDER, where FOLDER holds what bench/metrics.mjs wrote: truths.json and detections.json (COCO),
masks.bin (masks of 0 and 1, rows first), tables.json (lists of RLEs to compare).
"""

import contextlib
import io
import json
import sys
import time
from pathlib import Path

import numpy as np
from pycocotools import mask as coco
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

folder = Path(sys.argv[1])
truths = json.loads((folder / "truths.json").read_text())
detections = json.loads((folder / "detections.json").read_text())
tables = json.loads((folder / "tables.json").read_text())
shape = tables["masks"]
pixels = np.fromfile(folder / "masks.bin", np.uint8).reshape(shape)
columns = [np.asfortranarray(mask) for mask in pixels]


def ap(found: list[dict]) -> list[float]:
    """From parsed JSON to the twelve figures."""
    gt = COCO()
    gt.dataset = truths
    gt.createIndex()
    run = COCOeval(gt, gt.loadRes(found), "segm")
    run.evaluate()
    run.accumulate()
    run.summarize()
    return run.stats.tolist()


def rows() -> int:
    """Masks as images have them, rows first: pycocotools wants columns first."""
    return sum(len(coco.encode(np.asfortranarray(mask))["counts"]) for mask in pixels)


def turned() -> int:
    """Masks that are columns first already."""
    return sum(len(coco.encode(mask)["counts"]) for mask in columns)


def iou() -> float:
    """From compressed strings to tables."""
    return float(sum(coco.iou(d, g, [0] * len(g)).sum() for d, g in tables["pairs"]))


work = {"ap": ap, "encode": rows, "encode-columns": turned, "iou": iou}
for line in sys.stdin:
    name = line.strip()
    # loadRes writes into the detections: every run gets its own, outside of the time.
    given = [[dict(detection) for detection in detections]] if name == "ap" else []
    with contextlib.redirect_stdout(io.StringIO()):
        start = time.process_time()
        result = work[name](*given)
        spent = (time.process_time() - start) * 1000
    print(json.dumps({"ms": spent, "result": result}), flush=True)
