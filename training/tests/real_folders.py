"""Tiny made-up data sets in exactly the folder layouts of the real ones: two pictures each, a box in every picture."""

import json
import pickle
from pathlib import Path

import numpy as np
from PIL import Image

SIZES = ((64, 96), (80, 64))
"""(height, width) of the two pictures."""
BOX = (8, 12, 40, 36)
"""x0, y0, x1, y1 (exclusive) of the thing."""
RING = [[8, 12, 40, 12, 40, 36, 8, 36]]


def write_folders(root: Path) -> Path:
    """All formats below `root`, as LISA's and READ's code lays them out; returns `root`."""
    for split in ("train2017",):
        _pictures(root / "coco" / split, "{:012d}.jpg")
    _pictures(root / "refer_seg/images/mscoco/images/train2014", "COCO_train2014_{:012d}.jpg")
    _pictures(root / "refer_seg/images/saiapr_tc-12/00/images", "{}.jpg")
    _pictures(root / "ade20k/images/training", "ADE_train_{:08d}.jpg")
    _pictures(root / "mapillary/training/images", "m{}.jpg")
    _maps(root / "ade20k/annotations/training", "ADE_train_{:08d}.png", 5, 13, 0)
    _maps(root / "cocostuff/train2017", "{:012d}.png", 17, 156, 255)
    _maps(root / "mapillary/training/v2.0/labels", "m{}.png", 1, 0, 2)
    rows = ["Idx\tRatio\tTrain\tVal\tStuff\tName", *(f"{k}\t0.1\t1\t1\t0\tthing{k}, other{k}" for k in range(1, 151))]
    (root / "ade20k/objectInfo150.txt").write_text("\n".join(rows) + "\n")
    labels = [{"name": f"object--{n}", "readable": n, "instances": n == "Car"} for n in ("Road", "Car", "Void")]
    _json(root / "mapillary/config_v2.0.json", {"labels": labels})
    coco = _instances("{:012d}.jpg", [(1, "person"), (18, "dog")])
    _json(root / "coco/annotations/instances_train2017.json", coco)
    _refer(root / "refer_seg")
    _reason(root / "reason_seg/ReasonSeg")
    talk = [("human", "<image>\nWhat is this?"), ("gpt", "A box."), ("human", "Is it red?"), ("gpt", "It is.")]
    said = [{"from": who, "value": text} for who, text in talk]
    records = [{"id": str(k), "image": f"{k:012d}.jpg", "conversations": said} for k in (1, 2)]
    _json(root / "llava_dataset/llava_instruct_150k.json", records)
    _json(
        root / "vlpart/paco/annotations/paco_lvis_v1_train.json",
        _instances("train2017/{:012d}.jpg", [(1, "trash_can"), (18, "mug_(drinking):handle")]),
    )
    _json(root / "vlpart/pascal_part/train.json", _instances("v{}.jpg", [(1, "dog"), (18, "dog:head")]))
    _pictures(root / "vlpart/pascal_part/VOCdevkit/VOC2010/JPEGImages", "v{}.jpg")
    return root


def _pictures(folder: Path, name: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for k, (height, width) in enumerate(SIZES, 1):
        pixels = np.random.default_rng(k).integers(0, 80, (height, width, 3), dtype=np.uint8)
        pixels[BOX[1] : BOX[3], BOX[0] : BOX[2]] = (220, 60, 20 * k)
        Image.fromarray(pixels).save(folder / name.format(k))


def _maps(folder: Path, name: str, thing: int, ground: int, void: int) -> None:
    folder.mkdir(parents=True)
    for k, (height, width) in enumerate(SIZES, 1):
        labels = np.full((height, width), ground, dtype=np.uint8)
        labels[BOX[1] : BOX[3], BOX[0] : BOX[2]] = thing
        labels[-4:] = void
        Image.fromarray(labels).save(folder / name.format(k))


def _instances(name: str, categories: list[tuple[int, str]]) -> dict:
    images = [
        {"id": k, "file_name": name.format(k), "height": height, "width": width}
        for k, (height, width) in enumerate(SIZES, 1)
    ]
    annotations = [
        {
            "id": 10 * k + c, "image_id": k, "category_id": categories[c][0], "segmentation": RING, "iscrowd": 0,
            "area": (BOX[2] - BOX[0]) * (BOX[3] - BOX[1]), "bbox": [8, 12, 32, 24],
        }
        for k in (1, 2)
        for c in (0, 1)
    ]  # fmt: skip
    return {
        "images": images,
        "annotations": annotations,
        "categories": [{"id": number, "name": name} for number, name in categories],
    }


def _refer(root: Path) -> None:
    people = _instances("COCO_train2014_{:012d}.jpg", [(1, "person"), (18, "dog")])
    forms = {
        "refcoco": ("unc", "unc_exclude_unified"),
        "refcoco+": ("unc", "unc_exclude_unified"),
        "refcocog": ("umd", "umd_exclude_unified"),
        "refclef": ("unc",),
        "fprefcoco": ("berkeley_exclude_unified",),
        "fprefcoco+": ("berkeley_exclude_unified",),
        "fprefcocog": ("berkeley_exclude_unified",),
        "R-refcoco": ("unc_exclude_unified",),
        "R-refcoco+": ("unc_exclude_unified",),
        "R-refcocog": ("umd_exclude_unified",),
    }
    for folder, splits in forms.items():
        sentences = [{"sent_id": 1, "sent": "the Red Box", "raw": "the Red Box", "tokens": ["the", "red", "box"]}]
        if folder.startswith("fp"):
            sentences[0]["is_false_premise"] = False
            sentences.append({**sentences[0], "sent": "blue box", "is_false_premise": True, "gt_sent": "the red box"})
        if folder.startswith("R-"):
            sentences[0]["exist"] = True
            sentences.append({**sentences[0], "sent": "blue box", "exist": False})
        refs = [
            {
                "ref_id": k, "ann_id": 10 * k, "image_id": k, "category_id": 1, "split": "train", "sent_ids": [1],
                "file_name": f"COCO_train2014_{k:012d}_{10 * k}.jpg", "sentences": sentences,
            }
            for k in (1, 2)
        ]  # fmt: skip
        (root / folder).mkdir(parents=True)
        for by in splits:
            (root / folder / f"refs({by}).p").write_bytes(pickle.dumps(refs, protocol=0))
        own = _instances("00/images/{}.jpg", [(1, "person"), (18, "dog")]) if folder == "refclef" else people
        _json(root / folder / "instances.json", own)


def _reason(root: Path) -> None:
    for split in ("train", "val"):
        _pictures(root / split, "r{}.jpg")
        for k in (1, 2):
            ring = [[8, 12], [39, 12], [39, 35], [8, 35]]
            inner = [[16, 20], [24, 20], [24, 26], [16, 26]]
            shapes = [{"label": "target", "points": ring}, {"label": "ignore", "points": inner}]
            record = {"text": ["what could burn your café?", "the hot thing"], "is_sentence": k == 1, "shapes": shapes}
            record["false_premise_QA"] = [["the cold thing", False, "the hot thing"]]
            text = json.dumps(record, ensure_ascii=False)
            (root / split / f"r{k}.json").write_bytes(text.encode("cp1252" if k == 1 else "utf8"))


def _json(path: Path, value) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))
