"""What a scene's patches should find: things and stuff with their names, masks, coverage and centres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..text.scenes import coverage
from ..world import World


@dataclass(frozen=True)
class Target:
    """One thing or stuff segment of a square picture.

    category is its COCO id; mass (x, y) the centre of mass of its visible pixels; inside (x, y) the same, or a point
    inside where the centre of mass falls off it; size = sqrt(area) / side of the picture; box [x0, y0, x1, y1] with
    exclusive ends.
    """

    id: int
    name: str
    category: int
    is_thing: bool
    mask: np.ndarray
    cover: np.ndarray
    mass: tuple[float, float]
    inside: tuple[float, float]
    box: tuple[int, int, int, int]
    size: float


class TargetSet:
    """Targets of a data set's pictures, made when asked for and remembered. Order: category, then top to bottom."""

    def __init__(self, world: World, grid: int) -> None:
        self.world, self.grid = world, grid
        self._known: dict[int, list[Target]] = {}

    @property
    def names(self) -> list[str]:
        """Category names in the order of their ids."""
        return [c["name"] for _, c in sorted(self.world.categories.items())]

    def get(self, index: int, things_only: bool = False) -> list[Target]:
        """Targets of picture `index`."""
        if index not in self._known:
            self._known[index] = self._make(index)
        found = self._known[index]
        return [t for t in found if t.is_thing] if things_only else found

    def _make(self, index: int) -> list[Target]:
        panoptic = np.asarray(self.world.panoptic[index])
        made = []
        for segment in self.world.segments[index]:
            mask = panoptic == segment.id
            if not mask.any():
                continue
            name = self.world.categories[segment.category_id]["name"]
            made.append(describe(segment.id, name, segment.category_id, segment.is_thing, mask, self.grid))
        return sorted(made, key=lambda t: (t.category, t.mass[1], t.mass[0]))


def describe(id: int, name: str, category: int, is_thing: bool, mask: np.ndarray, grid: int) -> Target:
    """A target of a square bool mask [S,S] that is not empty."""
    ys, xs = np.nonzero(mask)
    side = mask.shape[0]
    mass = (float(xs.mean()), float(ys.mean()))
    cover = coverage(mask, grid)
    box = (int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1)
    inside = _inside(mask, cover, mass, grid)
    return Target(id, name, category, is_thing, mask, cover, mass, inside, box, float(np.sqrt(len(xs)) / side))


def _inside(mask: np.ndarray, cover: np.ndarray, mass: tuple[float, float], grid: int) -> tuple[float, float]:
    """The centre of mass, or the middle of the target's pixels in the nearest cell among its best covered ones."""
    if mask[round(mass[1]), round(mass[0])]:
        return mass
    cell = mask.shape[0] // grid
    rows, columns = np.divmod(np.flatnonzero(cover >= 0.9 * cover.max()), grid)
    away = (columns * cell + cell / 2 - mass[0]) ** 2 + (rows * cell + cell / 2 - mass[1]) ** 2
    best = int(away.argmin())
    top, left = int(rows[best]) * cell, int(columns[best]) * cell
    ys, xs = np.nonzero(mask[top : top + cell, left : left + cell])
    x, y = xs.mean() + left, ys.mean() + top
    if mask[round(y), round(x)]:
        return float(x), float(y)
    nearest = ((xs + left - x) ** 2 + (ys + top - y) ** 2).argmin()
    return float(xs[nearest] + left), float(ys[nearest] + top)
