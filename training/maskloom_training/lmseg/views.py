"""Inference: the whole picture as one square view, or sliding windows with a global view, as CAT-Seg.

A view is square: the picture is stretched, its sides' ratio is not kept (CAT-Seg). A view's map is the sigmoid of its
logits, enlarged to the view's side first (bilinear, align_corners false).
Whole: stretch to window x window (Pillow's antialiased bilinear), one view; its map is resized to H x W.
Sliding: stretch to resize_to x resize_to, cut windows of `window` at multiples of stride = int(window (1 - overlap)),
and one global view of the whole picture; windows are averaged where they overlap, the global map is enlarged
to resize_to (bilinear), the mean of both is resized to H x W (bilinear). Label = argmax over classes, the first of
equals.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from ..geometry import CLIP_MEAN, CLIP_STD, sam_normalise
from .model import Lmseg


@dataclass(frozen=True)
class Sliding:
    """Window side, overlap (part of the window) and side of the stretched picture (CAT-Seg: 384, 0.333, 640)."""

    window: int = 128
    overlap: float = 0.333
    resize_to: int = 213

    @property
    def stride(self) -> int:
        """Pixels from one window to the next."""
        return int(self.window * (1 - self.overlap))

    @property
    def starts(self) -> list[int]:
        """First pixels of the windows along a side; the last window ends at the edge (moved back if it must)."""
        last = self.resize_to - self.window
        found = list(range(0, last + 1, self.stride))
        return found if found[-1] == last else [*found, last]


def normalised(pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Square views [B,3,S,S] in 0..255 -> (CLIP's input, SAM's input)."""
    mean, std = torch.tensor(CLIP_MEAN).view(1, 3, 1, 1), torch.tensor(CLIP_STD).view(1, 3, 1, 1)
    return (pixels.float() / 255 - mean) / std, sam_normalise(pixels)


def stretch(image: np.ndarray, side: int) -> np.ndarray:
    """uint8 [H,W,3] -> uint8 [side,side,3], Pillow's antialiased bilinear."""
    if image.shape[:2] == (side, side):
        return np.asarray(image)
    return np.asarray(Image.fromarray(np.asarray(image)).resize((side, side), Image.Resampling.BILINEAR))


def as_pixels(views: list[np.ndarray]) -> torch.Tensor:
    """uint8 views [S,S,3] -> float [B,3,S,S] in 0..255."""
    return torch.as_tensor(np.stack(views)).permute(0, 3, 1, 2).float()


def view_maps(model: Lmseg, views: list[np.ndarray], text: torch.Tensor) -> torch.Tensor:
    """Probabilities [B,T,S,S] of square views of side S."""
    logits = model(*normalised(as_pixels(views)), text)
    side = views[0].shape[0]
    return torch.sigmoid(F.interpolate(logits.float(), (side, side), mode="bilinear", align_corners=False))


def whole_scores(model: Lmseg, image: np.ndarray, text: torch.Tensor, side: int = 128) -> torch.Tensor:
    """Class scores [T,H,W] from one view."""
    found = view_maps(model, [stretch(image, side)], text)
    return F.interpolate(found, image.shape[:2], mode="bilinear", align_corners=False)[0]


def sliding_scores(model: Lmseg, image: np.ndarray, text: torch.Tensor, how: Sliding) -> torch.Tensor:
    """Class scores [T,H,W] from windows and a global view."""
    large = stretch(image, how.resize_to)
    corners = [(y, x) for y in how.starts for x in how.starts]
    views = [large[y : y + how.window, x : x + how.window] for y, x in corners] + [stretch(image, how.window)]
    found = view_maps(model, views, text)
    side = how.resize_to
    total, count = found.new_zeros(len(text), side, side), found.new_zeros(side, side)
    for (y, x), one in zip(corners, found, strict=False):
        total[:, y : y + how.window, x : x + how.window] += one
        count[y : y + how.window, x : x + how.window] += 1
    overall = F.interpolate(found[-1:], (side, side), mode="bilinear", align_corners=False)[0]
    mean = (total / count + overall) / 2
    return F.interpolate(mean[None], image.shape[:2], mode="bilinear", align_corners=False)[0]
