"""Sizes, paddings and the way back, on square, landscape and portrait pictures."""

import numpy as np
import pytest
import torch

from maskloom_training.geometry import (
    SAM_MEAN,
    SAM_STD,
    clip_preprocess,
    clip_size,
    sam_points,
    sam_postprocess,
    sam_preprocess,
    sam_size,
)


@pytest.mark.parametrize(
    "size, expected",
    [((480, 640), (96, 128)), ((427, 640), (85, 128)), ((500, 333), (128, 85)), ((128, 128), (128, 128))],
)
def test_sam_size_rounds_half_up(size, expected):
    assert sam_size(*size, 128) == expected


def test_clip_size_truncates_the_longer_side():
    assert clip_size(427, 640, 128) == (128, 191)
    assert clip_size(640, 427, 128) == (191, 128)


def test_padding_is_zero_after_normalisation_and_right_bottom():
    pixels = sam_preprocess(np.full((96, 160, 3), 255, np.uint8), 128)
    assert pixels.shape == (1, 3, 128, 128)
    assert torch.all(pixels[:, :, 77:] == 0)
    white = torch.tensor([(255 - m) / s for m, s in zip(SAM_MEAN, SAM_STD)])
    assert torch.allclose(pixels[0, :, :77], white[:, None, None].expand(3, 77, 128), atol=1e-5)


def test_a_square_picture_of_the_model_size_is_not_resampled():
    image = np.random.default_rng(0).integers(0, 256, (128, 128, 3), dtype=np.uint8)
    back = sam_preprocess(image, 128)[0] * torch.tensor(SAM_STD)[:, None, None] + torch.tensor(SAM_MEAN)[:, None, None]
    assert torch.allclose(back, torch.from_numpy(image).permute(2, 0, 1).float(), atol=1e-3)


def test_clip_keeps_the_middle():
    image = np.zeros((64, 256, 3), np.uint8)
    image[:, 96:160] = 255
    pixels = clip_preprocess(image, 64)
    assert pixels.shape == (1, 3, 64, 64)
    assert float(pixels.min()) > 1.5


@pytest.mark.parametrize("height, width", [(96, 160), (160, 96), (128, 128), (333, 500)])
def test_postprocess_undoes_the_resize(height, width):
    x = torch.arange(width).float().expand(height, width)
    y = torch.arange(height).float()[:, None].expand(height, width)
    inside = (x > width * 0.25) & (x < width * 0.6) & (y > height * 0.3) & (y < height * 0.8)
    new_height, new_width = sam_size(height, width, 128)
    frame = torch.zeros(1, 1, 128, 128)
    frame[..., :new_height, :new_width] = torch.nn.functional.interpolate(
        inside[None, None].float(), (new_height, new_width), mode="bilinear", antialias=True
    )
    low = torch.nn.functional.avg_pool2d(frame, 2) - 0.5
    mask = sam_postprocess(low, height, width, 128)[0, 0] > 0
    assert mask.shape == (height, width)
    iou = (mask & inside).sum() / (mask | inside).sum()
    assert float(iou) > 0.9


def test_points_scale_to_the_resized_frame():
    assert np.allclose(sam_points(np.array([[160.0, 96.0]]), 96, 160, 128), [[128.0, 77.0]])
