"""A repository of ready-made graphs in a hub's cache, written as transformers.js publishes them."""

from __future__ import annotations

import hashlib
import json
import os
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn

from .random_weights import SEED
from .sdk import Steps


class Calls(nn.Module):
    """A function of some modules, as a module that has their weights."""

    def __init__(self, function: Callable, *modules: nn.Module) -> None:
        super().__init__()
        self.function, self.used = function, nn.ModuleList(modules)

    def forward(self, *inputs: torch.Tensor):
        return self.function(*inputs)


class Repository:
    """`test/NAME` in a hub's cache under `work`."""

    def __init__(self, work: Path, name: str) -> None:
        self.id, self.cache = f"test/{name}", work / "hub"
        self.folder = self.cache / f"models--test--{name}"
        commit = hashlib.sha1(name.encode()).hexdigest()
        self.snapshot = self.folder / "snapshots" / commit
        (self.folder / "refs").mkdir(parents=True)
        (self.folder / "refs" / "main").write_text(commit)
        self.env = {"HF_HUB_CACHE": str(self.cache), "MASKLOOM_CACHE": str(work / "made")}

    def json(self, name: str, value: dict) -> None:
        """A configuration file."""
        self._place(name, json.dumps(value).encode())

    def graph(self, stem: str, module: nn.Module, inputs: dict, outputs: dict) -> None:
        """inputs: name to (example, dynamic axes); outputs: name to dynamic axes."""
        axes = {name: given for name, (_, given) in inputs.items() if given} | {n: a for n, a in outputs.items() if a}
        path = self.folder / f"{stem}.onnx"
        with torch.no_grad(), warnings.catch_warnings():
            # Shapes are fixed where the tracer says so, as in published graphs.
            warnings.simplefilter("ignore", torch.jit.TracerWarning)
            torch.onnx.export(
                module.eval(), tuple(example for example, _ in inputs.values()), str(path), input_names=list(inputs),
                output_names=list(outputs), dynamic_axes=axes, opset_version=17, dynamo=False,
            )  # fmt: skip
        self._place(f"onnx/{stem}.onnx", path)

    def steps(self, steps: list[dict], feeds: dict[str, np.ndarray]) -> list:
        """What the built packages give by the repository's name, the hub not asked."""
        return Steps({"hub": self.id}, steps, feeds, self.env).results

    def _place(self, name: str, data: bytes | Path) -> None:
        """A file as a blob, and the link to it."""
        blob, link = self.folder / "blobs", self.snapshot / name
        blob.mkdir(exist_ok=True)
        link.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(data, bytes):
            to = blob / hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
            to.write_bytes(data)
        else:
            with open(data, "rb") as stream:
                to = blob / hashlib.file_digest(stream, "sha256").hexdigest()
            data.rename(to)
        link.symlink_to(os.path.relpath(to, link.parent))


def draw(*shape: int) -> torch.Tensor:
    """The same normal numbers for the same shape."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(SEED))
