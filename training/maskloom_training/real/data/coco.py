"""COCO's annotation files: objects (instances_train2017.json and its like), and parts (PACO-LVIS, PASCAL-Part)."""

from __future__ import annotations

import json
from collections import defaultdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from pycocotools import mask as rle

from .picture import DataError, Picture, Region, entry, first_of


def draw(segmentations: list[Any], height: int, width: int) -> np.ndarray:
    """Union bool [H,W] of segmentations: lists of polygons, or RLE with text or list counts."""
    mask = np.zeros((height, width), bool)
    for segmentation in segmentations:
        if isinstance(segmentation, dict):
            coded = segmentation
            if isinstance(coded["counts"], list):
                coded = rle.frPyObjects(coded, height, width)
            parts = [coded]
        elif segmentation and isinstance(segmentation[0], dict):
            parts = list(segmentation)
        else:
            polygons = [p for p in segmentation if len(p) >= 6]
            parts = rle.frPyObjects(polygons, height, width) if polygons else []
        for part in parts:
            mask |= rle.decode(part).astype(bool)
    return mask


class CocoFile:
    """An annotation file: images, annotations by image, names of categories."""

    def __init__(self, path: Path) -> None:
        try:
            given = json.loads(path.read_text(encoding="utf8"))
        except ValueError as cause:
            raise DataError(f"{path}: not JSON ({cause}).") from cause
        self.path = path
        self.images = {i["id"]: i for i in entry(given, "images", path)}
        self.names = {c["id"]: c["name"] for c in given.get("categories", [])}
        self.annotations = {a["id"]: a for a in entry(given, "annotations", path)}
        self.by_image: dict[Any, list[dict]] = defaultdict(list)
        for annotation in self.annotations.values():
            self.by_image[annotation["image_id"]].append(annotation)

    def mask(self, image: Any, annotations: list[dict]) -> np.ndarray:
        """Union of annotations of an image."""
        record = self.images[image]
        return draw([a.get("segmentation") or [] for a in annotations], record["height"], record["width"])


class Instances:
    """Objects: one region each. Crowds are left out. `split` is `train2017`, `val2017` or a name of yours."""

    def __init__(self, root: Path, split: str = "train2017") -> None:
        places = [f"annotations/instances_{split}.json", f"instances_{split}.json", "annotations/instances.json"]
        file = CocoFile(first_of(root, [*places, "instances.json"], f"instances of {split!r}"))
        self._start(file, first_of(root, [split, f"images/{split}", "images"], "folder of images"))

    def _start(self, file: CocoFile, images: Path) -> None:
        self.file, self.images = file, images
        self.order = [i for i in file.images if any(self._good(a) for a in file.by_image[i])]
        self.names = [self._said(name) for _, name in sorted(file.names.items())]

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, index: int) -> Picture:
        image = self.order[index]
        regions = tuple(
            Region((self._said(self.file.names[a["category_id"]]),), partial(self.file.mask, image, [a]), thing=True)
            for a in self.file.by_image[image]
            if self._good(a)
        )
        return Picture(self.images / self.file.images[image]["file_name"], regions)

    def _good(self, annotation: dict) -> bool:
        return not annotation.get("iscrowd") and bool(annotation.get("segmentation"))

    def _said(self, name: str) -> str:
        return name


class Parts(Instances):
    """Objects and their parts; "dog:head" is asked for as "the head of the dog"."""

    def __init__(self, file: Path, images: Path) -> None:
        self._start(CocoFile(file), images)

    def _said(self, name: str) -> str:
        thing, _, part = (piece.split("_(")[0].replace("_", " ") for piece in name.partition(":"))
        return f"the {part} of the {thing}" if part else thing


def paco(root: Path, split: str = "train") -> Parts:
    """PACO-LVIS: `annotations/paco_lvis_v1_train.json`; file names start at the folder of COCO's pictures."""
    places = [f"{p}annotations/paco_lvis_v1_{split}.json" for p in ("", "paco/", "vlpart/paco/")]
    images = first_of(root, ["images", "coco", "../coco", "../../coco"], "folder of COCO's pictures")
    return Parts(first_of(root, places, "PACO-LVIS file"), images)


def pascal_part(root: Path, split: str = "train") -> Parts:
    """PASCAL-Part: `train.json`, pictures in `VOCdevkit/VOC2010/JPEGImages`."""
    base = first_of(root, ["vlpart/pascal_part", "pascal_part", "."], "folder of PASCAL-Part")
    images = first_of(base, ["VOCdevkit/VOC2010/JPEGImages", "JPEGImages", "images"], "folder of pictures")
    return Parts(first_of(base, [f"{split}.json"], "file of PASCAL-Part"), images)
