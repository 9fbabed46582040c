"""Whole state of a model whose weights are shared out among processes (FSDP, DeepSpeed ZeRO)."""

from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import DistributedType
from torch.distributed.checkpoint.state_dict import (
    StateDictOptions,
    get_model_state_dict,
    get_optimizer_state_dict,
    set_optimizer_state_dict,
)
from torch.distributed.tensor import DTensor, distribute_tensor

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
        named = get_optimizer_state_dict(module, _plain(optimizer), options=WHOLE)
        moments = _numbered(named) if accelerator.is_main_process else None
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
    with torch.no_grad():  # PyTorch's own loading shares out only one of the names that a tensor has
        for name, own in module.state_dict().items():
            whole = weights[name].to(own.device)
            if isinstance(own, DTensor):
                whole = distribute_tensor(whole, own.device_mesh, own.placements)
            own.copy_(whole)
    if saved["optimizer"] is not None:
        named = _named(saved["optimizer"], module, _plain(optimizer))
        set_optimizer_state_dict(module, _plain(optimizer), named, options=options)


def fixed_scalars(module: torch.nn.Module) -> None:
    """Makes frozen parameters of a single number (CLIP's logit_scale) buffers, in place, under the same names: FSDP
    refuses to share a scalar out."""
    for child in module.modules():
        for name, parameter in list(child.named_parameters(recurse=False)):
            if parameter.dim() == 0 and not parameter.requires_grad:
                delattr(child, name)
                child.register_buffer(name, parameter.detach())


def _plain(optimizer: torch.optim.Optimizer) -> torch.optim.Optimizer:
    return getattr(optimizer, "optimizer", optimizer)


def _numbered(named: dict[str, Any]) -> dict[str, Any]:
    """An optimizer's state as torch.optim saves it, so that a checkpoint is the same whatever engine wrote it."""
    numbers = {name: i for i, name in enumerate(n for g in named["param_groups"] for n in g["params"])}
    groups = [{**g, "params": [numbers[n] for n in g["params"]]} for g in named["param_groups"]]
    return {"state": {numbers[n]: state for n, state in named["state"].items()}, "param_groups": groups}


def _named(numbered: dict[str, Any], module: torch.nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, Any]:
    """`_numbered` undone, by the order of the parameters in the optimizer."""
    names = {id(p): name for name, p in module.named_parameters()}
    order = [names[id(p)] for g in optimizer.param_groups for p in g["params"]]
    groups = [{**g, "params": [order[i] for i in g["params"]]} for g in numbered["param_groups"]]
    return {"state": {order[i]: state for i, state in numbered["state"].items()}, "param_groups": groups}


def _by_module(weights: dict[str, torch.Tensor]) -> dict[str, dict[str, torch.Tensor]]:
    found: dict[str, dict[str, torch.Tensor]] = {}
    for name, tensor in weights.items():
        module, _, rest = name.removeprefix(PREFIX).partition(".")
        found.setdefault(module, {})[rest] = tensor
    return found
