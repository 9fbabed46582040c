"""Low-rank updates of a checkpoint that were never merged: added to their matrices as these are read.

LISA's descendants train with PEFT (names below `base_model.model.`) and publish what DeepSpeed wrote, updates apart.
"""

from __future__ import annotations

import re

import torch

from .tensors import Renamed, Tensors

ALPHA = 16
"""LISA's, READ's and GSVA's; the weights do not say."""
_UPDATE = re.compile(r"^(?P<layer>.+)\.lora_(?P<side>[AB])(\.\w+)?\.weight$")


def merged_lora(tensors: Tensors, alpha: float = ALPHA) -> Tensors:
    """The tensors with every update merged: W + alpha / rank * B A; the same where there are none."""
    if not any(name.startswith("base_model.model.") or ".lora_" in name for name in tensors.names()):
        return tensors
    plain = Renamed(tensors, lambda name: name.removeprefix("base_model.model.").replace(".base_layer.", "."))
    return _Merged(plain, alpha)


class _Merged:
    def __init__(self, inner: Tensors, alpha: float) -> None:
        self.inner, self.alpha = inner, alpha
        self.updates: dict[str, dict[str, str]] = {}
        for name in inner.names():
            found = _UPDATE.match(name)
            if found is not None:
                self.updates.setdefault(f"{found['layer']}.weight", {})[found["side"]] = name

    def names(self) -> list[str]:
        return [name for name in self.inner.names() if ".lora_" not in name]

    def shape(self, name: str) -> tuple[int, ...]:
        return self.inner.shape(name)

    def read(self, name: str) -> torch.Tensor:
        tensor = self.inner.read(name)
        sides = self.updates.get(name)
        if sides is None:
            return tensor
        down, up = self.inner.read(sides["A"]), self.inner.read(sides["B"])
        return tensor + self.alpha / len(down) * (up @ down)
