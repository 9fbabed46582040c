"""Several data sets drawn by shares, as LISA, READ and ROSE mix them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .coco import Instances, paco, pascal_part
from .instruct import Instruct
from .picture import DataError, Picture, Reader
from .reasonseg import ReasonSeg
from .refer import FOLDERS, Refer
from .semantic import ade20k, coco_stuff, vistas

OPENERS = {
    "ade20k-150": ade20k,
    "coco-stuff": coco_stuff,
    "vistas-v2": vistas,
    "coco-instances": Instances,
    "paco-lvis": paco,
    "pascal-part": pascal_part,
    "reasonseg": ReasonSeg,
    "llava-instruct": Instruct,
}


def open_reader(root: Path, format: str, folder: str = ".", **options: str) -> Reader:
    """The data set of a format in `root/folder`. Raises DataError for a format that is not known, or missing files."""
    if format in FOLDERS:
        return Refer(root / folder, format, **options)
    if format not in OPENERS:
        raise DataError(f"{format!r} is no format; formats are {', '.join(sorted([*OPENERS, *FOLDERS]))}.")
    return OPENERS[format](root / folder, **options)


class Mix:
    """Groups of data sets: a group by its share, a data set of it by equal shares, a picture of that by equal shares.

    groups: [{"share": 10, "sets": [{"format": "ade20k-150", "folder": "ade20k"}, ...]}, ...]
    """

    def __init__(self, root: Path, groups: list[dict]) -> None:
        self.groups = [[open_reader(root, **chosen) for chosen in group["sets"]] for group in groups]
        shares = np.array([float(group["share"]) for group in groups])
        self.shares = shares / shares.sum()

    def draw(self, rng: np.random.Generator) -> tuple[Reader, Picture]:
        """A data set and one of its pictures."""
        group = self.groups[int(rng.choice(len(self.groups), p=self.shares))]
        reader = group[int(rng.integers(len(group)))]
        return reader, reader[int(rng.integers(len(reader)))]
