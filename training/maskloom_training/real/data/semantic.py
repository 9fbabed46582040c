"""Label maps: ADE20K (150 classes), COCO-Stuff (171), Mapillary Vistas 2.0. A region is all of a class in a picture."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from .coco_stuff_names import COCO_STUFF
from .picture import DataError, Picture, Region, first_of

UNLABELLED = 255 * 256
"""In a label map: does not count."""


class LabelMaps:
    """Pictures with a label map of the same name. value_of: class index by value of the map; others do not count."""

    def __init__(self, images: Path, labels: Path, names: list[str], value_of: dict[int, int]) -> None:
        self.names = names
        self.table = np.full(256 * 256, UNLABELLED, dtype=np.int64)
        for value, index in value_of.items():
            self.table[value] = index
        maps = {p.stem: p for p in sorted(labels.glob("*.png")) if not p.name.startswith("._")}
        pictures = {p.stem: p for p in images.iterdir() if p.suffix.lower() in (".jpg", ".jpeg", ".png")}
        self.pairs = [(pictures[stem], path) for stem, path in maps.items() if stem in pictures]
        if not self.pairs:
            raise DataError(f"{labels}: no label map (*.png) that has a picture of its name in {images}.")

    def __len__(self) -> int:
        return len(self.pairs)

    def labels(self, index: int) -> np.ndarray:
        """Class indices int64 [H,W], UNLABELLED where none counts."""
        with Image.open(self.pairs[index][1]) as image:
            return self.table[np.array(image).astype(np.int64)]

    def __getitem__(self, index: int) -> Picture:
        labels = self.labels(index)
        present = [int(k) for k in np.unique(labels) if k != UNLABELLED]
        regions = tuple(Region((self.names[k],), partial(np.equal, labels, k)) for k in present)
        return Picture(self.pairs[index][0], regions)


def ade20k(root: Path, split: str = "training") -> LabelMaps:
    """`annotations/training/*.png` (0 does not count), `images/training`, names in `objectInfo150.txt`."""
    base = first_of(root, ["ADEChallengeData2016", "ade20k", "."], "folder of ADE20K")
    table = first_of(base, ["objectInfo150.txt", "../objectInfo150.txt"], "table of the classes")
    rows = [line.split("\t") for line in table.read_text(encoding="utf8").splitlines()[1:] if line.strip()]
    names = [row[-1].split(",")[0].strip() for row in rows]
    places = first_of(base, [f"images/{split}", "images"], "folder of images")
    labels = first_of(base, [f"annotations/{split}", "annotations"], "folder of label maps")
    return LabelMaps(places, labels, names, {k + 1: k for k in range(len(names))})


def coco_stuff(root: Path, split: str = "train2017") -> LabelMaps:
    """`stuffthingmaps/train2017/*.png`: value is label id - 1, 255 does not count; 171 of 182 ids are in use."""
    maps = [f"{p}/{split}" for p in ("stuffthingmaps", "cocostuff", "coco/stuffthingmaps", "annotations")]
    pictures = [f"{p}/{split}" for p in ("images", "coco", ".", "../coco", "coco/images")]
    images, labels = (first_of(root, places, "folder") for places in (pictures, maps))
    value_of = {number - 1: k for k, number in enumerate(COCO_STUFF)}
    return LabelMaps(images, labels, list(COCO_STUFF.values()), value_of)


def vistas(root: Path, split: str = "training") -> LabelMaps:
    """`training/v2.0/labels/*.png`, `training/images`, names in `config_v2.0.json`; every value counts."""
    config = first_of(root, ["config_v2.0.json", "mapillary/config_v2.0.json"], "config_v2.0.json")
    names = [label["readable"].lower() for label in json.loads(config.read_text(encoding="utf8"))["labels"]]
    home = config.parent
    labels = first_of(home, [f"{split}/v2.0/labels", f"{split}/labels"], "folder of label maps")
    return LabelMaps(home / split / "images", labels, names, {k: k for k in range(len(names))})
