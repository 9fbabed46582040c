"""Random masks and their stored form."""

from __future__ import annotations

import numpy as np
from pycocotools import mask as coco


def text(pixels: np.ndarray) -> str:
    """Compressed counts."""
    return coco.encode(np.asfortranarray(pixels.astype(np.uint8)))["counts"].decode()


def blob(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """A filled ellipse, bool [height, width]."""
    y, x = np.mgrid[0:height, 0:width]
    cx, cy = rng.uniform(0, width), rng.uniform(0, height)
    rx, ry = rng.uniform(2, width / 2), rng.uniform(2, height / 2)
    return ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 <= 1
