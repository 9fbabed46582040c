"""Held-out figures of LMSeg rows."""

from __future__ import annotations

import numpy as np
import torch

from ..text.scenes import Row, fits
from ..world import World
from .describe import describe
from .model import Lmseg
from .sentences import SentenceEncoder
from .truth import LOCAL, SegmentRows
from .views import as_pixels, view_maps

IGNORED = 255


class Vocabulary:
    """Classes asked for, in order: their rows, and which of them a figure is about."""

    def __init__(self, truth: SegmentRows, labels: list[str], rows: list[Row]) -> None:
        self.labels, self.rows = labels, rows
        table = np.full((len(truth.rows), LOCAL), IGNORED, dtype=np.uint8)
        for k, row in enumerate(rows):
            table[fits(row, truth.rows)] = k
        self.table = table

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


@torch.no_grad()
def count_pixels(
    model: Lmseg, sentences: SentenceEncoder, world: World, vocabulary: Vocabulary, variant: str, batch: int = 4
) -> tuple[np.ndarray, np.ndarray]:
    """(intersections, unions) [N,T] over the known pixels of every square picture, one view each."""
    texts = [describe(label, variant, world.vocabulary) for label in vocabulary.labels]
    text = sentences.embed(model.clip_text, texts)
    count = len(vocabulary.labels)
    both, either = np.zeros((len(world), count), np.int64), np.zeros((len(world), count), np.int64)
    for start in range(0, len(world), batch):
        chosen = range(start, min(start + batch, len(world)))
        found = view_maps(model, [np.asarray(world.images[i]) for i in chosen], text).argmax(1).numpy()
        for i, labels in zip(chosen, found, strict=True):
            both[i], either[i] = overlap(labels, vocabulary.table[i][world.panoptic[i]], count)
    return both, either


def overlap(found: np.ndarray, truth: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Per class (intersection, union) in pixels; pixels with truth IGNORED are left out."""
    known = truth != IGNORED
    found, truth = found[known], truth[known]
    both = np.bincount(truth[found == truth], minlength=count)
    return both, np.bincount(truth, minlength=count) + np.bincount(found, minlength=count) - both


def mean_iou(both: np.ndarray, either: np.ndarray, classes: list[int]) -> float:
    """Mean over `classes` of summed intersection over summed union; a class that never occurs is left out."""
    a, b = both.sum(0)[classes], either.sum(0)[classes]
    return float((a[b > 0] / b[b > 0]).mean())


def quick_figures(
    model: Lmseg, sentences: SentenceEncoder, world: World, unseen: list[str], limit: int
) -> dict[str, float]:
    """Mean IoU on a few validation pictures, printed while training."""
    truth = SegmentRows(world)
    listed, invented = Vocabulary.listed(truth), Vocabulary.invented(truth)
    figures = {}
    both, either = count_pixels(model, sentences, world, listed, "template")
    figures["listed"] = mean_iou(both, either, list(range(len(listed.labels))))
    hidden = [i for i, label in enumerate(invented.labels) if label in unseen]
    known = [i for i, c in enumerate(truth.invented) if c.name not in unseen]
    for variant in ("all", "name"):
        both, either = count_pixels(model, sentences, world, invented, variant)
        figures |= {f"seen-{variant}": mean_iou(both, either, known)}
        figures |= {f"unseen-{variant}": mean_iou(both, either, hidden)}
    return figures
