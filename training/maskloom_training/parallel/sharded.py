"""Whole state of a model whose weights are shared out among processes (FSDP, DeepSpeed ZeRO)."""

from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import DistributedType
from torch.distributed.checkpoint.state_dict import (
    StateDictOptions,
    get_model_state_dict,
    get_optimizer_state_dict,
    set_model_state_dict,
    set_optimizer_state_dict,
)

WHOLE = StateDictOptions(full_state_dict=True, cpu_offload=True)
PREFIX = "parts."


def whole_state(accelerator: Accelerator, module: torch.nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, Any]:
    """{"modules", "optimizer"} on the CPU of the main process, empty elsewhere; every process must call it.

    DeepSpeed keeps its optimizer in its own form: "optimizer" is None there, and a resumed run starts the moments anew.
    """
    if accelerator.distributed_type == DistributedType.DEEPSPEED:
        weights, moments = accelerator.get_state_dict(module), None
    else:
        weights = get_model_state_dict(module, options=WHOLE)
        moments = get_optimizer_state_dict(module, _plain(optimizer), options=WHOLE)
    return {"modules": _by_module(weights or {}), "optimizer": moments}


def load_full_state(
    accelerator: Accelerator, module: torch.nn.Module, optimizer: torch.optim.Optimizer, saved: dict[str, Any]
) -> None:
    """Shares the state of a checkpoint out again; every process must call it, each with the whole state."""
    weights = {f"{PREFIX}{m}.{n}": t for m, state in saved["modules"].items() for n, t in state.items()}
    options = StateDictOptions(full_state_dict=True, broadcast_from_rank0=False)
    if accelerator.distributed_type == DistributedType.DEEPSPEED:
        module.load_state_dict(weights)
        return
    set_model_state_dict(module, weights, options=options)
    set_optimizer_state_dict(module, _plain(optimizer), saved["optimizer"], options=options)


def _plain(optimizer: torch.optim.Optimizer) -> torch.optim.Optimizer:
    return getattr(optimizer, "optimizer", optimizer)


def _by_module(weights: dict[str, torch.Tensor]) -> dict[str, dict[str, torch.Tensor]]:
    found: dict[str, dict[str, torch.Tensor]] = {}
    for name, tensor in weights.items():
        module, _, rest = name.removeprefix(PREFIX).partition(".")
        found.setdefault(module, {})[rest] = tensor
    return found
