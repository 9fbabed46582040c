"""Descriptions of targets and their SigLIP text embeddings: what the text head is drawn to."""

from __future__ import annotations

import numpy as np
import torch

from ..siglip.model import SiglipTiny
from ..siglip.train import text_rows
from ..text.scenes import ANY, NONE, STUFF, Row, Vocabulary, read_scenes
from ..world import World
from .targets import Target


class Descriptions:
    """Rows of attributes by (picture, local id), and remembered embeddings of what is said of them."""

    def __init__(self, siglip: SiglipTiny, tokenizer, world: World) -> None:
        self.siglip, self.tokenizer, self.vocabulary = siglip, tokenizer, Vocabulary.of(world)
        self._rows = {
            (scene.index, int(id) % 32): tuple(int(v) for v in row)
            for scene in read_scenes(world)
            for id, row in zip(scene.ids, scene.rows, strict=True)
        }
        shapes = [(ANY, ANY, ANY, k, NONE) for k in range(len(self.vocabulary.shapes))]
        stuff = [(NONE, NONE, NONE, NONE, k) for k in range(len(self.vocabulary.stuff))]
        self.names: list[Row] = shapes + stuff
        self._known: dict[Row, torch.Tensor] = {}

    def row(self, picture: int, local: int) -> Row:
        """Attributes of one target."""
        return self._rows[(picture, local)]

    def draw(
        self, pictures: np.ndarray, targets: list[list[Target]], rng: np.random.Generator
    ) -> tuple[list[Row], torch.Tensor]:
        """The category names, each target's full description and one with attributes left out -> (rows, [t,E])."""
        said: dict[Row, None] = dict.fromkeys(self.names)
        for picture, own in zip(pictures, targets, strict=True):
            for target in own:
                full = self.row(int(picture), target.id)
                said[full] = None
                if full[STUFF] == NONE:
                    keep = rng.random(3) < 0.5
                    said[tuple(ANY if c < 3 and not keep[c] else v for c, v in enumerate(full))] = None  # type: ignore[index]
        rows = list(said)
        return rows, self.embed(rows)

    @torch.no_grad()
    def embed(self, rows: list[Row]) -> torch.Tensor:
        """Unit embeddings [n,E]."""
        new = [row for row in rows if row not in self._known]
        if new:
            texts = text_rows(self.siglip, self.tokenizer, [self.vocabulary.say(r) for r in new])
            self._known.update(zip(new, self.siglip.text(texts), strict=True))
        return torch.stack([self._known[row] for row in rows])
