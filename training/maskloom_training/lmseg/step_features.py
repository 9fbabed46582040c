"""What frozen encoders make of a training step, kept on disk for the other rows.

A step's pictures, crops and texts depend on the seed and the step alone, so every row with frozen encoders reads the
same features: the first row computes them, the others are a third faster.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import torch

DRAWN_BY = (
    "seed",
    "batch",
    "classes",
    "crop_share",
    "crop_min",
    "images",
    "held_out_seed",
    "bfloat16",
    "clipModel",
    "samModel",
)
"""Configuration that decides what a step sees and how it is encoded."""


class StepFeatures:
    """Tensors of one step by its number, in a folder named after what decides them."""

    def __init__(self, directory: Path, config: dict) -> None:
        drawn = {k: config.get(k) for k in DRAWN_BY}
        model = {k: config["model"][k] for k in ("last_block", "residual", "post_norm", "taps")}
        mark = hashlib.sha256(json.dumps([drawn, model], sort_keys=True).encode()).hexdigest()[:12]
        self.directory = directory / mark
        self.directory.mkdir(parents=True, exist_ok=True)

    def get(self, step: int, compute: Callable[[], tuple[torch.Tensor, ...]]) -> tuple[torch.Tensor, ...]:
        """The tensors of `step`; computed and stored if they are not there."""
        path = self.directory / f"{step:05d}.pt"
        if path.exists():
            return torch.load(path, weights_only=True)
        found = compute()
        beside = path.with_suffix(f".{os.getpid()}.part")
        torch.save(found, beside)
        os.replace(beside, path)
        return found
