"""`maskloom data check` on panoptic pictures against a plain pass with Pillow and NumPy, in processor time:

    python bench/panoptic_reference.py NODE MASKLOOM ROUNDS FEWER

For each size a data set of random Voronoi segments is written; FEWER divides the numbers of pictures. Both read every
picture, compare its size with its image's and the pixels of every segment with the stated area. User and system time of
each whole process, start included, by turns; prints JSON: the peers' versions; seconds of both per size, and the sets.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import numpy as np
from PIL import Image

SETS = ((400, 128, 128), (240, 640, 480), (40, 1600, 1200))
"""Pictures, width, height."""


def make(folder: Path, count: int, width: int, height: int) -> None:
    """A COCO panoptic data set."""
    rng = np.random.default_rng(count)
    for name in ("panoptic", "images"):
        (folder / name).mkdir(parents=True)
    ys, xs = np.mgrid[:height, :width]
    images, annotations = [], []
    for i in range(count):
        many = int(rng.integers(6, 20))
        ids = (rng.choice(2**23, many, replace=False) + 1).astype(np.uint32)
        best, near = np.full((height, width), np.inf), np.zeros((height, width), int)
        for k, (x, y) in enumerate(zip(rng.random(many) * width, rng.random(many) * height, strict=True)):
            away = (xs - x) ** 2 + (ys - y) ** 2
            near[away < best] = k
            best = np.minimum(best, away)
        segments = ids[near]
        colours = np.stack([segments & 255, segments >> 8 & 255, segments >> 16], -1).astype(np.uint8)
        Image.fromarray(colours).save(folder / f"panoptic/{i}.png")
        Image.fromarray(colours).save(folder / f"images/{i}.jpg")
        info = []
        for label, area in zip(*np.unique(segments, return_counts=True), strict=True):
            rows, columns = (np.flatnonzero((segments == label).any(axis)) for axis in (1, 0))
            box = [columns[0], rows[0], columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1]
            entry = {"id": int(label), "category_id": 1, "area": int(area), "bbox": [int(v) for v in box]}
            info.append({**entry, "iscrowd": 0})
        images.append({"id": i, "file_name": f"{i}.jpg", "width": width, "height": height})
        annotations.append({"image_id": i, "file_name": f"{i}.png", "segments_info": info})
    categories = [{"id": 1, "name": "thing", "isthing": 1, "supercategory": "thing"}]
    whole = {"images": images, "annotations": annotations, "categories": categories}
    (folder / "panoptic.json").write_text(json.dumps(whole), encoding="utf-8")


def plain(folder: Path) -> int:
    """What is wrong with the data set, counted."""
    data, wrong = json.loads((folder / "panoptic.json").read_text(encoding="utf-8")), 0
    images = {image["id"]: image for image in data["images"]}
    for record in data["annotations"]:
        colours = np.asarray(Image.open(folder / "panoptic" / record["file_name"]), dtype=np.uint32)
        segments = colours[..., 0] + 256 * colours[..., 1] + 65536 * colours[..., 2]
        image = images[record["image_id"]]
        with Image.open(folder / "images" / image["file_name"]) as shown:
            wrong += shown.size != (image["width"], image["height"])
        counts = dict(zip(*(values.tolist() for values in np.unique(segments, return_counts=True)), strict=True))
        wrong += sum(counts.pop(entry["id"], 0) != entry["area"] for entry in record["segments_info"])
        wrong += len(set(counts) - {0})
    return wrong


def spent(command: list[str]) -> float:
    """User and system seconds of a command and its children; raises CalledProcessError when it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    if sys.argv[1] == "plain":
        raise SystemExit(1 if plain(Path(sys.argv[2])) else 0)
    node, maskloom, rounds, fewer = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    found = []
    for whole, width, height in SETS:
        count = whole // fewer
        with tempfile.TemporaryDirectory() as name:
            make(Path(name) / "set", count, width, height)
            folder = str(Path(name) / "set")
            ours, theirs = [], []
            for _ in range(rounds):
                ours.append(spent([node, maskloom, "data", "check", folder, "--format", "coco-panoptic"]))
                theirs.append(spent([sys.executable, __file__, "plain", folder]))
        found.append({"pictures": count, "width": width, "height": height, "ours": ours, "plain": theirs})
    versions = {name: version(name) for name in ("pillow", "numpy")}
    print(json.dumps({"versions": versions, "sets": found}))


if __name__ == "__main__":
    main()
