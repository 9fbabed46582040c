"""Masks written by the command in the forms that others read, read back by pycocotools and Pillow."""

import base64
import io
import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from pycocotools import mask as rle
from pycocotools.coco import COCO

COMMAND = Path(__file__).resolve().parents[2] / "packages/cli/dist/main.js"
HEIGHT, WIDTH = 37, 53
NAMES = ["cup", "plate"]


def blobs() -> list[np.ndarray]:
    """Masks with holes, several parts and diagonal touches, one of them dense noise."""
    rng = np.random.default_rng(4)
    ring = np.zeros((HEIGHT, WIDTH), np.uint8)
    ring[4:20, 6:30] = 1
    ring[8:14, 10:25] = 0
    ring[10:12, 14:18] = 1
    ring[20:24, 30:33] = 1
    part = np.zeros((HEIGHT, WIDTH), np.uint8)
    part[25:34, 40:50] = 1
    noise = (rng.random((HEIGHT, WIDTH)) < 0.5).astype(np.uint8)
    return [ring, part, noise]


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    if not COMMAND.exists() or shutil.which("node") is None:
        if os.environ.get("CI"):
            pytest.fail(f"{COMMAND} is not built")
        pytest.skip("needs node and the built packages (npm start)")
    folder = tmp_path_factory.mktemp("masks")
    Image.new("RGB", (WIDTH, HEIGHT)).save(folder / "a.png")
    segments = []
    for i, mask in enumerate(blobs()):
        coded = rle.encode(np.asfortranarray(mask))
        segments.append(
            {
                "label": NAMES[i % 2],
                "score": 0.9 - i / 4,
                "bbox": rle.toBbox(coded).tolist(),
                "area": int(mask.sum()),
                "segmentation": {"size": [HEIGHT, WIDTH], "counts": coded["counts"].decode()},
            }
        )
    image = {"path": str(folder / "a.png"), "width": WIDTH, "height": HEIGHT, "sha256": "00"}
    run = {"image": image, "system": "read", "recipe": "full", "bundle": "tiny", "task": "instance"}
    run |= {"text": "", "answer": "", "segments": segments, "stages": [], "warnings": []}
    predictions = {"schema": "maskloom.predictions/2", "runs": [run], "failures": [], "skipped": []}
    (folder / "predictions.json").write_text(json.dumps(predictions))
    forms = "masks,labels,coco,coco-annotations,labelme,geojson,yolo"
    command = ["node", str(COMMAND), "convert", str(folder / "predictions.json"), "--to", forms]
    done = subprocess.run([*command, "--out", str(folder / "out")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder / "out"


def test_coco_results_load_in_pycocotools(written: Path):
    truth = COCO(str(written / "coco/images.json"))
    results = truth.loadRes(str(written / "coco/read-full.json"))
    annotations = [results.anns[i] for i in sorted(results.anns)]
    assert [a["score"] for a in annotations] == pytest.approx([0.9, 0.65, 0.4])
    assert [truth.cats[a["category_id"]]["name"] for a in annotations] == ["cup", "plate", "cup"]
    for annotation, mask in zip(annotations, blobs(), strict=True):
        assert np.array_equal(results.annToMask(annotation), mask)
        assert annotation["area"] == mask.sum()


def test_coco_annotations_load_in_pycocotools(written: Path):
    truth = COCO(str(written / "coco-annotations/read-full.json"))
    for i, mask in enumerate(blobs()):
        assert np.array_equal(truth.annToMask(truth.anns[i + 1]), mask)
        assert truth.anns[i + 1]["bbox"] == rle.toBbox(rle.encode(np.asfortranarray(mask))).tolist()


def test_pictures_hold_the_masks(written: Path):
    names = ["1-cup.png", "2-plate.png", "3-cup.png"]
    for name, mask in zip(names, blobs(), strict=True):
        picture = Image.open(written / "masks/read-full/a" / name)
        assert picture.mode == "L"
        assert np.array_equal(np.asarray(picture), 255 * mask)
    labels = Image.open(written / "labels/read-full/a.png")
    assert labels.mode == "P"
    assert labels.getpalette()[:9] == [0, 0, 0, 128, 0, 0, 0, 128, 0]
    expected = np.zeros((HEIGHT, WIDTH), np.uint8)
    for value, mask in reversed(list(enumerate(blobs(), 1))):
        expected[mask == 1] = value
    assert np.array_equal(np.asarray(labels), expected)
    legend = json.loads((written / "labels/read-full/a.json").read_text())
    assert [s["area"] for s in legend["segments"]] == [int(mask.sum()) for mask in blobs()]


def labelme_mask(shape: dict) -> np.ndarray:
    """As labelme's `shape_to_mask` and `shapes_to_label` do."""
    points = shape["points"]
    if shape["shape_type"] == "mask":
        (x1, y1), (x2, y2) = np.asarray(points).astype(int)
        mask = np.zeros((HEIGHT, WIDTH), bool)
        small = np.asarray(Image.open(io.BytesIO(base64.b64decode(shape["mask"]))))
        mask[y1 : y2 + 1, x1 : x2 + 1] = small.astype(bool)
        return mask
    picture = Image.new("L", (WIDTH, HEIGHT), 0)
    ImageDraw.Draw(picture).polygon([tuple(p) for p in points], outline=1, fill=1)
    return np.asarray(picture).astype(bool)


def test_labelme_shapes_cover_the_masks(written: Path):
    record = json.loads((written / "labelme/read-full/a.json").read_text())
    assert (record["imageHeight"], record["imageWidth"]) == (HEIGHT, WIDTH)
    assert record["imageData"] is None and (written / "labelme/read-full" / record["imagePath"]).resolve().exists()
    assert [s["shape_type"] for s in record["shapes"]] == ["mask", "polygon", "mask"]
    for shape, mask in zip(record["shapes"], blobs(), strict=True):
        assert np.array_equal(labelme_mask(shape), mask.astype(bool))


def filled(loops: list[np.ndarray]) -> np.ndarray:
    """Pixels whose centres are inside by the even-odd rule."""
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    inside = np.zeros((HEIGHT, WIDTH), bool)
    for loop in loops:
        for (ax, ay), (bx, by) in zip(loop, np.roll(loop, -1, axis=0), strict=True):
            if ay != by:
                inside ^= ((ay > y) != (by > y)) & (x < ax + (y - ay) * (bx - ax) / (by - ay))
    return inside


def test_outlines_fill_to_the_masks(written: Path):
    features = json.loads((written / "geojson/read-full/a.geojson").read_text())["features"]
    for feature, mask in zip(features, blobs(), strict=True):
        geometry = feature["geometry"]
        parts = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
        assert np.array_equal(filled([np.array(ring[:-1]) for part in parts for ring in part]), mask.astype(bool))
    assert (written / "yolo/classes.txt").read_text() == "cup\nplate\n"
    lines = (written / "yolo/read-full/a.txt").read_text().splitlines()
    assert [line.split()[0] for line in lines] == ["0", "1", "0"]
    for line, mask in zip(lines, blobs(), strict=True):
        shares = np.array(line.split()[1:], float).reshape(-1, 2)
        assert np.array_equal(filled([np.rint(shares * [WIDTH, HEIGHT])]), mask.astype(bool))
