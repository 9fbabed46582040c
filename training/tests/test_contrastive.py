import math

import numpy as np
import pytest
import torch

from maskloom_training.clip.contrastive import DenseBatch, dense_loss
from maskloom_training.llava.losses import answer_loss, pointing_loss
from maskloom_training.llava.model import LlavaSettings, Projector
from maskloom_training.text.scenes import ANY, NONE, fits

RED_STAR, BLUE_STAR = (0, 0, 0, 3, NONE), (0, 0, 4, 3, NONE)


def test_a_description_fits_what_agrees_with_all_it_names():
    rows = np.array([RED_STAR, BLUE_STAR, (NONE, NONE, NONE, NONE, 2)])
    assert fits((ANY, ANY, ANY, 3, NONE), rows).tolist() == [True, True, False]
    assert fits((ANY, ANY, 4, 3, NONE), rows).tolist() == [False, True, False]
    assert fits((NONE, NONE, NONE, NONE, 2), rows).tolist() == [False, False, True]


def test_dense_loss_of_uninformative_embeddings_is_the_log_of_the_choices():
    said = [(ANY, ANY, 0, 3, NONE), (ANY, ANY, 4, 3, NONE)]
    batch = DenseBatch(
        np.zeros((2, 2), int), np.array([0, 1]), np.ones(2, np.float32), np.array([RED_STAR, BLUE_STAR]), said
    )
    same = torch.ones(2, 4) / 2
    assert float(dense_loss(same, same, torch.tensor(10.0), batch)) == pytest.approx(math.log(2), abs=1e-5)
    apart = torch.eye(2)
    assert float(dense_loss(apart, apart, torch.tensor(30.0), batch)) < 1e-6
    assert float(dense_loss(apart, apart.flip(0), torch.tensor(30.0), batch)) == pytest.approx(30, abs=1e-3)


def test_pointing_loss_is_least_where_the_target_is():
    cover = torch.tensor([[1.0, 0.0, 0.0, 0.0]])
    right, wrong = torch.tensor([[9.0, 0.0, 0.0, 0.0]]), torch.tensor([[0.0, 9.0, 0.0, 0.0]])
    bias = torch.tensor(-4.0)
    good, bad = pointing_loss(right, bias, cover), pointing_loss(wrong, bias, cover)
    assert good[0] < 0.01 < 8 < bad[0]
    expected = 0.5 * (math.log1p(math.exp(-5)) + math.log1p(math.exp(-4)))
    assert float(good[1]) == pytest.approx(expected, abs=1e-5)


def test_answer_loss_is_a_weighted_mean():
    logits = torch.tensor([[0.0, 0.0], [100.0, 0.0]])
    value = answer_loss(logits, torch.tensor([0, 0]), torch.tensor([3.0, 1.0]))
    assert float(value) == pytest.approx(0.75 * math.log(2), abs=1e-5)


def test_the_projector_starts_as_an_exact_linear_map():
    settings = LlavaSettings(vision_width=6, image_tokens=4, grid=2, projector_hidden=40, hidden=16)
    projector, weight, x = Projector(settings), torch.randn(16, 6), torch.randn(3, 4, 6)
    projector.start_from(weight, 1.7)
    torch.testing.assert_close(projector(x) - projector.cells, 1.7 * x @ weight.T, atol=1e-5, rtol=1e-5)
