"""The Accelerator of a launch; on a CPU too, where Accelerate itself knows DDP alone."""

import os

from accelerate import Accelerator, DistributedDataParallelKwargs, InitProcessGroupKwargs, PartialState
from accelerate.utils import DistributedType, FullyShardedDataParallelPlugin, parse_flag_from_env

SHARDED = (DistributedType.FSDP, DistributedType.DEEPSPEED)


def new_accelerator() -> Accelerator:
    """What `accelerate launch` asked for by its flags or its file.

    With ACCELERATE_USE_CPU=true Accelerate leaves FSDP and DeepSpeed out without a word and runs DDP. PyTorch's FSDP
    and DeepSpeed's ZeRO both run over gloo, so they are put back: that is how they are tested without a GPU.
    """
    # A step need not use every trained weight: some of SAM's mask tokens, heads that the batch has targets for.
    handlers = [DistributedDataParallelKwargs(find_unused_parameters=True)]
    cpu = parse_flag_from_env("ACCELERATE_USE_CPU")
    if cpu and parse_flag_from_env("ACCELERATE_USE_DEEPSPEED"):
        os.environ |= {"ACCELERATE_USE_CPU": "false", "ACCELERATE_TORCH_DEVICE": "cpu", "DS_ACCELERATOR": "cpu"}
        handlers.append(InitProcessGroupKwargs(backend="gloo"))
    accelerator = Accelerator(kwargs_handlers=handlers)
    if cpu and parse_flag_from_env("ACCELERATE_USE_FSDP"):
        plugin = FullyShardedDataParallelPlugin()
        if accelerator.mixed_precision != "no":
            plugin.set_mixed_precision(accelerator.mixed_precision)
        accelerator.state.fsdp_plugin = plugin
        PartialState().distributed_type = accelerator.state.distributed_type = DistributedType.FSDP
    return accelerator
