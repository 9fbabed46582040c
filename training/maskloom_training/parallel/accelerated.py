"""The engine of a launch by Hugging Face Accelerate: several processes, mixed precision, FSDP, DeepSpeed."""

import gc
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Any

import torch
from accelerate.utils import DistributedType, gather_object
from torch.distributed.tensor import DTensor

from .launched import SHARDED, new_accelerator
from .numpy_anywhere import NumpyFromAnywhere
from .parts import own_parts, step_generator
from .sharded import fixed_scalars, load_full_state, whole_state
from .sums import Means


class StageModule(torch.nn.Module):
    """A stage as one module: its modules are children and a call is a part's loss, so that wrappers see every parameter
    and every use. Wrapped layers are replaced inside these children, which the stage goes on to use."""

    def __init__(self, stage: Any, seed: int) -> None:
        super().__init__()
        self.parts = torch.nn.ModuleDict(stage.modules())
        self._loss, self._seed, self.whole = stage.loss, seed, False
        # What TRANSFORMER_BASED_WRAP gathers and lets go one by one: a language model's layers, which are always called
        # whole. Towers, whose inner parts stages also call, are gathered with all else.
        kinds = {type(module).__name__ for module in self.modules()}
        self._no_split_modules = sorted(kind for kind in kinds if kind.endswith("DecoderLayer"))

    def forward(self, step: int, part: int) -> tuple[torch.Tensor, dict[str, float]]:
        """Loss (scalar) and values to print of one part of one step."""
        loss, values = self._loss(step, step_generator(self._seed, step, part))
        if self.whole:
            # FSDP adds up what each process has gradients of, and every process must have the same: a weight that this
            # part did not use gets a zero. Layers that are sharded by themselves (DTensor here) are always used.
            own = [p for p in self.parameters() if p.requires_grad and not isinstance(p, DTensor)]
            loss = loss + 0.0 * sum(p.flatten()[:1].sum() for p in own)
        return loss, values


class Accelerated:
    """This process's share of every step (see Engine)."""

    def __init__(self, stage: Any, optimizer: torch.optim.Optimizer, config: dict) -> None:
        accelerator = self._accelerator = new_accelerator()
        self.main, self.processes = accelerator.is_main_process, accelerator.num_processes
        self._parts = own_parts(config["parts"], accelerator.process_index, accelerator.num_processes)
        self._deepspeed = accelerator.distributed_type == DistributedType.DEEPSPEED
        if self._deepspeed:
            # DeepSpeed counts parts itself, and divides the loss by them.
            settings = accelerator.state.deepspeed_plugin.deepspeed_config
            settings["train_micro_batch_size_per_gpu"] = 1
            settings["gradient_accumulation_steps"] = len(self._parts)
            accelerator.gradient_accumulation_steps = len(self._parts)
        self._stage = stage
        module = StageModule(stage, config["seed"])
        if accelerator.distributed_type == DistributedType.FSDP:
            module.whole = True
            fixed_scalars(module)
        self.module, self.optimizer = accelerator.prepare(module, optimizer)

    def gradients(self, step: int) -> tuple[float, dict[str, float]]:
        self.optimizer.zero_grad(set_to_none=True)
        means, last = Means(), self._parts[-1]
        for part in self._parts:
            with ExitStack() as stack:
                if part != last and not self._deepspeed:
                    stack.enter_context(self._accelerator.no_sync(self.module))
                with self._placing():
                    loss, values = self.module(step, part)
                means.add(float(loss.detach()), values)
                self._accelerator.backward(loss if self._deepspeed else loss / len(self._parts))
        return means.merge(gather_object([means.pairs()])).result()

    def clip(self, parameters: Iterable[torch.nn.Parameter], norm: float) -> float:
        found = self._accelerator.clip_grad_norm_(self.module.parameters(), norm)
        # DeepSpeed clips in its own step and knows the norm only afterwards.
        return 0.0 if found is None else float(found)

    def agree(self, elapsed: float, stop: bool) -> tuple[float, bool]:
        said = gather_object([(elapsed, stop)])
        return said[0][0], any(wish for _, wish in said)

    def state(self) -> dict[str, Any]:
        if self._accelerator.distributed_type in SHARDED:
            return whole_state(self._accelerator, self.module, self.optimizer)
        modules = {name: module.state_dict() for name, module in self._stage.modules().items()}
        return {"modules": modules, "optimizer": self.optimizer.state_dict()}

    def load(self, saved: dict[str, Any]) -> None:
        if self._accelerator.distributed_type in SHARDED:
            load_full_state(self._accelerator, self.module, self.optimizer, saved)
            return
        for name, module in self._stage.modules().items():
            module.load_state_dict(saved["modules"][name])
        self.optimizer.load_state_dict(saved["optimizer"])

    def evaluate(self, measure: Callable[[], dict[str, float]]) -> dict[str, float]:
        sharded = self._accelerator.distributed_type == DistributedType.FSDP
        if sharded:
            self.module.unshard()
        try:
            with self._placing():
                return measure()
        finally:
            if sharded:
                self.module.reshard()

    def finish(self) -> None:
        # DDP's reducer goes while the group still lives: as the group's last owner it would join gloo's threads holding
        # Python's lock, which they may need to let go of the last gathered tensors (one run in three hung so).
        self.module = None
        self._accelerator.free_memory()
        gc.collect()
        self._accelerator.end_training()

    def _placing(self) -> ExitStack:
        stack = ExitStack()
        device = self._accelerator.device
        if device.type != "cpu":
            stack.enter_context(device)  # torch.tensor, torch.as_tensor and the like make their tensors there
            stack.enter_context(NumpyFromAnywhere())
        stack.enter_context(self._accelerator.autocast())
        return stack
