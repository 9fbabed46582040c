"""Writes packages/metrics/fixtures/coco-files-golden.json: small COCO files in every form that tools write, and what
pycocotools' COCOeval says of them.

Run from the repository's root: training/.venv/bin/python training/golden/make_coco_files_golden.py
"""

import contextlib
import io
import json
import random
from pathlib import Path

import numpy as np
from pycocotools import mask as coco
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

OUT = Path(__file__).resolve().parents[2] / "packages/metrics/fixtures/coco-files-golden.json"
WIDTH, HEIGHT = 160, 120


def region(draw: random.Random) -> list[float]:
    """A box [x, y, width, height] within the image, of any of COCO's three size classes."""
    side = draw.choice([8, 20, 50, 100])
    w, h = side * draw.uniform(0.7, 1.3), min(side * draw.uniform(0.7, 1.3), HEIGHT - 2)
    return [draw.uniform(0, WIDTH - w), draw.uniform(0, HEIGHT - h), w, h]


def polygon(box: list[float]) -> list[float]:
    """A hexagon in a box."""
    x, y, w, h = box
    return [x, y + h / 2, x + w / 4, y, x + w * 0.8, y, x + w, y + h * 0.6, x + w * 0.7, y + h, x + w / 5, y + h]


def rle(parts: list[list[float]], form: str) -> dict:
    """Joined polygons as compressed or uncompressed run lengths."""
    joined = coco.merge(coco.frPyObjects(parts, HEIGHT, WIDTH))
    if form == "string":
        return {"size": joined["size"], "counts": joined["counts"].decode()}
    pixels = coco.decode(joined).flatten(order="F")
    change = np.flatnonzero(np.diff(np.concatenate([[0], pixels, [2]])))
    runs = np.diff(np.concatenate([[0], change])).tolist()
    return {"size": joined["size"], "counts": [int(run) for run in runs]}


def files(seed: int, with_boxes: bool) -> tuple[dict, list[dict]]:
    """An annotation file and a results file; categories 1, 7 and 30, of which the results name one more, 99."""
    draw = random.Random(seed)
    images = [{"id": 10 + i, "file_name": f"{i}.jpg", "width": WIDTH, "height": HEIGHT} for i in range(12)]
    annotations, results = [], []
    for image in images:
        for _ in range(draw.randint(0, 5)):
            box = region(draw)
            form = draw.choice(["polygon", "two", "string", "list"])
            parts = [polygon(box), polygon(region(draw))] if form == "two" else [polygon(box)]
            crowd = int(form == "list")
            shape = parts if form in ("polygon", "two") else rle(parts, form)
            joined = coco.merge(coco.frPyObjects(parts, HEIGHT, WIDTH))
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": image["id"],
                    "category_id": draw.choice([1, 7, 30]),
                    "segmentation": shape,
                    "bbox": coco.toBbox(joined).tolist(),
                    "area": float(coco.area(joined)) * draw.choice([1, 1, 0.9]),
                    "iscrowd": crowd,
                }
            )
            near = [v + draw.uniform(-4, 4) for v in box]
            near[2:] = [max(4, v) for v in near[2:]]
            for found in [near] + ([region(draw)] if draw.random() < 0.5 else []):
                wrong = draw.random() < 0.2
                one = {
                    "image_id": image["id"],
                    "category_id": draw.choice([1, 7, 30, 99]) if wrong else annotations[-1]["category_id"],
                    "score": round(draw.random(), 2),
                    "segmentation": rle([polygon(found)], "string"),
                }
                results.append({**one, "bbox": found} if with_boxes else one)
    categories = [{"id": i, "name": f"class {i}"} for i in (1, 7, 30)]
    return {"images": images, "categories": categories, "annotations": annotations}, results


def stats(truth: dict, results: list[dict], kind: str) -> list[float]:
    """The twelve figures of pycocotools."""
    with contextlib.redirect_stdout(io.StringIO()):
        reference = COCO()
        reference.dataset = json.loads(json.dumps(truth))
        reference.createIndex()
        evaluation = COCOeval(reference, reference.loadRes(json.loads(json.dumps(results))), kind)
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation.stats.tolist()


def main() -> None:
    """Writes the file."""
    cases = []
    for seed, with_boxes in ((1, False), (2, True), (3, False), (4, True)):
        truth, results = files(seed, with_boxes)
        expected = {"mask": stats(truth, results, "segm"), "box": stats(truth, results, "bbox")}
        cases.append({"truth": truth, "results": results, "expected": expected})
    OUT.write_text(json.dumps(cases, separators=(",", ":")) + "\n")
    print(OUT, OUT.stat().st_size)


if __name__ == "__main__":
    main()
