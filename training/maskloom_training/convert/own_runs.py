"""Checkpoints that this kit's training wrote: their configuration, and their tensors one at a time."""

from __future__ import annotations

from pathlib import Path

import torch

from .source import Source
from .tensors import CheckpointError, Tensors


def configuration(path: Path, stage: str) -> dict:
    """A checkpoint's configuration; its weights are mapped, not read. Raises CheckpointError for another stage's."""
    try:
        saved = torch.load(path, map_location="cpu", mmap=True, weights_only=True)
    except FileNotFoundError:
        raise CheckpointError(f"{path} is not there: SRC is the folder of the runs, --row names one of them.") from None
    if not isinstance(saved, dict) or saved.get("stage") != stage:
        raise CheckpointError(f"{path} is no checkpoint of the stage {stage}.")
    return saved["config"]


def module_tensors(source: Source, path: Path) -> Tensors:
    """Its tensors as `MODULE.NAME`."""
    return Source(source.name, path).tensors()
