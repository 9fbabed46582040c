"""Checks of the gradients before a run: some builds of PyTorch return wrong ones with a finite loss."""

from collections.abc import Callable

import torch


class GradientCheckError(RuntimeError):
    """The gradients of this PyTorch build, device or model cannot be trusted."""


def _gradients(parameters: list[torch.nn.Parameter], loss: Callable[[], torch.Tensor]) -> tuple[float, list]:
    for parameter in parameters:
        parameter.grad = None
    value = loss()
    value.backward()
    gradients = [None if p.grad is None else p.grad.detach().clone() for p in parameters]
    for parameter in parameters:
        parameter.grad = None
    return float(value.detach()), gradients


def check_gradients(
    named_parameters: list[tuple[str, torch.nn.Parameter]],
    loss: Callable[[], torch.Tensor],
    repeats: int = 2,
    tolerance: float = 1e-4,
    direction_tolerance: float | None = None,
) -> dict[str, float]:
    """Runs the same step `1 + repeats` times; every gradient must be finite and the same each time.

    `loss` must draw the same batch (and dropout) on each call. `tolerance` bounds
    |g1 - g2| / |g1| of each parameter. With `direction_tolerance`, the loss's change along the
    gradient must also match the gradient (central difference), which finds gradients
    that are wrong in the same way each time; leave it out for a loss that detaches
    much of what it depends on. Raises GradientCheckError that names the first bad
    parameter. Returns {"repeat": worst difference, "direction": relative error or 0}.
    """
    names = [name for name, p in named_parameters if p.requires_grad]
    parameters = [p for _, p in named_parameters if p.requires_grad]
    base_loss, base = _gradients(parameters, loss)
    for name, gradient in zip(names, base):
        if gradient is not None and not torch.isfinite(gradient).all():
            raise GradientCheckError(f"Gradient of {name} is not finite although the loss is {base_loss:.4g}.")
    worst = 0.0
    for _ in range(repeats):
        _, again = _gradients(parameters, loss)
        for name, first, second in zip(names, base, again):
            if first is None or second is None:
                if (first is None) != (second is None):
                    raise GradientCheckError(f"{name} got a gradient in one of two equal steps only.")
                continue
            difference = float((first - second).norm() / (first.norm() + 1e-12))
            if not difference <= tolerance:
                raise GradientCheckError(
                    f"Gradient of {name} differs by {difference:.2e} between equal steps (allowed {tolerance:.0e}). "
                    "Try another activation, torch.backends.mkldnn.enabled = False, or another PyTorch build."
                )
            worst = max(worst, difference)
    direction = 0.0
    if direction_tolerance is not None:
        direction = _direction_error(parameters, base, base_loss, loss)
        if not direction <= direction_tolerance:
            raise GradientCheckError(
                f"The loss changes along its gradient by {direction:.1%} more or less than the gradient says "
                f"(allowed {direction_tolerance:.0%}): a backward pass is wrong."
            )
    return {"repeat": worst, "direction": direction}


@torch.no_grad()
def _direction_error(parameters, gradients, base_loss: float, loss: Callable[[], torch.Tensor]) -> float:
    squared = sum(float(g.double().pow(2).sum()) for g in gradients if g is not None)
    if squared == 0:
        raise GradientCheckError("Every gradient is zero.")
    # A step along the gradient that should change the loss by 0.2 %: well above float32 noise, little curvature.
    epsilon = 0.002 * max(abs(base_loss), 1e-3) / squared
    kept = [p.detach().clone() for p in parameters]

    def at(factor: float) -> float:
        for parameter, original, gradient in zip(parameters, kept, gradients):
            if gradient is not None:
                parameter.copy_(original + factor * gradient)
        return float(loss())

    change = (at(epsilon) - at(-epsilon)) / (2 * epsilon)
    for parameter, original in zip(parameters, kept):
        parameter.copy_(original)
    return abs(change - squared) / squared
