"""Cached patch features of a frozen SigLIP tower."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import torch

from ..features import FeatureCache
from ..siglip.model import SiglipTiny, pixels
from ..world import World


class SiglipFeatures:
    """Cached patch features of one data set under one tower."""

    def __init__(self, siglip: SiglipTiny, world: World, directory: Path) -> None:
        s = siglip.settings
        mark = hashlib.sha256(siglip.dense_projection.weight.detach().numpy().tobytes()).hexdigest()[:12]

        def compute(indices: np.ndarray) -> torch.Tensor:
            chunks = np.array_split(indices, -(-len(indices) // 16))
            return torch.cat([siglip(pixels(world.images[chunk]))[0] for chunk in chunks])

        folder = directory / f"siglip-{mark}-{world.info['seed']}-{len(world)}"
        self.cache = FeatureCache(folder, len(world), (s.grid * s.grid, s.width), compute)

    def get(self, indices: np.ndarray) -> torch.Tensor:
        """Patch features [B,L,Dv] of pictures by index."""
        return self.cache.get(indices)
