"""Pixels counted per class, mean IoU over classes, and its bootstrap interval over pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..text.scenes import Row, fits
from .truth import LOCAL, SegmentRows

IGNORED = 255
DRAWS = 1000


class Vocabulary:
    """Classes asked for, in order, and the class of every segment (IGNORED where it is none of them)."""

    def __init__(self, truth: SegmentRows, labels: list[str], rows: list[Row]) -> None:
        self.labels, self.rows = labels, rows
        self.table = np.full((len(truth.rows), LOCAL), IGNORED, dtype=np.uint8)
        for k, row in enumerate(rows):
            self.table[fits(row, truth.rows)] = k

    @staticmethod
    def listed(truth: SegmentRows) -> Vocabulary:
        """8 shapes, 6 stuff."""
        v = truth.vocabulary
        rows = [truth.shape_row(i) for i in range(len(v.shapes))] + [truth.stuff_row(i) for i in range(len(v.stuff))]
        return Vocabulary(truth, [*v.shapes, *v.stuff], rows)

    @staticmethod
    def invented(truth: SegmentRows) -> Vocabulary:
        """28 invented classes, 6 stuff; things of no class are ignored."""
        v = truth.vocabulary
        rows = [truth.invented_row(c) for c in truth.invented] + [truth.stuff_row(i) for i in range(len(v.stuff))]
        return Vocabulary(truth, [*(c.name for c in truth.invented), *v.stuff], rows)


@dataclass(frozen=True)
class Counts:
    """Pixels [N,T] per picture and class: in both, and in either, of prediction and truth."""

    both: np.ndarray
    either: np.ndarray

    def mean_iou(self, classes: list[int]) -> float:
        """Mean over `classes` of summed intersection over summed union; a class that never occurs is left out."""
        return float(_mean_iou(self.both.sum(0)[classes], self.either.sum(0)[classes]))

    def ious(self) -> np.ndarray:
        """IoU of each class over all pictures, NaN where it never occurs."""
        return self.both.sum(0) / np.where(self.either.sum(0) > 0, self.either.sum(0), np.nan)

    def draws(self, classes: list[int]) -> np.ndarray:
        """`mean_iou` of DRAWS bootstrap samples of pictures; equal data sets draw equal pictures."""
        count = len(self.both)
        times = np.random.default_rng(20).multinomial(count, np.full(count, 1 / count), DRAWS)
        return _mean_iou(times @ self.both[:, classes], times @ self.either[:, classes])

    def figure(self, classes: list[int]) -> dict:
        """{"value", "interval" (95 %), "n" (pictures)}."""
        low, high = np.percentile(self.draws(classes), [2.5, 97.5])
        return {"value": self.mean_iou(classes), "interval": [float(low), float(high)], "n": len(self.both)}


def _mean_iou(both: np.ndarray, either: np.ndarray) -> np.ndarray:
    """Mean over the last axis, of classes that occur."""
    occurs = either > 0
    return (np.where(occurs, both / np.maximum(either, 1), 0)).sum(-1) / np.maximum(occurs.sum(-1), 1)


def overlap(found: np.ndarray, truth: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Per class (intersection, union) in pixels of label maps; pixels with truth IGNORED are left out."""
    known = truth != IGNORED
    found, truth = found[known], truth[known]
    both = np.bincount(truth[found == truth], minlength=count)
    return both, np.bincount(truth, minlength=count) + np.bincount(found, minlength=count) - both
