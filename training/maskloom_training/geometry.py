"""Reference geometry: how pictures go into SAM and CLIP and how masks come back."""

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

SAM_MEAN = (123.675, 116.28, 103.53)
SAM_STD = (58.395, 57.12, 57.375)
"""SAM's pixel statistics, in 0..255."""
CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)
"""CLIP's pixel statistics, in 0..1."""


def sam_size(height: int, width: int, side: int) -> tuple[int, int]:
    """(height, width) after scaling the longer side to `side`, rounded half up as SAM does."""
    scale = side / max(height, width)
    return int(height * scale + 0.5), int(width * scale + 0.5)


def sam_points(points: np.ndarray, height: int, width: int, side: int) -> np.ndarray:
    """(x, y) in pixels of the H x W picture -> SAM's resized frame 0..side (no offset: padding is right and bottom)."""
    new_height, new_width = sam_size(height, width, side)
    return np.asarray(points, dtype=np.float64) * [new_width / width, new_height / height]


def sam_normalise(pixels: torch.Tensor) -> torch.Tensor:
    """uint8 or float [B, 3, H, W] in 0..255 -> float32, zero mean and unit deviation by SAM's statistics."""
    mean = torch.tensor(SAM_MEAN, device=pixels.device).view(1, 3, 1, 1)
    std = torch.tensor(SAM_STD, device=pixels.device).view(1, 3, 1, 1)
    return (pixels.float() - mean) / std


def sam_preprocess(image: np.ndarray, side: int) -> torch.Tensor:
    """uint8 [H, W, 3] -> float32 [1, 3, side, side].

    Longer side to `side` with Pillow's antialiased bilinear, normalised, THEN zero padded right and bottom.
    """
    height, width = image.shape[:2]
    new_height, new_width = sam_size(height, width, side)
    if (new_height, new_width) != (height, width):
        image = np.asarray(Image.fromarray(image).resize((new_width, new_height), Image.Resampling.BILINEAR))
    pixels = sam_normalise(torch.as_tensor(np.array(image)).permute(2, 0, 1)[None])
    return F.pad(pixels, (0, side - new_width, 0, side - new_height))


def sam_postprocess(logits: torch.Tensor, height: int, width: int, side: int) -> torch.Tensor:
    """Low-resolution mask logits [N, M, h, w] -> logits [N, M, H, W] of the original picture; the mask is logit > 0.

    Bilinear (align_corners false) to side x side, crop to the resized picture, bilinear to H x W.
    """
    new_height, new_width = sam_size(height, width, side)
    full = F.interpolate(logits.float(), (side, side), mode="bilinear", align_corners=False)
    cropped = full[..., :new_height, :new_width]
    return F.interpolate(cropped, (height, width), mode="bilinear", align_corners=False)


def clip_size(height: int, width: int, side: int) -> tuple[int, int]:
    """(height, width) after scaling the shorter side to `side`; the longer one is truncated, as CLIP does."""
    if height <= width:
        return side, int(side * width / height)
    return int(side * height / width), side


def clip_preprocess(image: np.ndarray, side: int) -> torch.Tensor:
    """uint8 [H, W, 3] -> float32 [1, 3, side, side].

    Shorter side to `side` with Pillow's antialiased bicubic, centre crop (offset floor of half the rest),
    /255, normalised by CLIP's statistics. The ends of the longer side are not seen.
    """
    height, width = image.shape[:2]
    new_height, new_width = clip_size(height, width, side)
    if (new_height, new_width) != (height, width):
        image = np.asarray(Image.fromarray(image).resize((new_width, new_height), Image.Resampling.BICUBIC))
    top, left = (new_height - side) // 2, (new_width - side) // 2
    pixels = torch.as_tensor(np.array(image[top : top + side, left : left + side])).permute(2, 0, 1)[None].float() / 255
    mean = torch.tensor(CLIP_MEAN).view(1, 3, 1, 1)
    std = torch.tensor(CLIP_STD).view(1, 3, 1, 1)
    return (pixels - mean) / std
