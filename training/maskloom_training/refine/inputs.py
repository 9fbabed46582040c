"""From picture, previous mask and box to what the model reads: pixels, candidate patches, SAM's prompts."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from ..geometry import sam_size
from ..siglip.model import MEAN, STD
from .model import MASK_LOGIT
from .painting import Box, mask_box, show


def fitted(image: np.ndarray, side: int) -> np.ndarray:
    """uint8 [H,W,3] with its longer side scaled to `side` by Pillow's antialiased bicubic; as it is when it fits."""
    size = sam_size(*image.shape[:2], side)
    if image.shape[:2] == size:
        return image
    return np.asarray(Image.fromarray(image).resize(size[::-1], Image.Resampling.BICUBIC))


def tower_input(paradigm: str, image: np.ndarray, mask: np.ndarray, box: Box | None, side: int) -> torch.Tensor:
    """Normalised pixel_values [planes,side,side] of uint8 [H,W,3], a previous mask and a box.

    The mask is bool [H,W]; all false: there is none. As ROSE's view: longer side to `side`, normalised, then zeros
    right and bottom. "concat" has a fourth plane: the mask drawn white on black, scaled as the picture is, 1 where it
    is at least half white, 0 elsewhere and in the padding.
    """
    seen = fitted(show(paradigm, image, mask, box), side)
    pixels = (torch.as_tensor(np.array(seen)).permute(2, 0, 1).float() / 255 - MEAN) / STD
    if paradigm == "concat":
        grey = np.repeat(np.where(mask, 255, 0).astype(np.uint8)[..., None], 3, axis=-1)
        plane = (fitted(grey, side)[..., 0] >= 128).astype(np.float32)
        pixels = torch.cat([pixels, torch.as_tensor(plane)[None]])
    return F.pad(pixels, (0, side - seen.shape[1], 0, side - seen.shape[0]))


def candidate_cells(box: Box, size: tuple[int, int], side: int, grid: int) -> np.ndarray:
    """Cells whose centres lie in `box`, or along an axis without one the cell that holds its middle; indices, rising.

    size is the picture's (height, width), side the tower's: the grid covers the padded square, and the cells whose
    centres lie in the padding never answer.
    """
    found = []
    new_size, frame = sam_size(*size, side), sam_box(box, size, side)
    for axis in (1, 0):
        length, low, high = new_size[axis], frame[1 - axis], frame[3 - axis]
        centres = (np.arange(grid) + 0.5) * side / grid
        live = max(1, int((centres < length).sum()))
        inside = np.flatnonzero((centres[:live] >= low) & (centres[:live] < high))
        middle = min(live - 1, max(0, int((low + high) / 2 * grid / side)))
        found.append(inside if len(inside) else np.array([middle]))
    columns, rows = found
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
