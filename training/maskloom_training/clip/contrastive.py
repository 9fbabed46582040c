"""Dense contrastive learning: each object's patches against descriptions, with hard negatives.

A description is positive for every object that it fits, so one loss handles "the red star" and "the star"
alike. Negatives are the other descriptions of the batch plus, for each object, descriptions that differ in one
attribute (shape twice as often: it is learnt last).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from ..text.scenes import ANY, COLOUR, NONE, SHAPE, SIZE, STUFF, TEXTURE, Row, Scene, Vocabulary, fits


@dataclass(frozen=True)
class DenseBatch:
    """patches [P,2] (picture, cell), owners [P] (object), weights [P]; rows [O,5]; descriptions of the batch."""

    patches: np.ndarray
    owners: np.ndarray
    weights: np.ndarray
    rows: np.ndarray
    descriptions: list[Row]


def dense_batch(
    scenes: list[Scene], covers: list[np.ndarray], vocabulary: Vocabulary, rng: np.random.Generator, patches: int = 6
) -> DenseBatch:
    """Sample `patches` cells of every object (covered by more than half, else its best) and the descriptions.

    covers[b] [n, cells] is the coverage of picture b's objects, in the order of its scene.
    """
    cells, owners, weights, rows = [], [], [], []
    said: dict[Row, None] = {}
    for b, (scene, cover) in enumerate(zip(scenes, covers, strict=True)):
        for k, row in enumerate(scene.rows):
            inside = np.flatnonzero(cover[k] > 0.5)
            if len(inside) == 0:
                inside = cover[k].argmax(keepdims=True)
            chosen = inside if len(inside) <= patches else rng.choice(inside, patches, replace=False)
            cells.extend((b, c) for c in chosen)
            owners.extend([len(rows)] * len(chosen))
            weights.extend([1 / len(chosen)] * len(chosen))
            rows.append(row)
            for description in _descriptions(row, vocabulary, rng):
                said[description] = None
    for shape in range(len(vocabulary.shapes)):
        said[(ANY, ANY, ANY, shape, NONE)] = None
    for stuff in range(len(vocabulary.stuff)):
        said[(NONE, NONE, NONE, NONE, stuff)] = None
    return DenseBatch(np.array(cells), np.array(owners), np.array(weights, np.float32), np.array(rows), list(said))


def _descriptions(row: np.ndarray, vocabulary: Vocabulary, rng: np.random.Generator) -> list[Row]:
    """The full description, two random subsets, and four wrong ones (one attribute changed, others dropped)."""
    full: Row = tuple(int(v) for v in row)  # type: ignore[assignment]
    if row[STUFF] != NONE:
        return [full]
    made = [full, _subset(full, rng), _subset(full, rng)]
    for column in (SHAPE, SHAPE, COLOUR, TEXTURE if rng.random() < 0.5 else SIZE):
        wrong = list(full)
        others = len(vocabulary.columns[column])
        wrong[column] = (wrong[column] + rng.integers(1, others)) % others
        for other in (SIZE, TEXTURE, COLOUR):
            if other != column and rng.random() < 0.4:
                wrong[other] = ANY
        made.append(tuple(int(v) for v in wrong))  # type: ignore[arg-type]
    return made


def _subset(row: Row, rng: np.random.Generator) -> Row:
    keep = rng.random(3) < 0.5
    return tuple(ANY if c < 3 and not keep[c] else v for c, v in enumerate(row))  # type: ignore[return-value]


def dense_loss(patches: torch.Tensor, texts: torch.Tensor, scale: torch.Tensor, batch: DenseBatch) -> torch.Tensor:
    """Multi-positive InfoNCE in both directions.

    patches [P,E] and texts [T,E] are unit vectors, `scale` the inverse temperature.
    """
    positive = torch.as_tensor(np.stack([fits(d, batch.rows) for d in batch.descriptions], axis=1))
    positive = positive[torch.as_tensor(batch.owners)].float()
    weights = torch.as_tensor(batch.weights)
    logits = scale * patches @ texts.T
    by_patch = -(logits.log_softmax(dim=1) * positive).sum(1) / positive.sum(1)
    mass = positive * weights[:, None]
    said = mass.sum(0) > 0
    by_text = -((logits + weights.log()[:, None]).log_softmax(dim=0) * mass).sum(0)[said] / mass.sum(0)[said]
    return 0.5 * ((by_patch * weights).sum() / weights.sum() + by_text.mean())


def global_loss(images: torch.Tensor, captions: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """CLIP's own loss: picture b belongs to caption b; both [B,E], unit vectors."""
    logits = scale * images @ captions.T
    target = torch.arange(len(images))
    return 0.5 * (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target))
