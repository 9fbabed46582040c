"""A step is made of parts: independent draws whose gradients are averaged, shared out among the processes.

The number of parts belongs to the configuration, not to the launch, so that one seed gives one result however many
processes work on it: two processes with a part each add up what one process with two parts does.
"""

import numpy as np
import torch


def step_generator(seed: int, step: int, part: int = 0) -> np.random.Generator:
    """The random numbers of one part of one step; also seeds torch for it (dropout)."""
    torch_entropy = [seed, step, 1] + ([part] if part else [])
    torch.manual_seed(int(np.random.SeedSequence(torch_entropy).generate_state(1)[0]))
    return np.random.default_rng([seed, step] + ([0, part] if part else []))


def own_parts(parts: int, process: int, processes: int) -> range:
    """The parts of every step that process `process` of `processes` works on.

    Raises ValueError, with the numbers that would do, when the parts cannot be shared out evenly: an average over
    uneven shares would not be the average over parts.
    """
    if parts < 1:
        raise ValueError(f"'parts' is {parts}; a step has at least one part.")
    if parts % processes:
        fitting = ", ".join(str(n) for n in range(1, parts + 1) if parts % n == 0)
        raise ValueError(
            f"{parts} part(s) of a step cannot be shared out evenly among {processes} processes. "
            f"Launch one of {fitting} processes, or set 'parts' in the configuration to a multiple of {processes}."
        )
    return range(process, parts, processes)
