"""Corrupted masks, painting and instructions: values, laws and fixed examples."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest

from maskloom_training.refine.corruption import (
    IOU_BAND,
    corrupt_mask,
    holes_and_patches,
    mask_iou,
    shrink_or_stretch,
)
from maskloom_training.refine.instructions import FILE, SITUATIONS, load_instructions
from maskloom_training.refine.painting import COLOUR, mask_box, paint_box, paint_mask, show

GOLDEN = ["87075da806381a38", "6ec0b82b8d3dbbc9", "74b74acbd732ae21", "1ad83e66ac579f89"]
"""Digests of four corruptions, so that a change of the draws does not pass unseen."""


def disc(size: int = 64, radius: int = 14, cx: int = 30, cy: int = 34) -> np.ndarray:
    y, x = np.mgrid[0:size, 0:size]
    return (y - cy) ** 2 + (x - cx) ** 2 <= radius**2


def test_both_ways_come_and_lie_in_the_band():
    found = [corrupt_mask(disc(), np.random.default_rng(seed)) for seed in range(200)]
    ways = {way for _, way in found}
    assert ways == {"holes", "stretch"}
    ious = [mask_iou(mask, disc()) for mask, _ in found]
    assert min(ious) >= IOU_BAND[0] and max(ious) <= IOU_BAND[1]
    assert np.std(ious) > 0.05


def test_a_seed_gives_the_same_corruption():
    first, _ = corrupt_mask(disc(), np.random.default_rng(7))
    again, _ = corrupt_mask(disc(), np.random.default_rng(7))
    other, _ = corrupt_mask(disc(), np.random.default_rng(8))
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_fixed_examples():
    def digest(mask: np.ndarray) -> str:
        return hashlib.sha256(np.packbits(mask).tobytes()).hexdigest()[:16]

    made = [digest(corrupt_mask(disc(), np.random.default_rng([20, seed]))[0]) for seed in range(4)]
    assert made == GOLDEN


def test_the_true_mask_is_left_alone():
    mask = disc()
    before = mask.copy()
    for seed in range(20):
        holes_and_patches(mask, np.random.default_rng(seed))
        shrink_or_stretch(mask, np.random.default_rng(seed))
    assert np.array_equal(mask, before)


def test_holes_both_cut_and_add():
    made = [holes_and_patches(disc(), np.random.default_rng(seed)) for seed in range(60)]
    assert any((m & ~disc()).any() for m in made) and any((disc() & ~m).any() for m in made)


def test_stretch_keeps_one_side_true():
    # Where only a part of the variation is kept, the rest of the mask is the true one.
    parts = [shrink_or_stretch(disc(), np.random.default_rng(seed)) for seed in range(60)]
    half = [m for m in parts if mask_iou(m, disc()) > 0.4 and (m & disc()).sum() > 0.5 * disc().sum()]
    assert len(half) > 20
    area = disc().sum()
    assert any(m.sum() > area for m in parts) and any(m.sum() < area for m in parts)


def test_tiny_and_touching_masks_stay_usable():
    tiny = np.zeros((32, 32), bool)
    tiny[0:2, 0:3] = True
    for seed in range(50):
        mask, _ = corrupt_mask(tiny, np.random.default_rng(seed))
        assert mask.any()
    with pytest.raises(ValueError, match="empty"):
        corrupt_mask(np.zeros((8, 8), bool), np.random.default_rng(0))


def test_paint_mask_by_hand():
    image = np.array([[[0, 100, 255], [10, 20, 30]]], np.uint8)
    painted = paint_mask(image, np.array([[True, False]]))
    # (0 + 255 * 128 + 128) >> 8 = 128; (100 * 128 + 0 + 128) >> 8 = 50; (255 * 128 + 255 * 128 + 128) >> 8 = 255
    assert painted.tolist() == [[[128, 50, 255], [10, 20, 30]]]


def test_paint_box_is_a_one_pixel_outline_at_128():
    image = np.zeros((128, 128, 3), np.uint8)
    painted = paint_box(image, (10.0, 20.0, 14.0, 23.0))
    marked = {(y, x) for y, x in np.argwhere((painted == COLOUR).all(-1))}
    inner = {(21, 11), (21, 12)}
    assert marked == {(y, x) for y in range(20, 23) for x in range(10, 14)} - inner
    assert np.array_equal(paint_box(image, (200.0, 5.0, 220.0, 9.0)), image)


def test_show_follows_the_paradigm():
    image, mask = np.zeros((128, 128, 3), np.uint8), disc(128)
    assert show("concat", image, mask, None) is image
    assert np.array_equal(show("drawn", image, mask, (1, 1, 5, 5)), paint_mask(image, mask))
    own = show("drawn-box", image, mask, None)
    assert np.array_equal(own, paint_box(paint_mask(image, mask), mask_box(mask)))
    empty = np.zeros_like(mask)
    assert np.array_equal(show("drawn-box", image, empty, None), image)
    with pytest.raises(ValueError, match="paradigm"):
        show("other", image, mask, None)


def test_instructions_are_ten_per_situation_and_name_the_wrong_category(tmp_path):
    found = load_instructions()
    assert set(found.wordings) == set(SITUATIONS)
    assert all("ring" in found.say("category", k, "ring") for k in range(10))
    broken = json.loads(FILE.read_text(encoding="utf-8"))
    broken["category"][3] = "you are wrong."
    path = tmp_path / "broken.json"
    path.write_text(json.dumps(broken))
    with pytest.raises(ValueError, match="category"):
        load_instructions(path)
