"""What a scene holds, as small integers: the ground on which phrases are made and judged.

Attributes are columns (size, texture, colour, shape, stuff). A description is the same row with ANY where it
says nothing. A description fits an object if every column that it names agrees.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..world import World

ANY, NONE = -1, -3
SIZE, TEXTURE, COLOUR, SHAPE, STUFF = range(5)
Row = tuple[int, int, int, int, int]


@dataclass(frozen=True)
class Vocabulary:
    """The world's words, by column."""

    sizes: tuple[str, ...]
    textures: tuple[str, ...]
    colours: tuple[str, ...]
    shapes: tuple[str, ...]
    stuff: tuple[str, ...]

    @staticmethod
    def of(world: World) -> Vocabulary:
        """The vocabulary block of a data set."""
        v = world.vocabulary
        return Vocabulary(
            tuple(v["sizes"]), tuple(v["textures"]), tuple(v["colours"]), tuple(v["shapes"]), tuple(v["stuff"])
        )

    @property
    def columns(self) -> tuple[tuple[str, ...], ...]:
        """Words of the five columns."""
        return (self.sizes, self.textures, self.colours, self.shapes, self.stuff)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Every word that can stand in a description."""
        return tuple(word for column in self.columns for word in column)

    def say(self, row: Row) -> str:
        """Words of a description, in the world's order: size texture colour shape, or the stuff word."""
        return " ".join(column[i] for column, i in zip(self.columns, row, strict=True) if i >= 0)


@dataclass(frozen=True)
class Scene:
    """Objects of one picture. rows [n,5] int; ids [n] annotation ids (World.targets); things come first."""

    index: int
    rows: np.ndarray
    ids: np.ndarray
    things: int


def fits(description: Row | np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Bool [n]: which objects a description fits."""
    d = np.asarray(description)
    return np.all((d == ANY) | (d == rows), axis=-1)


def read_scenes(world: World) -> list[Scene]:
    """Scenes of a data set, in its order; slivers (void pixels) are not in them."""
    vocabulary = Vocabulary.of(world)
    lookup = [{word: i for i, word in enumerate(column)} for column in vocabulary.columns]
    found: dict[int, list[tuple[Row, int]]] = {int(i): [] for i in world.image_ids}
    for annotation in world.targets.values():
        a = annotation.attributes
        if "shape" in a:
            row = (
                lookup[SIZE][a["size"]],
                lookup[TEXTURE][a["texture"]],
                lookup[COLOUR][a["colour"]],
                lookup[SHAPE][a["shape"]],
                NONE,
            )
            found[annotation.image_id].append((row, annotation.id))
        else:
            word = world.categories[annotation.category_id]["name"]
            row = (NONE, NONE, NONE, NONE, lookup[STUFF][word])
            found[annotation.image_id].append((row, annotation.id))
    scenes = []
    for i, image_id in enumerate(world.image_ids):
        objects = sorted(found[int(image_id)], key=lambda o: (o[0][STUFF] != NONE, o[1]))
        scenes.append(
            Scene(
                i,
                np.array([o[0] for o in objects], dtype=np.int64).reshape(-1, 5),
                np.array([o[1] for o in objects], dtype=np.int64),
                sum(o[0][STUFF] == NONE for o in objects),
            )
        )
    return scenes


def coverage(mask: np.ndarray, grid: int) -> np.ndarray:
    """Part of each grid cell [grid*grid] that a square bool mask [S,S] covers, 0..1, row major."""
    cell = mask.shape[0] // grid
    return mask.reshape(grid, cell, grid, cell).mean(axis=(1, 3), dtype=np.float32).reshape(-1)
