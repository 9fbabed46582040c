"""ReasonSeg: `train/name.json` with `name.jpg` beside it; also the `reason/` folder of the synthetic world."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from .picture import DataError, Picture, Region, entry, first_of


class ReasonSeg:
    """split: a folder's name; `train_val` joins two. False premises (SESAME's `false_premise_QA`) are regions too."""

    names: list[str] = []

    def __init__(self, root: Path, split: str = "train") -> None:
        self.files: list[tuple[Path, Path]] = []
        for part in split.split("_"):
            places = [f"{home}/{part}" for home in ("reason_seg/ReasonSeg", "ReasonSeg", "reason", ".")]
            folder = first_of(root, places, f"split {part!r}")
            for record in sorted(folder.glob("*.json")):
                picture = next((p for e in (".jpg", ".jpeg", ".png") if (p := record.with_suffix(e)).exists()), None)
                if picture is None:
                    raise DataError(f"{record}: no picture of this name beside it.")
                self.files.append((record, picture))
        if not self.files:
            raise DataError(f"{root}: no record (*.json) in the split {split!r}.")

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> Picture:
        path, picture = self.files[index]
        data = path.read_bytes()
        try:
            given = json.loads(data.decode("utf8"))
        except UnicodeDecodeError:
            given = json.loads(data.decode("cp1252"))
        texts = entry(given, "text", path)
        phrases = tuple(texts if isinstance(texts, list) else [texts])
        sentence = bool(given.get("is_sentence"))
        regions = [Region(phrases, partial(outline_mask, picture, given["shapes"]), sentence=sentence)]
        for question, whole, answer in given.get("false_premise_QA") or []:
            regions.append(Region((question,), None, truth=str(answer), sentence=bool(whole)))
        return Picture(picture, tuple(regions), shown=True)


def outline_mask(picture: Path, shapes: list[dict]) -> np.ndarray:
    """bool [H,W]: outlines drawn largest first, the smaller over them; `ignore` takes away, `flag` is none.

    Pillow fills and draws the boundary; a pixel beside it may differ from OpenCV's, which @maskloom/data reproduces.
    """
    with Image.open(picture) as image:
        turned = image.getexif().get(0x0112, 1) >= 5
        size = image.size[::-1] if turned else image.size
    drawn = []
    for shape in shapes:
        points = [(int(x), int(y)) for x, y in shape["points"]]
        if shape["label"].lower() == "flag" or len(points) < 2:
            continue
        canvas = Image.new("1", size)
        ImageDraw.Draw(canvas).polygon(points, fill=1, outline=1)
        drawn.append((np.array(canvas), "ignore" not in shape["label"].lower()))
    mask = np.zeros(size[::-1], bool)
    for own, counts in sorted(drawn, key=lambda d: -int(d[0].sum())):
        mask[own] = counts
    return mask
