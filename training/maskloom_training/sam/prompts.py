"""Prompts drawn from ground-truth masks: points, jittered boxes, previous masks, and mixes of them.

Masks are bool [S, S] in SAM's resized frame, points are (x, y) of pixels in that frame (before the +0.5).
"""

from dataclasses import dataclass

import numpy as np

POSITIVE, NEGATIVE, NOT_A_POINT, TOP_LEFT, BOTTOM_RIGHT = 1, 0, -1, 2, 3
BOX_NOISE = 0.1
"""Standard deviation of a box corner's jitter in parts of the side (SAM paper, appendix A), at most 4 pixels."""


@dataclass
class PromptBatch:
    """N prompts of the same token count T. coords float32 [N, T, 2], labels int64 [N, T], pads included."""

    coords: np.ndarray
    labels: np.ndarray


def boxes_of(masks: np.ndarray) -> np.ndarray:
    """Tight boxes (x0, y0, x1, y1) with x1, y1 exclusive (COCO's x + w, y + h), float32 [N, 4]; zeros if empty."""
    columns, rows = masks.any(axis=1), masks.any(axis=2)
    size_y, size_x = masks.shape[1:]
    x0, y0 = columns.argmax(1), rows.argmax(1)
    x1, y1 = size_x - columns[:, ::-1].argmax(1), size_y - rows[:, ::-1].argmax(1)
    boxes = np.stack([x0, y0, x1, y1], axis=1).astype(np.float32)
    return boxes * columns.any(1)[:, None]


def jitter_boxes(boxes: np.ndarray, side: int, rng: np.random.Generator) -> np.ndarray:
    """Moves each corner by normal noise of 10 % of the box's side, clipped to 4 pixels and to the frame."""
    extent = np.concatenate([boxes[:, 2:] - boxes[:, :2]] * 2, axis=1)
    noise = np.clip(rng.standard_normal(boxes.shape) * BOX_NOISE * extent, -4, 4)
    return np.clip(boxes + noise, 0, side).astype(np.float32)


def points_in(mask: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """`count` pixels drawn uniformly from a mask, float32 [count, 2] as (x, y); zeros if the mask is empty."""
    found = np.flatnonzero(mask)
    if found.size == 0:
        return np.zeros((count, 2), np.float32)
    picked = found[rng.integers(found.size, size=count)]
    return np.stack([picked % mask.shape[1], picked // mask.shape[1]], axis=1).astype(np.float32)


def points_outside(mask: np.ndarray, box: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """`count` pixels not in the mask, most of them near its box (where a wrong mask would spill)."""
    margin = 0.3 * (box[2:] - box[:2]) + 4
    low = np.maximum(box[:2] - margin, 0).astype(int)
    high = np.minimum(box[2:] + margin, mask.shape[::-1]).astype(int)
    near = ~mask[low[1] : high[1], low[0] : high[0]]
    if rng.random() < 0.75 and near.any():
        return points_in(near, count, rng) + low.astype(np.float32)
    return points_in(~mask, count, rng)


def single_prompts(masks: np.ndarray, box_share: float, rng: np.random.Generator) -> PromptBatch:
    """Two-token prompts: a jittered box, or one point of the mask and the pad point."""
    count, side = len(masks), masks.shape[1]
    coords = np.zeros((count, 2, 2), np.float32)
    labels = np.empty((count, 2), np.int64)
    boxes = jitter_boxes(boxes_of(masks), side, rng)
    for i in range(count):
        if rng.random() < box_share:
            coords[i] = boxes[i].reshape(2, 2)
            labels[i] = TOP_LEFT, BOTTOM_RIGHT
        else:
            coords[i, 0] = points_in(masks[i], 1, rng)[0]
            labels[i] = POSITIVE, NOT_A_POINT
    return PromptBatch(coords, labels)


def mixed_prompts(
    masks: np.ndarray, predicted: np.ndarray, tokens: int, box_share: float, rng: np.random.Generator
) -> PromptBatch:
    """Prompts of `tokens` tokens: a box and points, or points and the pad point.

    Some points are corrections drawn where `predicted` (bool [N, S, S]) is wrong, the others a random share of
    positive and negative ones; some prompts hold "not a point" entries, as READ's neutral points are.
    """
    count, side = len(masks), masks.shape[1]
    coords = np.zeros((count, tokens, 2), np.float32)
    labels = np.full((count, tokens), NOT_A_POINT, np.int64)
    tight = boxes_of(masks)
    boxes = jitter_boxes(tight, side, rng)
    for i in range(count):
        boxed = rng.random() < box_share
        points = tokens - (2 if boxed else 1)
        xy, kinds = _mixed_points(masks[i], predicted[i], tight[i], points, boxed, rng)
        coords[i, :points], labels[i, :points] = xy, kinds
        if boxed:
            coords[i, points:] = boxes[i].reshape(2, 2)
            labels[i, points:] = TOP_LEFT, BOTTOM_RIGHT
    return PromptBatch(coords, labels)


def _mixed_points(mask, predicted, box, count: int, boxed: bool, rng: np.random.Generator):
    share = rng.uniform(0.3, 1.0)
    kinds = (rng.random(count) < share).astype(np.int64)
    if count and not boxed:
        kinds[0] = POSITIVE
    xy = np.empty((count, 2), np.float32)
    positive = kinds == POSITIVE
    xy[positive] = points_in(mask, int(positive.sum()), rng)
    xy[~positive] = points_outside(mask, box, int((~positive).sum()), rng)
    if count > 1 and rng.random() < 0.6:
        wrong = mask ^ predicted
        corrections = min(count - 1, int(rng.integers(1, 4)))
        if wrong.any():
            fixed = points_in(wrong, corrections, rng)
            xy[-corrections:] = fixed
            kinds[-corrections:] = mask[fixed[:, 1].astype(int), fixed[:, 0].astype(int)]
    if count > 2 and rng.random() < 0.25:
        neutral = rng.random(count) < 0.3
        neutral[0] = False
        kinds[neutral] = NOT_A_POINT
    return xy, kinds


def corrupt(targets: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Plausible previous-mask logits from low-resolution targets [N, h, w]: shifted, scaled and noisy."""
    out = np.empty_like(targets)
    for i, target in enumerate(targets):
        shift = rng.integers(-3, 4, size=2)
        strength = rng.uniform(2, 8)
        out[i] = (np.roll(target, tuple(shift), (0, 1)) * 2 - 1) * strength
    return out + rng.standard_normal(targets.shape).astype(np.float32) * rng.uniform(0, 3)
