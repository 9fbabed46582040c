"""What the training loop asks of the place where it runs."""

import os
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import torch


class Engine(Protocol):
    """Gradients, optimizer and state of one stage, in one process or over many.

    main: True in the one process that prints and writes. processes: how many work on each step.
    """

    main: bool
    processes: int
    optimizer: torch.optim.Optimizer

    def gradients(self, step: int) -> tuple[float, dict[str, float]]:
        """Leaves the step's gradients, averaged over parts and processes; returns loss and parts to print, likewise."""
        ...

    def clip(self, parameters: Iterable[torch.nn.Parameter], norm: float) -> float:
        """Clips the gradients to `norm` and returns their norm before."""
        ...

    def agree(self, elapsed: float, stop: bool) -> tuple[float, bool]:
        """The main process's clock, and whether any process is to stop; the same answer in every process."""
        ...

    def state(self) -> dict[str, Any]:
        """Whole "modules" (name to state_dict) and "optimizer" for a checkpoint; every process must call it."""
        ...

    def load(self, saved: dict[str, Any]) -> None:
        """Takes the state of a checkpoint; every process must call it."""
        ...

    def evaluate(self, measure: Callable[[], dict[str, float]]) -> dict[str, float]:
        """What `measure` returns, with whole weights in its modules; every process must call it."""
        ...

    def finish(self) -> None:
        """Leaves the group; no other method may be called after it."""
        ...


def launched() -> bool:
    """Whether `accelerate launch` (or torchrun) started this process."""
    return any(name in os.environ for name in ("ACCELERATE_MIXED_PRECISION", "WORLD_SIZE"))


def start_engine(stage: Any, config: dict) -> Engine:
    """The engine for this process: Accelerate's when it was launched by it, else this process alone."""
    groups = [{"lr_scale": 1.0, "weight_decay": config["weight_decay"], **g} for g in stage.parameter_groups()]
    optimizer = torch.optim.AdamW(groups, lr=config["lr"], betas=tuple(config["betas"]))
    if launched():
        from .accelerated import Accelerated

        return Accelerated(stage, optimizer, config)
    from .alone import Alone

    return Alone(stage, optimizer, config)
