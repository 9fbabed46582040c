"""What the frozen CLIP-tiny gives LLaVA-tiny: cached patch features, and its text tower's view of descriptions."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import torch

from ..clip.model import ClipTiny, pad_rows, pixels
from ..features import FeatureCache
from ..text.scenes import Row, Vocabulary
from ..text.tokenizer import EOS, PAD, encode
from ..world import World


class TowerFeatures:
    """Cached patch features of one data set under one tower."""

    def __init__(self, clip: ClipTiny, world: World, directory: Path) -> None:
        settings = clip.settings
        tokens = (settings.image_size // settings.patch_size) ** 2
        mark = hashlib.sha256(clip.clip.visual_projection.weight.numpy().tobytes()).hexdigest()[:12]

        def compute(indices: np.ndarray) -> torch.Tensor:
            parts = [clip(pixels(world.images[chunk]))[0] for chunk in np.array_split(indices, -(-len(indices) // 16))]
            return torch.cat(parts)

        folder = directory / f"clip-{mark}-{world.info['seed']}-{len(world)}"
        self.cache = FeatureCache(folder, len(world), (tokens, settings.width), compute)

    def get(self, indices: np.ndarray) -> torch.Tensor:
        """Patch features [B,L,Dv] of pictures by index."""
        return self.cache.get(indices)


class Teacher:
    """The CLIP text tower's embeddings of descriptions, remembered."""

    def __init__(self, clip: ClipTiny, tokenizer, vocabulary: Vocabulary) -> None:
        self.clip, self.tokenizer, self.vocabulary = clip, tokenizer, vocabulary
        self.eos, self.pad = tokenizer.token_to_id(EOS), tokenizer.token_to_id(PAD)
        self._known: dict[Row, torch.Tensor] = {}

    @torch.no_grad()
    def words(self, texts: list[str]) -> torch.Tensor:
        """Unit embeddings [n,E] of texts."""
        rows = [encode(self.tokenizer, " " + text) + [self.eos] for text in texts]
        return self.clip.text(pad_rows(rows, self.pad))

    def rows(self, rows: list[Row]) -> torch.Tensor:
        """Unit embeddings [n,E] of descriptions."""
        new = [row for row in dict.fromkeys(rows) if row not in self._known]
        if new:
            for row, value in zip(new, self.words([self.vocabulary.say(r) for r in new]), strict=True):
                self._known[row] = value
        return torch.stack([self._known[row] for row in rows])
