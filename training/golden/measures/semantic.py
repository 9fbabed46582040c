"""Semantic segmentation as MMSegmentation and Detectron2 count it."""

from __future__ import annotations

import numpy as np


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
