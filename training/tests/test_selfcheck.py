"""The gradient self-check accepts sound gradients and finds the kinds of wrong ones that were seen."""

import pytest
import torch

from maskloom_training.selfcheck import GradientCheckError, check_gradients


class _Broken(torch.autograd.Function):
    """Identity whose backward pass is `wrong(gradient)`."""

    @staticmethod
    def forward(ctx, x, wrong):
        ctx.wrong = wrong
        return x.clone()

    @staticmethod
    def backward(ctx, gradient):
        return ctx.wrong(gradient), None


def _check(wrong, **options):
    torch.manual_seed(0)
    layer = torch.nn.Linear(6, 3)
    x = torch.randn(8, 6)
    return check_gradients(
        list(layer.named_parameters()), lambda: _Broken.apply(layer(x), wrong).square().mean(), **options
    )


def test_sound_gradients_pass():
    found = _check(lambda g: g, direction_tolerance=0.01)
    assert found["repeat"] == 0.0
    assert found["direction"] < 0.01


def test_gradients_that_change_from_run_to_run_are_found():
    with pytest.raises(GradientCheckError, match="differs"):
        _check(lambda g: g + 1e-2 * torch.randn_like(g))


def test_gradients_that_are_not_finite_are_found():
    with pytest.raises(GradientCheckError, match="not finite"):
        _check(lambda g: g * float("inf"))


def test_a_constant_error_is_found_by_the_direction():
    _check(lambda g: -g)
    with pytest.raises(GradientCheckError, match="backward pass is wrong"):
        _check(lambda g: -g, direction_tolerance=0.05)


def test_the_check_leaves_the_parameters_as_they_were():
    layer = torch.nn.Linear(4, 1)
    before = {name: p.detach().clone() for name, p in layer.named_parameters()}
    x = torch.randn(5, 4)
    check_gradients(list(layer.named_parameters()), lambda: layer(x).square().mean(), direction_tolerance=0.1)
    for name, parameter in layer.named_parameters():
        assert torch.equal(parameter, before[name])
        assert parameter.grad is None
