"""The three ways to show a previous mask to the tower (ROSE, Table 6), before the picture is resized.

Integer arithmetic throughout, so that the TypeScript side paints the same bytes.
"""

from __future__ import annotations

import numpy as np

PARADIGMS = ("concat", "drawn", "drawn-box")
COLOUR = (255, 0, 255)
"""Magenta: no colour of the synthetic world."""
ALPHA = 128
"""Weight of the colour out of 256 (the paper names neither colour nor opacity; ours)."""

Box = tuple[float, float, float, float]
"""(x0, y0, x1, y1) in pixels of the picture, right and bottom edges exclusive."""


def paint_mask(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """uint8 [H, W, 3] with `mask` (bool [H, W]) as a translucent layer: (rgb * 128 + colour * 128 + 128) // 256."""
    blend = (image.astype(np.uint32) * (256 - ALPHA) + np.array(COLOUR, np.uint32) * ALPHA + 128) >> 8
    return np.where(mask[..., None], blend, image).astype(np.uint8)


def paint_box(image: np.ndarray, box: Box) -> np.ndarray:
    """uint8 [H, W, 3] with the outline of `box` in full colour.

    The line lies inside the box and is max(1, floor(longer side / 128 + 0.5)) pixels thick; the box is rounded to
    pixels (floor of the edge + 0.5) and cut to the picture; an empty one paints nothing.
    """
    height, width = image.shape[:2]
    x0, y0, x1, y1 = (int(np.floor(v + 0.5)) for v in box)
    x0, y0, x1, y1 = max(0, x0), max(0, y0), min(width, x1), min(height, y1)
    out = image.copy()
    if x1 <= x0 or y1 <= y0:
        return out
    line = max(1, int(np.floor(max(height, width) / 128 + 0.5)))
    frame = np.zeros((height, width), bool)
    frame[y0:y1, x0:x1] = True
    frame[y0 + line : y1 - line, x0 + line : x1 - line] = False
    out[frame] = COLOUR
    return out


def show(paradigm: str, image: np.ndarray, mask: np.ndarray, box: Box | None) -> np.ndarray:
    """What the tower sees of picture, previous mask and box.

    `concat` leaves the picture alone: its mask is a fourth channel.
    The box of "drawn-box" is the given one, else the mask's own; without either none is drawn.
    Raises ValueError for a paradigm that is none of PARADIGMS.
    """
    if paradigm == "concat":
        return image
    if paradigm == "drawn":
        return paint_mask(image, mask)
    if paradigm == "drawn-box":
        own = box if box is not None else mask_box(mask)
        painted = paint_mask(image, mask)
        return painted if own is None else paint_box(painted, own)
    raise ValueError(f"paradigm must be one of {', '.join(PARADIGMS)}, got {paradigm!r}")


def mask_box(mask: np.ndarray) -> Box | None:
    """Tight box of a bool mask; None when it is empty."""
    if not mask.any():
        return None
    columns, rows = np.flatnonzero(mask.any(0)), np.flatnonzero(mask.any(1))
    return (float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1))
