"""Things to refine, drawn from scenes: a target, what is wrong with what is known of it, and what is said."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..rose.targets import Target
from ..sam.prompts import jitter_boxes
from .corruption import corrupt_mask
from .instructions import SITUATIONS
from .painting import Box

SHARES = (0.4, 0.3, 0.3)
"""Shares of the situations mask, category, missed in training."""


@dataclass(frozen=True)
class Sample:
    """One thing to refine in picture `image`.

    previous: bool [S,S], all false when missed; box: given by whoever speaks, or None; wrong: the name it has, when
    that is wrong; phrasing: which of the ten wordings.
    """

    image: int
    target: Target
    situation: str
    previous: np.ndarray
    box: Box | None
    wrong: str
    phrasing: int


def draw(image: int, targets: list[Target], names: list[str], rng: np.random.Generator) -> Sample:
    """A training sample of one of a picture's targets."""
    target = targets[int(rng.integers(len(targets)))]
    situation = SITUATIONS[int(rng.choice(3, p=SHARES))]
    box = None
    if situation == "missed" or rng.random() < 0.5:
        tight = np.array([target.box], np.float32)
        box = tuple(float(v) for v in jitter_boxes(tight, target.mask.shape[0], rng)[0])
    exact = situation == "category" and rng.random() < 0.3
    return _sample(image, target, situation, box, names, rng, exact)


def fixed(
    image: int, targets: list[Target], names: list[str], situation: str, boxed: bool, nth: int, seed: int
) -> Sample:
    """The held-out sample number `nth` of a picture: the target and the corruption depend on (seed, image, nth) alone,
    so that situations and paradigms are asked about the same targets with the same masks.
    """
    rng = np.random.default_rng([seed, image, nth])
    target = targets[int(rng.integers(len(targets)))]
    box = tuple(float(v) for v in target.box) if boxed or situation == "missed" else None
    return _sample(image, target, situation, box, names, rng, exact=False)


def _sample(
    image: int,
    target: Target,
    situation: str,
    box: Box | None,
    names: list[str],
    rng: np.random.Generator,
    exact: bool,
) -> Sample:
    corrupted = target.mask if exact else corrupt_mask(target.mask, rng)[0]
    previous = np.zeros_like(target.mask) if situation == "missed" else corrupted
    others = [name for name in names if name != target.name]
    wrong = others[int(rng.integers(len(others)))]
    phrasing = int(rng.integers(10))
    return Sample(image, target, situation, previous, box, wrong if situation == "category" else "", phrasing)
