"""Checkpoints: one file, written beside and renamed, so that a kill at any instant leaves a whole one."""

import hashlib
import os
import platform
from pathlib import Path
from typing import Any

import torch

SCHEMA = "maskloom.checkpoint/1"


def replace_file(path: Path, write) -> None:
    """Calls write(binary file) on a file beside `path`, flushes it to disk and renames it to `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(temporary, "wb") as stream:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def save_checkpoint(
    path: Path,
    *,
    stage: str,
    step: int,
    config: dict[str, Any],
    modules: dict[str, torch.nn.Module],
    optimizer: torch.optim.Optimizer | None = None,
    elapsed: float = 0.0,
    metadata: dict[str, Any] | None = None,
) -> None:
    """Writes the state of a stage after `step` finished steps and `elapsed` seconds of training."""
    write_checkpoint(
        path,
        stage=stage,
        step=step,
        config=config,
        modules={name: module.state_dict() for name, module in modules.items()},
        optimizer=None if optimizer is None else optimizer.state_dict(),
        elapsed=elapsed,
        metadata=metadata,
    )


def write_checkpoint(
    path: Path,
    *,
    stage: str,
    step: int,
    config: dict[str, Any],
    modules: dict[str, dict[str, torch.Tensor]],
    optimizer: dict[str, Any] | None,
    elapsed: float = 0.0,
    metadata: dict[str, Any] | None = None,
) -> None:
    """As save_checkpoint, from states that were gathered already (name of the module to its state_dict)."""
    payload = {
        "schema": SCHEMA,
        "stage": stage,
        "step": step,
        "elapsed": elapsed,
        "config": config,
        "modules": modules,
        "optimizer": optimizer,
        "metadata": {
            "torch": str(torch.__version__),
            "python": platform.python_version(),
            "machine": platform.machine(),
            **(metadata or {}),
        },
    }
    replace_file(path, lambda stream: torch.save(payload, stream))


def content_hash(checkpoint: dict[str, Any]) -> str:
    """SHA-256 (hex) over step, weights and optimizer of a loaded checkpoint; not over clock and configuration."""
    mark = hashlib.sha256(str(checkpoint["step"]).encode())
    _hash_value(mark, [checkpoint["modules"], checkpoint["optimizer"]])
    return mark.hexdigest()


def _hash_value(mark: Any, value: Any) -> None:
    if isinstance(value, torch.Tensor):
        mark.update(f"{value.dtype}{tuple(value.shape)}".encode())
        mark.update(value.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().tobytes())
    elif isinstance(value, dict):
        for key in sorted(value, key=str):
            mark.update(str(key).encode())
            _hash_value(mark, value[key])
    elif isinstance(value, (list, tuple)):
        for item in value:
            _hash_value(mark, item)
    else:
        mark.update(repr(value).encode())


def load_checkpoint(path: Path, stage: str | None = None) -> dict[str, Any]:
    """Reads a checkpoint to CPU memory (so that one from a CUDA run opens anywhere).

    Raises FileNotFoundError when there is none and ValueError when it is another
    format or another stage's. Only tensors and plain values are unpickled.
    """
    if not path.is_file():
        raise FileNotFoundError(f"No checkpoint at {path}. Run the stage that writes it first.")
    payload = torch.load(path, map_location="cpu", weights_only=True)
    if payload.get("schema") != SCHEMA:
        raise ValueError(f"{path}: schema is {payload.get('schema')!r}, this kit reads {SCHEMA!r}.")
    if stage is not None and payload["stage"] != stage:
        raise ValueError(f"{path}: a checkpoint of stage {payload['stage']!r}, not of {stage!r}.")
    return payload
