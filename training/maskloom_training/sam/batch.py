"""Batches of pictures and their segment masks, with the augmentations that keep the world's look."""

from dataclasses import dataclass

import numpy as np

from ..world import World


@dataclass
class SegmentBatch:
    """images uint8 [B, S, S, 3] (zero where padded), valid (h, w) of each picture inside its frame,
    masks bool [B * K, S, S], picture by picture."""

    images: np.ndarray
    valid: list[tuple[int, int]]
    masks: np.ndarray


def draw_batch(
    world: World, images: int, segments: int, crop_share: float, min_area: int, rng: np.random.Generator
) -> SegmentBatch:
    """`images` random pictures with `segments` of their segments each (repeated when there are fewer).

    Mirrored left-right half of the time. A share `crop_share` is cropped to a random shape and placed at the
    top left of the frame, as a picture that is not square would be.
    """
    height, width = world.size
    side = max(height, width)
    pictures = np.zeros((images, side, side, 3), np.uint8)
    masks = np.zeros((images * segments, side, side), bool)
    valid = []
    for b in range(images):
        index = int(rng.integers(len(world)))
        image, ids = world.images[index], world.panoptic[index]
        if rng.random() < 0.5:
            image, ids = image[:, ::-1], ids[:, ::-1]
        if rng.random() < crop_share:
            image, ids = _crop(image, ids, rng)
        h, w = ids.shape
        pictures[b, :h, :w] = image
        valid.append((h, w))
        found, areas = np.unique(ids, return_counts=True)
        usable = found[(found != 0) & (areas >= min_area)]
        for k, which in enumerate(_spread(len(usable), segments, rng)):
            masks[b * segments + k, :h, :w] = ids == usable[which]
    return SegmentBatch(pictures, valid, masks)


def _crop(image: np.ndarray, ids: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    height, width = ids.shape
    part = rng.uniform(0.5, 1.0)
    h, w = (round(height * part), width) if rng.random() < 0.5 else (height, round(width * part))
    top, left = int(rng.integers(height - h + 1)), int(rng.integers(width - w + 1))
    window = np.s_[top : top + h, left : left + w]
    return image[window], ids[window]


def _spread(available: int, wanted: int, rng: np.random.Generator) -> np.ndarray:
    """`wanted` indices below `available`, each used as often as the others give or take one; none if none."""
    if available == 0:
        return np.empty(0, int)
    rounds = [rng.permutation(available) for _ in range(-(-wanted // available))]
    return np.concatenate(rounds)[:wanted]


def low_resolution(masks: np.ndarray, factor: int) -> np.ndarray:
    """Coverage of each cell: float32 [N, S / factor, S / factor] in 0..1."""
    count, height, width = masks.shape
    cells = masks.reshape(count, height // factor, factor, width // factor, factor)
    return cells.mean(axis=(2, 4), dtype=np.float32)
