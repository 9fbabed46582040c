"""ROSE's objectives against values worked out by hand or in plain loops."""

import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from maskloom_training.objectives.distil import distillation_loss, fading
from maskloom_training.objectives.info_nce import info_nce_loss
from maskloom_training.objectives.objectness import objectness_loss, sample_negatives
from maskloom_training.objectives.sigmoid_pairs import sigmoid_pairs_loss
from maskloom_training.objectives.text import token_cross_entropy


def test_token_cross_entropy_weighs_tokens():
    logits = torch.tensor([[0.0, 0.0], [math.log(3.0), 0.0]])
    tokens = torch.tensor([0, 0])
    one, two = math.log(2.0), math.log(4 / 3)
    assert float(token_cross_entropy(logits, tokens)) == pytest.approx((one + two) / 2)
    assert float(token_cross_entropy(logits, tokens, torch.tensor([3.0, 1.0]))) == pytest.approx((3 * one + two) / 4)


def test_objectness_is_balanced_between_the_groups():
    logits = torch.tensor([2.0, -1.0, 0.5, 0.5, 9.0])
    positive = torch.tensor([True, False, False, False, False])
    negative = torch.tensor([False, True, True, True, False])
    inside = math.log1p(math.exp(-2.0))
    outside = (math.log1p(math.exp(-1.0)) + 2 * math.log1p(math.exp(0.5))) / 3
    assert float(objectness_loss(logits, positive, negative)) == pytest.approx((inside + outside) / 2)
    plain = float(objectness_loss(logits, positive, negative, balanced=False))
    assert plain == pytest.approx((inside + 3 * outside) / 4)


def test_without_positives_only_negatives_count():
    loss = objectness_loss(torch.tensor([0.0, 0.0]), torch.zeros(2, dtype=torch.bool), torch.ones(2, dtype=torch.bool))
    assert float(loss) == pytest.approx(math.log(2.0))


def test_negatives_keep_to_their_ratio_and_off_the_positives():
    positive = np.zeros(256, bool)
    positive[:10] = True
    picked = sample_negatives(positive, 3, np.random.default_rng(0))
    assert picked.sum() == 30 and not (picked & positive).any()
    assert sample_negatives(positive, None, np.random.default_rng(0)).sum() == 246
    assert sample_negatives(np.zeros(256, bool), 3, np.random.default_rng(0)).sum() == 4


def test_info_nce_sums_over_the_descriptions_that_fit():
    torch.manual_seed(0)
    e, t = F.normalize(torch.randn(3, 5), dim=-1), F.normalize(torch.randn(4, 5), dim=-1)
    positive = torch.tensor([[1, 0, 1, 0], [0, 1, 0, 0], [1, 1, 1, 1]], dtype=torch.bool)
    expected = 0.0
    for i in range(3):
        terms = [math.exp(7.0 * float(e[i] @ t[k])) for k in range(4)]
        expected -= math.log(sum(v for k, v in enumerate(terms) if positive[i, k]) / sum(terms)) / 3
    assert float(info_nce_loss(e, t, positive, 7.0)) == pytest.approx(expected, rel=1e-5)


def test_sigmoid_pairs_against_a_loop():
    torch.manual_seed(1)
    x, y = F.normalize(torch.randn(2, 4), dim=-1), F.normalize(torch.randn(3, 4), dim=-1)
    positive = torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]])
    weights, scale, bias = torch.tensor([1.0, 3.0]), torch.tensor(5.0), torch.tensor(-1.0)
    rows = []
    for i in range(2):
        each = []
        for k in range(3):
            z = 1 if positive[i, k] else -1
            each.append(-math.log(1 / (1 + math.exp(-z * float(scale * (x[i] @ y[k]) + bias)))))
        rows.append(each)
    plain = (sum(rows[0]) + 3 * sum(rows[1])) / 4
    assert float(sigmoid_pairs_loss(x, y, positive, weights, scale, bias, balanced=False)) == pytest.approx(
        plain, rel=1e-5
    )
    first = 0.5 * (rows[0][0] + (rows[0][1] + rows[0][2]) / 2)
    second = 0.5 * ((rows[1][1] + rows[1][2]) / 2 + rows[1][0])
    balanced = (first + 3 * second) / 4
    assert float(sigmoid_pairs_loss(x, y, positive, weights, scale, bias)) == pytest.approx(balanced, rel=1e-5)


def test_the_help_fades_linearly():
    assert [fading(d, 0.4) for d in (0.0, 0.2, 0.4, 1.0)] == pytest.approx([1.0, 0.5, 0.0, 0.0])
    assert fading(1.0, 0.6, 0.1) == 0.1


def test_a_constant_guess_misses_the_whole_variance():
    teacher = torch.randn(400, 6, generator=torch.Generator().manual_seed(0))
    spread = float((teacher - teacher.mean(0)).pow(2).sum(1).mean())
    guess = teacher.mean(0).expand_as(teacher)
    assert float(distillation_loss(guess, teacher, spread)) == pytest.approx(1.0, rel=1e-5)
    assert float(distillation_loss(teacher, teacher, spread)) == 0.0
