"""The losses against values worked out by hand."""

import math

import pytest
import torch

from maskloom_training.objectives import mask_bce_loss, mask_dice_loss
from maskloom_training.sam.train import balanced_bce, mask_iou

LOGITS = torch.tensor([[[0.0, math.log(3)], [-math.log(3), 0.0]]])
TARGETS = torch.tensor([[[1.0, 1.0], [0.0, 0.0]]])


def test_bce_is_the_mean_over_pixels():
    # probabilities .5 .75 .25 .5 -> -ln of .5 .75 .75 .5
    expected = (2 * math.log(2) + 2 * math.log(4 / 3)) / 4
    assert float(mask_bce_loss(LOGITS, TARGETS)) == pytest.approx(expected, rel=1e-6)


def test_dice_matches_the_scaled_formula():
    overlap, total = 2 * (0.5 + 0.75) / 1000, (2.0 + 2.0) / 1000
    assert float(mask_dice_loss(LOGITS, TARGETS)) == pytest.approx(1 - (overlap + 1e-6) / (total + 1e-6), rel=1e-6)


def test_losses_of_a_batch_divide_by_the_given_count():
    two = torch.cat([LOGITS, -LOGITS]), torch.cat([TARGETS, TARGETS])
    for loss in (mask_bce_loss, mask_dice_loss):
        apart = loss(LOGITS, TARGETS, 4) + loss(-LOGITS, TARGETS, 4)
        assert float(loss(*two, 4)) == pytest.approx(float(apart), rel=1e-6)
        assert float(loss(*two)) == pytest.approx(2 * float(apart), rel=1e-6)


def test_no_masks_give_a_zero_loss_with_a_gradient():
    empty = torch.zeros(0, 4, 4, requires_grad=True)
    loss = mask_bce_loss(empty, torch.zeros(0, 4, 4)) + mask_dice_loss(empty, torch.zeros(0, 4, 4))
    loss.backward()
    assert float(loss.detach()) == 0.0


def test_an_empty_mask_predicted_empty_costs_almost_nothing():
    assert float(mask_dice_loss(torch.full((1, 8, 8), -30.0), torch.zeros(1, 8, 8))) == pytest.approx(0, abs=1e-6)


def test_balanced_bce_weighs_inside_and_outside_alike():
    logits = torch.tensor([[math.log(3), 0.0, 0.0, 0.0]]).view(1, 1, 4)
    targets = torch.tensor([[1.0, 0.0, 0.0, 0.0]]).view(1, 1, 4)
    assert float(balanced_bce(logits, targets)) == pytest.approx(0.5 * math.log(4 / 3) + 0.5 * math.log(2), rel=1e-5)


def test_mask_iou():
    first = torch.tensor([[[True, True], [False, False]], [[False, False], [False, False]]])
    second = torch.tensor([[[True, False], [True, False]], [[False, False], [False, False]]])
    assert mask_iou(first, second).tolist() == pytest.approx([1 / 3, 0.0])
