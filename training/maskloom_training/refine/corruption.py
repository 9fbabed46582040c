"""Masks made wrong on purpose, in the two ways of ROSE's supplement 6.3: what refinement is trained and measured on.

Masks are bool [H, W]. Every draw comes from the given generator, so a seed gives the same corruption everywhere.
"""

from __future__ import annotations

import numpy as np

IOU_BAND = (0.35, 0.85)
"""A corrupted mask's IoU with the true one lies here (the paper names no range; ours): wrong, but recognisable."""
TRIES = 24


def mask_iou(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union of two bool masks of one shape; 0 when both are empty."""
    union = int(np.logical_or(a, b).sum())
    return float(np.logical_and(a, b).sum()) / union if union else 0.0


def holes_and_patches(mask: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The first way ("holes and extra patches", after CascadePSP): one to four ellipses or rectangles are cut
    out of the mask or added at its border. Their sides are 0.2 to 0.7 of the square root of its area.
    """
    out = mask.copy()
    ys, xs = np.nonzero(mask)
    if len(ys) == 0:
        return out
    border_y, border_x = np.nonzero(mask & ~_eroded(mask))
    scale = np.sqrt(len(ys))
    for _ in range(int(rng.integers(1, 5))):
        add = bool(rng.random() < 0.5)
        pool_y, pool_x = (border_y, border_x) if add or rng.random() < 0.5 else (ys, xs)
        k = int(rng.integers(len(pool_y)))
        half_y, half_x = np.maximum(1.0, rng.uniform(0.1, 0.35, size=2) * scale)
        blot = _blot(mask.shape, pool_y[k], pool_x[k], half_y, half_x, round_=bool(rng.random() < 0.6))
        out = out | blot if add else out & ~blot
    return out


def shrink_or_stretch(mask: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The second way ("shrinks or stretches the object area and keeps parts of this variation"): the mask is
    scaled about its centre of mass, by 0.45 to 0.85 or by 1.2 to 1.7 along each axis; the variation is kept on one
    side of a random line near the centre, or everywhere (one in four), and the true mask on the other side.
    """
    ys, xs = np.nonzero(mask)
    if len(ys) == 0:
        return mask.copy()
    cy, cx = float(ys.mean()), float(xs.mean())
    low, high = (0.45, 0.85) if rng.random() < 0.5 else (1.2, 1.7)
    sy, sx = rng.uniform(low, high, size=2)
    height, width = mask.shape
    grid_y, grid_x = np.mgrid[0:height, 0:width]
    from_y = np.rint(cy + (grid_y - cy) / sy).astype(int)
    from_x = np.rint(cx + (grid_x - cx) / sx).astype(int)
    inside = (from_y >= 0) & (from_y < height) & (from_x >= 0) & (from_x < width)
    varied = inside & mask[np.clip(from_y, 0, height - 1), np.clip(from_x, 0, width - 1)]
    angle, shift = rng.uniform(0, 2 * np.pi), rng.uniform(-0.25, 0.25) * np.sqrt(len(ys))
    if rng.random() < 0.25:
        return varied
    side = (grid_y - cy) * np.sin(angle) + (grid_x - cx) * np.cos(angle) > shift
    return np.where(side, varied, mask)


def corrupt_mask(
    mask: np.ndarray, rng: np.random.Generator, band: tuple[float, float] = IOU_BAND
) -> tuple[np.ndarray, str]:
    """One of the two ways by a coin, repeated until the IoU with `mask` lies in `band`.

    Returns (corrupted bool [H, W], "holes" or "stretch"). After 24 tries the try nearest to the band is returned; it is
    never empty unless `mask` is. Raises ValueError for an empty mask: there is nothing to corrupt.
    """
    if not mask.any():
        raise ValueError("An empty mask cannot be corrupted.")
    stretch = bool(rng.random() < 0.5)
    way = shrink_or_stretch if stretch else holes_and_patches
    best, distance = mask, np.inf
    for _ in range(TRIES):
        tried = way(mask, rng)
        iou = mask_iou(tried, mask)
        off = max(band[0] - iou, iou - band[1], 0.0)
        if tried.any() and off < distance:
            best, distance = tried, off
        if distance == 0:
            break
    return best, "stretch" if stretch else "holes"


def _blot(shape: tuple[int, int], y: int, x: int, half_y: float, half_x: float, round_: bool) -> np.ndarray:
    grid_y, grid_x = np.mgrid[0 : shape[0], 0 : shape[1]]
    dy, dx = np.abs(grid_y - y) / half_y, np.abs(grid_x - x) / half_x
    return dy * dy + dx * dx <= 1 if round_ else np.maximum(dy, dx) <= 1


def _eroded(mask: np.ndarray) -> np.ndarray:
    """Pixels whose four neighbours are set too; the frame's edge counts as not set."""
    wide = np.pad(mask, 1)
    return mask & wide[:-2, 1:-1] & wide[2:, 1:-1] & wide[1:-1, :-2] & wide[1:-1, 2:]
