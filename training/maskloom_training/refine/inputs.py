"""From picture, previous mask and box to what the model reads: pixels, candidate patches, SAM's prompts."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image

from ..geometry import sam_size
from ..siglip.model import MEAN, STD
from .model import MASK_LOGIT
from .painting import Box, mask_box, show


def stretched(image: np.ndarray, side: int) -> np.ndarray:
    """uint8 [H,W,3] -> uint8 [side,side,3] by Pillow's antialiased bicubic; as it is when it has that size."""
    if image.shape[:2] == (side, side):
        return image
    return np.asarray(Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC))


def tower_input(paradigm: str, image: np.ndarray, mask: np.ndarray, box: Box | None, side: int) -> torch.Tensor:
    """Normalised pixel_values [planes,side,side] of uint8 [H,W,3], a previous mask and a box.

    The mask is bool [H,W]; all false: there is none. "concat" has a fourth plane: the mask drawn white on black,
    resized as the picture is, 1 where it is at least half white.
    """
    seen = stretched(show(paradigm, image, mask, box), side)
    pixels = (torch.from_numpy(np.array(seen)).permute(2, 0, 1).float() / 255 - MEAN) / STD
    if paradigm != "concat":
        return pixels
    grey = np.repeat(np.where(mask, 255, 0).astype(np.uint8)[..., None], 3, axis=-1)
    plane = (stretched(grey, side)[..., 0] >= 128).astype(np.float32)
    return torch.cat([pixels, torch.from_numpy(plane)[None]])


def candidate_cells(box: Box, size: tuple[int, int], grid: int) -> np.ndarray:
    """Cells whose centres lie in `box`, or the cell that holds its centre if there is none; indices, rising.

    size is the picture's (height, width); the grid covers the whole picture, stretched.
    """
    height, width = size
    x0, y0, x1, y1 = box
    xs, ys = (np.arange(grid) + 0.5) * width / grid, (np.arange(grid) + 0.5) * height / grid
    columns, rows = np.flatnonzero((xs >= x0) & (xs < x1)), np.flatnonzero((ys >= y0) & (ys < y1))
    if len(columns) == 0:
        columns = np.array([min(grid - 1, max(0, int((x0 + x1) / 2 * grid / width)))])
    if len(rows) == 0:
        rows = np.array([min(grid - 1, max(0, int((y0 + y1) / 2 * grid / height)))])
    return (rows[:, None] * grid + columns[None]).reshape(-1)


def search_box(mask: np.ndarray, box: Box | None) -> Box:
    """Where the target is looked for: the given box, else the mask's, else the whole picture."""
    found = box if box is not None else mask_box(mask)
    return found if found is not None else (0.0, 0.0, float(mask.shape[1]), float(mask.shape[0]))


def sam_box(box: Box, size: tuple[int, int], side: int) -> list[float]:
    """A box in SAM's resized frame (x0, y0, x1, y1)."""
    height, width = size
    new_height, new_width = sam_size(height, width, side)
    scale_x, scale_y = new_width / width, new_height / height
    return [box[0] * scale_x, box[1] * scale_y, box[2] * scale_x, box[3] * scale_y]


def previous_logits(mask: np.ndarray, side: int, low: int) -> np.ndarray:
    """A previous mask (bool [H,W]) as SAM's mask prompt: float32 [low,low], +MASK_LOGIT where the pixel under a cell's
    centre is set, -MASK_LOGIT elsewhere and in the padding.
    """
    height, width = mask.shape
    new_height, new_width = sam_size(height, width, side)
    centres = (np.arange(low) + 0.5) * side / low
    xs = np.floor(centres * width / new_width).astype(int)
    ys = np.floor(centres * height / new_height).astype(int)
    real = (ys < height)[:, None] & (xs < width)[None]
    found = mask[np.minimum(ys, height - 1)[:, None], np.minimum(xs, width - 1)[None]] & real
    return np.where(found, MASK_LOGIT, -MASK_LOGIT).astype(np.float32)
