"""What words of a phrase mean in a scene: which cells of the image tokens they cover, and where that is."""

from __future__ import annotations

import numpy as np

from ..text.scenes import Row, Scene, coverage, fits
from ..world import World
from .queries import Encoded


class Covers:
    """Answers for the scenes of one set on a grid of image tokens."""

    def __init__(self, data: World, scenes: list[Scene], grid: int) -> None:
        self.data, self.scenes, self.grid = data, scenes, grid

    def of(self, annotation: int) -> np.ndarray:
        """Share 0..1 of each cell that an annotation covers."""
        return coverage(self.data.targets[annotation].mask(), self.grid)

    def of_noun(self, image: int, description: Row | None, reference: int | None) -> np.ndarray | None:
        """Union of what a noun fits; None if it fits nothing."""
        scene = self.scenes[image]
        ids = [reference] if reference is not None else scene.ids[fits(description, scene.rows)].tolist()
        if not ids:
            return None
        return np.minimum(1, sum(self.of(int(a)) for a in ids)).astype(np.float32)

    def place_of(self, e: Encoded, k: int, head) -> list[float] | None:
        """(x, y) in -1..1 of what a noun means; None if it is stuff, nothing, or not one thing."""
        _, description, reference = head
        if reference is None and k == 0 and e.query.targets:
            reference = e.query.targets[0]
        if reference is None:
            scene = self.scenes[e.query.image]
            ids = scene.ids[fits(description, scene.rows)] if description is not None else []
            if len(ids) != 1:
                return None
            reference = int(ids[0])
        centre = self.data.targets[reference].attributes.get("centre")
        if centre is None:
            return None
        height, width = self.data.size
        return [2 * centre[0] / width - 1, 2 * centre[1] / height - 1]
