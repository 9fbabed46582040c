"""Panoptic quality as COCO's panoptic API counts it."""

from __future__ import annotations

import numpy as np

from .shapes import blob, text


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
