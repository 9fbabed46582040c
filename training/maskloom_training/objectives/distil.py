"""Starting help that fades: a head's output towards vectors that are known to work.

L = sum_i |x_i - y_i|^2 / sum_i |y_i - mean(y)|^2: the part of the teacher's variance that is missed, 1 for a
constant guess.
Not in the paper. Every rival of an ablation gets the same help, with the same weight over time.
"""

import torch


def fading(done: float, until: float, floor: float = 0.0) -> float:
    """Weight of the help: falls linearly from 1 to `floor` while `done` (0..1 of the run) goes from 0 to `until`."""
    return max(floor, 1 - done / until) if until > 0 else floor


def distillation_loss(outputs: torch.Tensor, teacher: torch.Tensor, spread: float) -> torch.Tensor:
    """outputs, teacher [n,E]; `spread` = mean squared distance of the teacher's vectors from their mean."""
    return (outputs - teacher).pow(2).sum(-1).mean() / spread
