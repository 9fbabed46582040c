"""Writes test/integration/golden/samples.json: what pycocotools, Pillow and OpenCV find in a folder of sample data.

`pip install 'numpy<2' pillow pycocotools opencv-python-headless==4.8.1.78`, then from the repository root
`python training/golden/make_samples_golden.py FOLDER`, where FOLDER holds `coco-panoptic/`, `ade20k/`, `labelme/` and
`photos/`: extracts of COCO (one image of val2017), ADE20K (two validation images), labelme's VOC examples, and
photographs without ground truth. The figures are counts, areas and labels; no picture is copied.
"""

from __future__ import annotations

import csv
import hashlib
import json
import sys
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from pycocotools import mask as rle
from pycocotools.coco import COCO

OUT = Path(__file__).resolve().parents[2] / "test/integration/golden/samples.json"


def instances(folder: Path) -> dict:
    """Every annotation's category, pycocotools' area and box of its mask, a hash of its pixels (row-major bytes)."""
    coco = COCO(str(folder / "instances.json"))
    found = []
    for annotation in coco.dataset["annotations"]:
        encoded = coco.annToRLE(annotation)
        pixels = np.ascontiguousarray(rle.decode(encoded))
        found.append(
            {
                "id": annotation["id"],
                "category": coco.cats[annotation["category_id"]]["name"],
                "area": int(rle.area(encoded)),
                "bbox": [int(v) for v in rle.toBbox(encoded)],
                "sha256": hashlib.sha256(pixels.tobytes()).hexdigest(),
            }
        )
    return {"classes": len(coco.cats), "images": len(coco.imgs), "annotations": found}


def panoptic(folder: Path) -> dict:
    """Every segment's category and pixels, counted by NumPy in Pillow's picture."""
    whole = json.loads((folder / "panoptic.json").read_text())
    names = {c["id"]: c["name"] for c in whole["categories"]}
    segments = []
    for annotation in whole["annotations"]:
        colours = np.asarray(Image.open(folder / "panoptic" / annotation["file_name"]).convert("RGB")).astype(np.int64)
        ids = colours[..., 0] + 256 * colours[..., 1] + 65536 * colours[..., 2]
        for segment in annotation["segments_info"]:
            name = names[segment["category_id"]]
            segments.append({"id": segment["id"], "category": name, "area": int((ids == segment["id"]).sum())})
        void = int((ids == 0).sum())
    return {"classes": len(names), "segments": segments, "void": void}


def ade20k(folder: Path) -> dict:
    """Pixels of every class by name, and of 0 (not labelled)."""
    with (folder / "objectInfo150.csv").open() as file:
        names = {int(row["Idx"]): row["Name"] for row in csv.DictReader(file)}
    pictures = {}
    for path in sorted((folder / "annotations").glob("*.png")):
        values, counts = np.unique(np.asarray(Image.open(path)), return_counts=True)
        with Image.open(folder / "images" / f"{path.stem}.jpg") as image:
            size = list(image.size)
        shares = {names.get(int(v), "unlabelled"): int(n) for v, n in zip(values, counts, strict=True)}
        pictures[path.stem] = {"size": size, "pixels": shares}
    return {"classes": len(names), "pictures": pictures}


def labelme(folder: Path) -> dict:
    """Labels and areas of every segment: shapes of one label and group together, filled as LISA fills ReasonSeg."""
    records = {}
    for path in sorted(folder.glob("*.json")):
        record = json.loads(path.read_text())
        with Image.open(folder / record["imagePath"]) as image:
            width, height = image.size
        masks: dict[tuple, np.ndarray] = {}
        for i, shape in enumerate(record["shapes"]):
            group = shape.get("group_id")
            key = (shape["label"], f"shape {i}" if group is None else f"group {group}")
            canvas = masks.setdefault(key, np.zeros((height, width), np.uint8))
            outline = np.array([shape["points"]], dtype=np.int32)
            cv2.polylines(canvas, outline, True, 1, 1)
            cv2.fillPoly(canvas, outline, 1)
        segments = [{"label": label, "area": int(mask.sum())} for (label, _), mask in masks.items()]
        records[path.stem] = {"size": [width, height], "shapes": len(record["shapes"]), "segments": segments}
    return records


def photos(folder: Path) -> dict:
    """Size and mean colour of every photograph, as Pillow decodes it."""
    found = {}
    for path in sorted(folder.glob("*.jpg")):
        with Image.open(path) as image:
            pixels = np.asarray(image.convert("RGB"))
        mean = [round(float(v), 3) for v in pixels.reshape(-1, 3).mean(axis=0)]
        found[path.name] = {"size": [pixels.shape[1], pixels.shape[0]], "mean": mean}
    return found


def main() -> None:
    """Writes the file."""
    folder = Path(sys.argv[1])
    found = {
        "instances": instances(folder / "coco-panoptic"),
        "panoptic": panoptic(folder / "coco-panoptic"),
        "ade20k": ade20k(folder / "ade20k"),
        "labelme": labelme(folder / "labelme"),
        "photos": photos(folder / "photos"),
    }
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
