"""Figures of free-vocabulary segmentation, kept per picture so that pictures can be drawn again (95 % bootstrap)."""

from __future__ import annotations

import contextlib
import io
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from .merge import semantic
from .quick import match
from .system import Prediction
from .targets import Target

DRAWS = 200
RECALLS = np.linspace(0, 1, 101)


@dataclass
class Ratios:
    """Sums of a numerator and a denominator per picture."""

    above: list[float] = field(default_factory=list)
    below: list[float] = field(default_factory=list)

    def add(self, above: float, below: float) -> None:
        self.above.append(above)
        self.below.append(below)

    def value(self, counts: np.ndarray) -> float:
        """Ratio of the sums with picture i counted counts[i] times."""
        return float((np.array(self.above) * counts).sum() / max(1e-9, (np.array(self.below) * counts).sum()))


class AveragePrecision:
    """COCO's AP of masks by pycocotools' matching, with a weight per picture in the accumulation.

    With weights of one it equals COCOeval.accumulate (tests/test_rose_scores.py).
    """

    def __init__(
        self, truth: list[list[tuple[int, np.ndarray]]], found: list[list[tuple[int, float, np.ndarray]]]
    ) -> None:
        """Per picture: (category, mask) of the truth and (category, score, mask) of what was found."""
        self.pictures = len(truth)
        categories = sorted({c for own in truth for c, _ in own})
        annotations, results = [], []
        for i, own in enumerate(truth):
            for category, mask in own:
                rle = coco_mask.encode(np.asfortranarray(mask))
                area = int(mask.sum())
                box = [float(v) for v in coco_mask.toBbox(rle)]
                annotations.append(
                    {"id": len(annotations) + 1, "image_id": i + 1, "category_id": category, "segmentation": rle}
                    | {"area": area, "bbox": box, "iscrowd": 0}
                )
        for i, own in enumerate(found):
            for category, score, mask in own:
                rle = coco_mask.encode(np.asfortranarray(mask))
                results.append({"image_id": i + 1, "category_id": category, "segmentation": rle, "score": score})
        size = truth[0][0][1].shape if truth and truth[0] else (1, 1)
        self.results = [r for r in results if r["category_id"] in categories]
        self.columns: list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]] = []
        if not self.results:
            return
        with contextlib.redirect_stdout(io.StringIO()):
            coco = COCO()
            coco.dataset = {
                "images": [{"id": i + 1, "height": size[0], "width": size[1]} for i in range(self.pictures)],
                "annotations": annotations,
                "categories": [{"id": c, "name": str(c)} for c in categories],
            }
            coco.createIndex()
            self.evaluation = COCOeval(coco, coco.loadRes(self.results), "segm")
            self.evaluation.params.areaRng = [[0, 1e10]]
            self.evaluation.params.areaRngLbl = ["all"]
            self.evaluation.evaluate()
        self._gather(len(categories))

    def _gather(self, categories: int) -> None:
        """Per category: scores, picture and hits [thresholds, n] in descending score, and truths per picture."""
        every = self.evaluation.evalImgs
        for k in range(categories):
            own = every[k * self.pictures : (k + 1) * self.pictures]
            truths = np.zeros(self.pictures)
            scores, pictures, hits = [], [], []
            for i, e in enumerate(own):
                if e is None:
                    continue
                truths[i] = len(e["gtIds"])
                scores.append(e["dtScores"])
                pictures.append(np.full(len(e["dtScores"]), i))
                hits.append(e["dtMatches"] > 0)
            flat = np.concatenate(scores) if scores else np.zeros(0)
            order = np.argsort(-flat, kind="mergesort")
            where = np.concatenate(pictures).astype(int)[order] if scores else np.zeros(0, int)
            hit = np.concatenate(hits, axis=1)[:, order] if hits else np.zeros((10, 0), bool)
            self.columns.append((flat[order], where, hit, truths))

    def value(self, counts: np.ndarray) -> np.ndarray:
        """AP at the ten thresholds .50 to .95, each the mean over categories."""
        if not self.columns:
            return np.zeros(10)
        rows = []
        for _, where, hit, truths in self.columns:
            total = float((truths * counts).sum())
            if total == 0:
                continue
            weight = counts[where]
            true = np.cumsum(hit * weight, axis=1)
            every = np.cumsum(weight)
            precision = true / np.maximum(every, 1e-9)
            precision = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
            recall = true / total
            row = []
            for t in range(len(hit)):
                at = np.searchsorted(recall[t], RECALLS, side="left")
                row.append(
                    float(np.where(at < len(every), precision[t][np.minimum(at, len(every) - 1)], 0.0).mean())
                    if len(every)
                    else 0.0
                )
            rows.append(row)
        return np.array(rows).mean(axis=0)


class Sheet:
    """All figures of one row."""

    def __init__(self, categories: dict[str, tuple[int, bool]], background: float) -> None:
        """categories: name -> (COCO id, is a thing)."""
        self.categories, self.background = categories, background
        self.names = list(categories)
        self.truth: list[list[tuple[int, np.ndarray]]] = []
        self.found: list[list[tuple[int, float, np.ndarray]]] = []
        self.inter, self.union = [], []
        self.swapped_inter, self.swapped_union = [], []
        ratios = ("exact name", "recall", "names F1", "names F1 swapped", "count", "count swapped")
        self.ratios = {name: Ratios() for name in ratios}
        self.segments: list[int] = []

    def add(self, prediction: Prediction, targets: list[Target], void: np.ndarray, other: Prediction) -> None:
        """One picture; `other` is another picture's prediction (the swapped control), void bool [H,W] is ignored."""
        masks = prediction.masks
        self.truth.append([(t.category, t.mask) for t in targets])
        self.found.append(
            [
                (self.categories[n][0] if n in self.categories else -1, float(s), m)
                for n, s, m in zip(prediction.names, prediction.scores, masks, strict=True)
            ]
        )
        pairs = match(prediction, targets)
        right = sum(prediction.names[i] == targets[j].name for i, j, _ in pairs)
        self.ratios["exact name"].add(right, len(pairs))
        self.ratios["recall"].add(len(pairs), len(targets))
        wanted = Counter(t.name for t in targets)
        for key, said in (("names F1", prediction), ("names F1 swapped", other)):
            shown = Counter(n for n, s in zip(said.names, said.scores, strict=True) if s >= 0.5)
            both = sum((shown & wanted).values())
            self.ratios[key].add(2 * both, sum(shown.values()) + sum(wanted.values()))
        for key, said in (("count", prediction), ("count swapped", other)):
            if said.text.startswith("There"):
                told = counts_of(said.text)
                self.ratios[key].add(sum(told.get(n, 0) == wanted.get(n, 0) for n in self.names), len(self.names))
        truth = np.full(void.shape, -1, dtype=np.int64)
        for t in targets:
            truth[t.mask] = self.names.index(t.name)
        for said, inter, union in (
            (prediction, self.inter, self.union),
            (other, self.swapped_inter, self.swapped_union),
        ):
            label, names = semantic(said.logits, said.scores, said.names, self.background)
            lookup = np.array([self.names.index(n) if n in self.categories else -2 for n in names] + [-2])
            guess = lookup[label]
            own = np.arange(len(self.names))[:, None, None]
            a, b = (guess == own) & ~void, (truth == own) & ~void
            inter.append((a & b).sum((1, 2)))
            union.append((a | b).sum((1, 2)))
        self.segments.append(len(prediction.names))

    def figures(self) -> dict[str, dict]:
        """name -> {"value", "interval"}; AP rows from free names (a name must match a category exactly)."""
        things = {c for c, thing in self.categories.values() if thing}
        only = lambda rows: [[e for e in own if e[0] in things] for own in rows]  # noqa: E731
        same = lambda rows: [[(1, *e[1:]) for e in own] for own in rows]  # noqa: E731
        named = AveragePrecision(only(self.truth), only(self.found))
        every = AveragePrecision(self.truth, self.found)
        agnostic = AveragePrecision(same(self.truth), same(self.found))
        inter, union = np.array(self.inter), np.array(self.union)
        swapped = np.array(self.swapped_inter), np.array(self.swapped_union)

        def values(counts: np.ndarray) -> dict[str, float]:
            ap = named.value(counts)
            made = {"AP": ap.mean(), "AP50": ap[0], "AP75": ap[5]}
            made["AP50 things and stuff"] = every.value(counts)[0]
            made["AP50 without names"] = agnostic.value(counts)[0]
            for key, (a, b) in (("mIoU", (inter, union)), ("mIoU swapped", swapped)):
                made[key] = float(((a * counts[:, None]).sum(0) / np.maximum((b * counts[:, None]).sum(0), 1)).mean())
            return made | {k: r.value(counts) for k, r in self.ratios.items() if r.below}

        ones = np.ones(len(self.truth))
        point = values(ones)
        rng = np.random.default_rng(20)
        draws = []
        for _ in range(DRAWS):
            drawn = np.bincount(rng.integers(0, len(ones), len(ones)), minlength=len(ones)).astype(float)
            draws.append(values(drawn))
        made = {
            k: {"value": float(v), "interval": [float(x) for x in np.percentile([d[k] for d in draws], [2.5, 97.5])]}
            for k, v in point.items()
            if len(self.ratios.get(k, Ratios([], [0])).below) in (0, 1, len(ones))
        }
        return made | {"segments": {"value": float(np.mean(self.segments)), "interval": []}}


def counts_of(text: str) -> dict[str, int]:
    """Counts of "There are 2 star, 1 grass in this image."; what cannot be read is left out."""
    found = {}
    body = text.removeprefix("There are ").split(" in this image")[0]
    for part in body.split(","):
        words = part.split()
        if len(words) == 2 and words[0].isdigit():
            found[words[1]] = int(words[0])
    return found
