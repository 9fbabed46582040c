"""Writes packages/eval/fixtures/measures-golden.json: independent NumPy figures for the measures other than COCO's AP.

Run from the repository root: `training/.venv/bin/python training/golden/make_measures_golden.py`.
Everything here works on dense arrays by the definitions of the reference implementations, none of it on run lengths:

- referring: LISA's intersection and union by histograms of {0, 1} with truth 255 left out, IoU = I / (U + 1e-5) plus 1
  for an empty union, polygons added up as uint8 or joined; each switch on and off.
- semantic: MMSegmentation's `intersect_and_union` with `reduce_zero_label`, and Detectron2's `SemSegEvaluator`.
- panoptic: the matching of COCO's panoptic API.
- similarity: every threshold tried on the dense map.
"""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
from pycocotools import mask as coco

OUT = Path(__file__).resolve().parents[2] / "packages/eval/fixtures/measures-golden.json"
SWITCHES = (
    "emptyUnionIsOne",
    "referenceEpsilons",
    "skipTrueNegatives",
    "summedPolygons",
    "firstTextOnly",
    "teacherForced",
)


def text(pixels: np.ndarray) -> str:
    """Compressed counts."""
    return coco.encode(np.asfortranarray(pixels.astype(np.uint8)))["counts"].decode()


def blob(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """A filled ellipse, bool [height, width]."""
    y, x = np.mgrid[0:height, 0:width]
    cx, cy = rng.uniform(0, width), rng.uniform(0, height)
    rx, ry = rng.uniform(2, width / 2), rng.uniform(2, height / 2)
    return ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 <= 1


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


def semantic(rng: np.random.Generator) -> dict:
    """Index pictures as ADE20K writes them (0 "other", 255 ignored), predictions 0..C-1, two references' figures."""
    classes, images = 7, []
    inter, pred_area, true_area = (np.zeros(classes) for _ in range(3))
    matrix = np.zeros((classes + 1, classes + 1), np.int64)  # [prediction, truth], the last index is "ignored"
    for _ in range(6):
        height, width = (int(v) for v in rng.integers(6, 16, 2))
        truth = rng.integers(0, classes, (height, width)).astype(np.uint8)  # class 6 (value 7) is never true
        truth[rng.random((height, width)) < 0.1] = 255
        predicted = np.where(
            rng.random((height, width)) < 0.6, truth.astype(int) - 1, rng.integers(0, classes, (height, width))
        )
        predicted[(predicted < 0) | (predicted >= classes)] = 6 if rng.random() < 0.5 else 0
        images.append(
            {
                "height": height,
                "width": width,
                "truth": truth.ravel().tolist(),
                "prediction": predicted.ravel().tolist(),
            }
        )
        label = truth.copy()
        label[label == 0] = 255
        label = label - 1
        label[label == 254] = 255
        seen = label != 255
        p, t = predicted[seen], label[seen]
        edges = np.arange(classes + 1) - 0.5
        inter += np.histogram(p[p == t], edges)[0]
        pred_area += np.histogram(p, edges)[0]
        true_area += np.histogram(t, edges)[0]
        flat = np.where(label == 255, classes, label).astype(np.int64)
        matrix += np.bincount((classes + 1) * predicted.ravel() + flat.ravel(), minlength=matrix.size).reshape(
            matrix.shape
        )
    with np.errstate(all="ignore"):
        iou, acc = inter / (pred_area + true_area - inter), inter / true_area
    mm = {
        "mIoU": float(np.nanmean(iou)),
        "mean accuracy": float(np.nanmean(acc)),
        "pixel accuracy": float(inter.sum() / true_area.sum()),
        "fwIoU": float(np.nansum(true_area / true_area.sum() * iou)),
        "IoU": [None if np.isnan(v) else float(v) for v in iou],
        "UmI": ((pred_area + true_area - 2 * inter) / len(images)).tolist(),
    }
    tp = matrix.diagonal()[:-1].astype(float)
    pos_gt, pos_pred = (matrix[:-1, :-1].sum(axis).astype(float) for axis in (0, 1))
    valid = pos_gt > 0
    union = pos_gt + pos_pred - tp
    iou2 = np.where(valid & (union > 0), tp / np.where(union > 0, union, 1), np.nan)
    detectron = {
        "mIoU": float(np.nansum(iou2) / (valid & (union > 0)).sum()),
        "fwIoU": float(np.nansum(iou2 * pos_gt / pos_gt.sum())),
        "mean accuracy": float((tp[valid] / pos_gt[valid]).mean()),
        "pixel accuracy": float(tp.sum() / pos_gt.sum()),
    }
    return {
        "classes": classes,
        "images": images,
        "mmsegmentation": mm,
        "detectron2": detectron,
        "confusion": matrix[:-1, :-1].T.tolist(),
    }


def pan_segments(rng: np.random.Generator, labels: np.ndarray, categories: list[int], crowds: bool) -> list[dict]:
    """A segment for every label but 0."""
    return [
        {
            "id": int(v),
            "category_id": int(rng.choice(categories)),
            "iscrowd": int(crowds and rng.random() < 0.2),
            "area": int((labels == v).sum()),
        }
        for v in np.unique(labels)
        if v != 0
    ]


def panoptic(rng: np.random.Generator) -> dict:
    """Label pictures with segments, and [tp, fp, fn, iou] per category as the panoptic API counts them."""
    categories = [{"id": 10 * (k + 1), "name": f"class {k}", "isThing": k < 3} for k in range(5)]
    ids = [c["id"] for c in categories]
    stat = {c: [0, 0, 0, 0.0] for c in ids}
    images = []
    for _ in range(14):
        height, width = (int(v) for v in rng.integers(14, 34, 2))
        truth = np.zeros((height, width), int)
        for v in range(1, int(rng.integers(2, 7))):
            truth[blob(rng, height, width)] = v
        pred = np.roll(truth, rng.integers(-2, 3, 2), (0, 1))
        pred[blob(rng, height, width)] = 9
        if rng.random() < 0.5:
            pred[rng.random((height, width)) < 0.2] = 0
        gts = {s["id"]: s for s in pan_segments(rng, truth, ids, True)}
        preds = {s["id"]: s for s in pan_segments(rng, pred, ids, False)}
        for s in preds.values():
            if s["id"] in gts and rng.random() < 0.8:
                s["category_id"] = gts[s["id"]]["category_id"]
        pairs, counts = np.unique(truth * 1000 + pred, return_counts=True)
        common = {(int(k) // 1000, int(k) % 1000): int(n) for k, n in zip(pairs, counts)}
        hit_gt, hit_pred = set(), set()
        for (g, p), n in common.items():
            if g not in gts or p not in preds or gts[g]["iscrowd"] or gts[g]["category_id"] != preds[p]["category_id"]:
                continue
            iou = n / (preds[p]["area"] + gts[g]["area"] - n - common.get((0, p), 0))
            if iou > 0.5:
                stat[gts[g]["category_id"]][0] += 1
                stat[gts[g]["category_id"]][3] += iou
                hit_gt.add(g)
                hit_pred.add(p)
        crowd_of = {}
        for g, s in gts.items():
            if g in hit_gt:
                continue
            if s["iscrowd"]:
                crowd_of[s["category_id"]] = g
            else:
                stat[s["category_id"]][2] += 1
        for p, s in preds.items():
            if p in hit_pred:
                continue
            forgiven = common.get((0, p), 0)
            if s["category_id"] in crowd_of:
                forgiven += common.get((crowd_of[s["category_id"]], p), 0)
            if forgiven / s["area"] <= 0.5:
                stat[s["category_id"]][1] += 1

        def side(labels: np.ndarray, segments: dict) -> list:
            return [[s["category_id"], text(labels == s["id"]), s["iscrowd"]] for s in segments.values()]

        images.append({"height": height, "width": width, "truths": side(truth, gts), "predictions": side(pred, preds)})
    figures, per_class = {}, {}
    for suffix, wanted in (("", (True, False)), (" things", (True,)), (" stuff", (False,))):
        rows = []
        for c in categories:
            tp, fp, fn, iou = stat[c["id"]]
            if c["isThing"] in wanted and tp + fp + fn:
                rows.append((iou / (tp + fp / 2 + fn / 2), iou / tp if tp else 0.0, tp / (tp + fp / 2 + fn / 2)))
                per_class[c["name"]] = rows[-1][0]
        for name, value in zip(("PQ", "SQ", "RQ"), np.mean(rows, 0)):
            figures[name + suffix] = float(value)
    return {
        "categories": categories,
        "images": images,
        "stat": list(stat.values()),
        "figures": figures,
        "classes": per_class,
    }


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
    return {"cases": cases, "gIoU": sum(ious) / len(ious), "cIoU": inter / union}


def main() -> None:
    """Writes the file."""
    golden = {
        "referring": referring(np.random.default_rng(1)),
        "semantic": semantic(np.random.default_rng(2)),
        "panoptic": panoptic(np.random.default_rng(3)),
        "similarity": similarity(np.random.default_rng(4)),
    }
    print(
        golden["referring"]["figures"][0],
        golden["referring"]["figures"][-1],
        golden["semantic"]["mmsegmentation"],
        golden["semantic"]["detectron2"],
    )
    print(golden["panoptic"]["stat"], golden["panoptic"]["figures"], golden["similarity"]["gIoU"])
    OUT.write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
