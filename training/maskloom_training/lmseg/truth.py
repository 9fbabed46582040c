"""What every pixel of a world's picture is: rows of attributes by local segment id."""

from __future__ import annotations

import numpy as np

from ..text.scenes import ANY, COLOUR, NONE, SHAPE, STUFF, TEXTURE, Row, Vocabulary, fits, read_scenes
from ..world import World
from .describe import InventedClass

LOCAL = 32
"""Local segment ids are below this (docs/synthetic-world.md); 0 is void."""
VOID: Row = (NONE, NONE, NONE, NONE, NONE)


def held_out_names(names: list[str], seed: int = 4, share: float = 1 / 3) -> list[str]:
    """The invented names kept out of LMSeg's training: a seeded third, in the vocabulary's order."""
    count = int(len(names) * share)
    chosen = np.random.default_rng(seed).permutation(len(names))[:count]
    return [names[i] for i in sorted(chosen)]


class SegmentRows:
    """Attribute rows [N, LOCAL, 5] of a data set's segments (columns of text.scenes), VOID where there is none."""

    def __init__(self, world: World) -> None:
        self.world, self.vocabulary = world, Vocabulary.of(world)
        self.invented = [InventedClass(**c) for c in world.vocabulary["invented"]]
        self.rows = np.full((len(world), LOCAL, 5), NONE, dtype=np.int64)
        for scene in read_scenes(world):
            self.rows[scene.index, scene.ids % LOCAL] = scene.rows

    def shape_row(self, shape: int) -> Row:
        """The description that fits every thing of one shape."""
        return (ANY, ANY, ANY, shape, NONE)

    def stuff_row(self, stuff: int) -> Row:
        """The description that fits one stuff."""
        return (NONE, NONE, NONE, NONE, stuff)

    def invented_row(self, c: InventedClass) -> Row:
        """The description that fits every thing of an invented class."""
        v = self.vocabulary
        return (ANY, v.textures.index(c.texture), v.colours.index(c.colour), v.shapes.index(c.shape), NONE)

    def positives(self, image: int, descriptions: list[Row]) -> np.ndarray:
        """Bool [T, LOCAL]: the local ids that each description fits."""
        return np.stack([fits(d, self.rows[image]) for d in descriptions])

    def present(self, image: int) -> np.ndarray:
        """Bool [LOCAL]: local ids that hold a segment."""
        return (self.rows[image] != NONE).any(axis=-1)

    def things(self, image: int) -> np.ndarray:
        """Bool [LOCAL]: local ids that hold a thing."""
        return self.rows[image][:, SHAPE] >= 0

    def triple(self, row: Row) -> tuple[int, int, int]:
        """(texture, colour, shape), by which invented classes are told apart."""
        return row[TEXTURE], row[COLOUR], row[SHAPE]

    def is_stuff(self, row: Row) -> bool:
        return row[STUFF] >= 0
