"""Features of frozen towers, computed once per picture and kept on disk in half precision."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch


class FeatureCache:
    """Lazy store of one array per picture: the first `get` of a picture computes it, later ones read it.

    Files in `directory`: values.npy (float16 [count, *shape], sparse until filled) and done.npy. The folder's
    name should say what made them (a tower's hash): a cache does not check it.
    """

    def __init__(
        self, directory: Path, count: int, shape: tuple[int, ...], compute: Callable[[np.ndarray], torch.Tensor]
    ) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._compute = compute
        self._values = _open(directory / "values.npy", (count, *shape), np.float16)
        self._done = _open(directory / "done.npy", (count,), np.uint8)

    def get(self, indices: np.ndarray) -> torch.Tensor:
        """float32 [len(indices), *shape]; what is missing is computed in one batch first."""
        indices = np.asarray(indices)
        missing = np.unique(indices[self._done[indices] == 0])
        if len(missing):
            with torch.no_grad():
                self._values[missing] = self._compute(missing).numpy().astype(np.float16)
            self._done[missing] = 1
        return torch.as_tensor(self._values[indices].astype(np.float32))


def _open(path: Path, shape: tuple[int, ...], dtype: type) -> np.memmap:
    """The array in `path`, made when missing or of another shape; of several processes that make it one wins, whole."""
    if path.exists():
        found = np.lib.format.open_memmap(path, mode="r+")
        if found.shape == shape:
            return found
        path.unlink()
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        np.lib.format.open_memmap(beside, mode="w+", dtype=dtype, shape=shape).flush()
        with contextlib.suppress(FileExistsError):
            os.link(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    return np.lib.format.open_memmap(path, mode="r+")
