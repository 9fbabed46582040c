"""The engine of one process, without Accelerate."""

from collections.abc import Callable, Iterable
from typing import Any

import torch

from .parts import own_parts, step_generator
from .sums import Means


class Alone:
    """Every part of a step in this process (see Engine)."""

    main = True
    processes = 1

    def __init__(self, stage: Any, optimizer: torch.optim.Optimizer, config: dict) -> None:
        self._stage, self.optimizer, self._seed = stage, optimizer, config["seed"]
        self._parts = own_parts(config["parts"], 0, 1)

    def gradients(self, step: int) -> tuple[float, dict[str, float]]:
        self.optimizer.zero_grad(set_to_none=True)
        means = Means()
        for part in self._parts:
            loss, values = self._stage.loss(step, step_generator(self._seed, step, part))
            (loss / len(self._parts)).backward()
            means.add(float(loss.detach()), values)
        return means.result()

    def clip(self, parameters: Iterable[torch.nn.Parameter], norm: float) -> float:
        return float(torch.nn.utils.clip_grad_norm_(parameters, norm))

    def agree(self, elapsed: float, stop: bool) -> tuple[float, bool]:
        return elapsed, stop

    def state(self) -> dict[str, Any]:
        modules = {name: module.state_dict() for name, module in self._stage.modules().items()}
        return {"modules": modules, "optimizer": self.optimizer.state_dict()}

    def load(self, saved: dict[str, Any]) -> None:
        for name, module in self._stage.modules().items():
            module.load_state_dict(saved["modules"][name])
        self.optimizer.load_state_dict(saved["optimizer"])

    def evaluate(self, measure: Callable[[], dict[str, float]]) -> dict[str, float]:
        return measure()

    def finish(self) -> None:
        pass
