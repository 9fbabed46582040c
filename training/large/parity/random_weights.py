"""Random weights under which a model of real widths still tells pictures and places apart."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn

SEED = 20261126
HEIGHT, WIDTH = 427, 640
"""A photograph's usual size, and one whose longer side READ's released geometry rounds down."""

TABLE = re.compile(
    r"(rel_pos_[hw]|pos_embed|positional_embedding|class_embedding|probe"
    r"|(?<!patch_)(tokens?|embed(ding)?(\.\d)?)\.weight)$"
)
"""Parameters whose rows are looked up or added, not multiplied with."""


@torch.no_grad()
def randomise(model: nn.Module, seed: int = SEED) -> nn.Module:
    """Matrices keep the size of what passes them (deviation 1 / sqrt(fan in)), vectors of norms stay near one, tables
    and biases are small."""
    draw = torch.Generator().manual_seed(seed)
    for name, weight in model.named_parameters():
        noise = torch.randn(weight.shape, generator=draw)
        if TABLE.search(name):
            weight.copy_(noise * 0.5)
        elif weight.dim() > 1:
            weight.copy_(noise * weight[0].numel() ** -0.5)
        elif "norm" in name and name.endswith("weight"):
            weight.copy_(1 + 0.1 * noise)
        else:
            weight.copy_(noise * 0.05)
    return model.eval()


def photograph(path: Path) -> np.ndarray:
    """uint8 [HEIGHT,WIDTH,3]: soft patches of colour with noise over them; written to `path` as PNG."""
    draw = np.random.default_rng(SEED)
    small = Image.fromarray(draw.integers(0, 255, (9, 14, 3), dtype=np.uint8))
    soft = np.asarray(small.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC), np.int16)
    pixels = np.clip(soft + draw.integers(-20, 21, soft.shape), 0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(path)
    return pixels
