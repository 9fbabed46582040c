"""Writes packages/data/fixtures/labels.json: label maps in the file forms of data sets, and OpenCV's filled polygons.

Besides the kit's packages it needs SciPy (MAT-files) and OpenCV 4.8, the version that LISA
names in its requirements; in an environment of their own:
`pip install 'numpy<2' pillow scipy opencv-python-headless==4.8.1.78`, then from the repository root
`python training/golden/make_label_golden.py`. PNG and TIFF are written by Pillow, MAT-files by SciPy, masks by
`cv2.polylines` and `cv2.fillPoly`, drawn one over the other as LISA's loader of ReasonSeg does.
"""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path

import cv2
import numpy as np
import scipy
import scipy.io
from PIL import Image

OUT = Path(__file__).resolve().parents[2] / "packages/data/fixtures/labels.json"
HEIGHT, WIDTH = 7, 13


def pattern(top: int) -> np.ndarray:
    """[HEIGHT, WIDTH] values 0 to top - 1, different in every row."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    return (31 * y + 17 * x + x * y) % top


def encoded(image: Image.Image, form: str, **options: object) -> str:
    """The file as base64."""
    out = io.BytesIO()
    image.save(out, form, **options)
    return base64.b64encode(out.getvalue()).decode("ascii")


def palette(values: np.ndarray) -> Image.Image:
    """A palette picture whose colours say nothing about the indices."""
    image = Image.fromarray(values.astype(np.uint8), "P")
    image.putpalette([(37 * i + 11) % 256 for i in range(768)])
    return image


def files() -> list[dict]:
    """Label maps as files, with their values."""
    cases = []

    def add(name: str, ending: str, data: str, values: np.ndarray) -> None:
        cases.append({"name": name, "ending": ending, "data": data, "values": values.ravel().tolist()})

    for top, bits in ((2, 1), (4, 2), (16, 4), (256, 8)):
        add(f"palette of {bits} bits", ".png", encoded(palette(pattern(top)), "PNG", bits=bits), pattern(top))
    add("grey of 8 bits", ".png", encoded(Image.fromarray(pattern(151).astype(np.uint8)), "PNG"), pattern(151))
    add("grey of 1 bit", ".png", encoded(Image.fromarray(pattern(2).astype(bool)), "PNG"), pattern(2))
    wide = (pattern(65536) * 701 + 255) % 65536
    add("grey of 16 bits", ".png", encoded(Image.fromarray(wide.astype(np.uint16)), "PNG"), wide)
    for packing in (None, "tiff_lzw", "tiff_adobe_deflate"):
        tiff = encoded(Image.fromarray(wide.astype(np.uint16)), "TIFF", compression=packing)
        add(f"TIFF of 16 bits, {packing or 'plain'}", ".tif", tiff, wide)
    for kind in (np.uint8, np.uint16, np.int32, np.float64):
        for packed in (True, False):
            out = io.BytesIO()
            values = pattern(200).astype(kind)
            scipy.io.savemat(out, {"Other": np.eye(2), "LabelMap": values}, do_compression=packed)
            data = base64.b64encode(out.getvalue()).decode("ascii")
            add(f"MAT-file of {kind.__name__}{', compressed' if packed else ''}", ".mat", data, pattern(200))
    return cases


def runs(mask: np.ndarray) -> list[int]:
    """Row-major run lengths, zeros first."""
    flat = np.concatenate([[0], mask.ravel().astype(int), [0]])
    changes = np.flatnonzero(np.diff(flat))
    return np.diff(np.concatenate([[0], changes, [mask.size]])).tolist()


def polygons() -> list[dict]:
    """Outlines with OpenCV's pixels: simple and self-crossing, in the image and leaving it, thin and degenerate."""
    rng = np.random.default_rng(11)
    outlines = [
        ([[2, 2], [20, 2], [20, 15], [2, 15]], 24, 18),
        ([[5, 5]], 24, 18),
        ([[3, 4], [19, 11]], 24, 18),
        ([[1, 1], [20, 1], [20, 1]], 24, 18),
        ([[3, 3], [15, 12], [15, 3], [3, 12]], 24, 18),
        ([[2.9, 1.2], [20.99, 7.5], [11.5, 16.7]], 24, 18),
    ]
    for count in (3, 4, 5, 7, 10, 16, 40):
        for _ in range(12):
            width, height = (int(v) for v in rng.integers(20, 70, 2))
            points = np.round(rng.uniform(0, 1, (count, 2)) * [width - 1, height - 1], 2)
            outlines.append((points.tolist(), width, height))
    for _ in range(12):
        points = np.round(rng.uniform(-20, 70, (6, 2)), 2)
        outlines.append((points.tolist(), 48, 40))
    cases = []
    for points, width, height in outlines:
        mask = np.zeros((height, width), np.uint8)
        whole = np.array([points], dtype=np.int32)
        cv2.polylines(mask, whole, True, 1, 1)
        cv2.fillPoly(mask, whole, 1)
        inside = bool(np.all(whole >= 0) and np.all(whole < [width, height]))
        cases.append({"points": points, "width": width, "height": height, "inside": inside, "runs": runs(mask)})
    return cases


def main() -> None:
    """Writes the file."""
    made = {"opencv": cv2.__version__, "scipy": scipy.__version__, "pillow": Image.__version__}
    golden = {**made, "width": WIDTH, "height": HEIGHT, "files": files(), "polygons": polygons()}
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
