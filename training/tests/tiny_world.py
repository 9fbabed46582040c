"""Writes a small data set in the synthetic world's on-disk form: rectangles and discs on two kinds of stuff."""

import json
from pathlib import Path

import numpy as np
from PIL import Image
from pycocotools import mask as coco_mask

THINGS = {1: "circle", 2: "square"}
STUFF = {11: "sky", 12: "water"}


def write_world(
    directory: Path, count: int, size: tuple[int, int] = (128, 128), seed: int = 1
) -> dict[int, np.ndarray]:
    """Writes `count` pictures of (height, width) and returns the panoptic ids of each picture id."""
    height, width = size
    truth = {}
    images, panoptic, instances, targets, refs = [], [], [], [], []
    for name in ("images", "panoptic", "annotations", "refer"):
        (directory / name).mkdir(parents=True, exist_ok=True)
    for image_id in range(seed, seed + count):
        pixels, ids, kinds = draw(np.random.default_rng(image_id), height, width, image_id)
        truth[image_id] = ids
        name = f"{image_id:08d}.png"
        Image.fromarray(pixels).save(directory / "images" / name)
        Image.fromarray(np.stack([ids & 255, ids >> 8 & 255, ids >> 16 & 255], -1).astype(np.uint8)).save(
            directory / "panoptic" / name
        )
        images.append({"id": image_id, "file_name": name, "width": width, "height": height})
        infos = []
        for value, category in kinds.items():
            mask = ids == value
            rle = coco_mask.encode(np.asfortranarray(mask))
            box = [float(x) for x in coco_mask.toBbox(rle)]
            infos.append({"id": value, "category_id": category, "area": int(mask.sum()), "bbox": box, "iscrowd": 0})
            annotation = {
                "id": len(targets) + 1,
                "image_id": image_id,
                "category_id": category,
                "bbox": box,
                "area": int(mask.sum()),
                "iscrowd": 0,
                "segmentation": {"size": [height, width], "counts": rle["counts"].decode()},
            }
            targets.append(annotation)
            if category in THINGS:
                instances.append({**annotation, "attributes": {"shape": THINGS[category]}})
            refs.append({"ref_id": len(refs) + 1, "ann_id": annotation["id"], "image_id": image_id, "sentences": []})
        panoptic.append({"image_id": image_id, "file_name": name, "segments_info": infos})
    categories = [{"id": i, "name": n, "isthing": 1} for i, n in THINGS.items()]
    categories += [{"id": i, "name": n, "isthing": 0} for i, n in STUFF.items()]

    def write(name: str, value) -> None:
        (directory / name).write_text(json.dumps(value), encoding="utf-8")

    write("annotations/panoptic.json", {"images": images, "annotations": panoptic, "categories": categories})
    write("annotations/instances.json", {"images": images, "annotations": instances, "categories": categories[:2]})
    write("refer/instances.json", {"images": images, "annotations": targets, "categories": categories})
    write("refer/refs.json", refs)
    vocabulary = {"shapes": list(THINGS.values()), "stuff": list(STUFF.values())}
    info = {"schema": "maskloom.synth/1", "seed": seed, "count": count, "width": width, "height": height}
    write("synth.json", {**info, "vocabulary": vocabulary})
    return truth


def draw(rng: np.random.Generator, height: int, width: int, image_id: int):
    """Pixels uint8 [H, W, 3], ids int [H, W] and {id: category}; the ids use all three bytes."""
    y, x = np.mgrid[:height, :width]
    level = height * rng.uniform(0.3, 0.7)
    ids = np.where(y < level, 1, 2)
    pixels = np.where((ids == 1)[..., None], [90, 150, 230], [20, 80, 120]).astype(float)
    kinds = {1: 11, 2: 12}
    for k in range(int(rng.integers(1, 4))):
        radius = rng.uniform(0.08, 0.2) * min(height, width)
        cx, cy = rng.uniform(radius, width - radius), rng.uniform(radius, height - radius)
        category = int(rng.integers(1, 3))
        reach = np.hypot(x - cx, y - cy) if category == 1 else np.maximum(abs(x - cx), abs(y - cy))
        value = 70000 + 300 * k + image_id % 7
        ids = np.where(reach <= radius, value, ids)
        pixels[reach <= radius] = rng.integers(0, 256, size=3)
        kinds[value] = category
    pixels += rng.normal(0, 8, pixels.shape)
    kept = {value: category for value, category in kinds.items() if (ids == value).any()}
    return np.clip(pixels, 0, 255).astype(np.uint8), ids.astype(np.int64), kept
