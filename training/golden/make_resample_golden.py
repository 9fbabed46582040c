"""Make the golden values of Pillow's resampling and of the model inputs (packages/runtime/fixtures/resample.json).

    python golden/make_resample_golden.py          (from training/)

The test makes the same input pixels by the formula in `pixels`, so only outputs are stored: their SHA-256 and a
sample of values, which says where a difference lies when the hash disagrees.
Model inputs come from Hugging Face's CLIPImageProcessor and from SAM's own order of steps.
"""

import hashlib
import json
from pathlib import Path

import numpy as np
import PIL
from PIL import Image
from transformers import CLIPImageProcessor

OUT = Path(__file__).resolve().parents[2] / "packages" / "runtime" / "fixtures" / "resample.json"

CASES = [
    (7, 5, 7, 5), (1, 1, 4, 3), (64, 48, 32, 24), (64, 48, 31, 17), (100, 75, 128, 96), (33, 21, 128, 128),
    (200, 3, 50, 1), (3, 200, 128, 90), (128, 128, 24, 24), (333, 500, 85, 128), (97, 31, 5, 64),
    (40, 60, 20, 20), (40, 61, 20, 20), (40, 21, 41, 20), (129, 300, 28, 64),
]  # fmt: skip
CLIP_SIZES = [(128, 128), (96, 64), (50, 77), (129, 300), (31, 128)]
SAM_SIZES = [(128, 128), (96, 64), (50, 77), (129, 300), (31, 128), (427, 640)]
SIDE = 64
CLIP_MEAN, CLIP_STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]
SAM_MEAN, SAM_STD = [123.675, 116.28, 103.53], [58.395, 57.12, 57.375]


def pixels(width: int, height: int) -> np.ndarray:
    """uint8 [H, W, 3]: smooth ramps, hard edges and noise, all in integer arithmetic."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    noise = (x * 7919 + y * 104729 + c * 1299709 + x * y * 31) % 251
    ramp = (x * 255 // max(1, width - 1) + c * 85) % 256
    edge = np.where((x // 3 + y // 5 + c) % 2 == 0, 0, 255)
    third = (x + 2 * y) % 3
    return np.where(third == 0, noise, np.where(third == 1, ramp, edge)).astype(np.uint8)


def spots(length: int) -> list[int]:
    """Up to 24 evenly spread positions."""
    return sorted({int(i * (length - 1) / 23) for i in range(24)})


def resize_case(case: tuple, name: str, method: Image.Resampling) -> dict:
    width, height, new_width, new_height = case
    out = np.asarray(Image.fromarray(pixels(width, height)).resize((new_width, new_height), method)).reshape(-1)
    at = spots(out.size)
    digest = hashlib.sha256(out.tobytes()).hexdigest()
    return {"from": [width, height], "to": [new_width, new_height], "filter": name, "sha256": digest,
            "at": at, "values": out[at].tolist()}  # fmt: skip


def input_case(size: tuple, out: np.ndarray) -> dict:
    flat = out.astype(np.float32).reshape(-1)
    at = spots(flat.size)
    return {"from": list(size), "at": at, "values": [float(v) for v in flat[at]],
            "sum": float(flat.astype(np.float64).sum()), "absolute": float(np.abs(flat.astype(np.float64)).sum())}  # fmt: skip


def clip_input(size: tuple) -> np.ndarray:
    processor = CLIPImageProcessor(
        size={"shortest_edge": SIDE}, crop_size={"height": SIDE, "width": SIDE}, image_mean=CLIP_MEAN, image_std=CLIP_STD
    )
    return processor(Image.fromarray(pixels(*size)), return_tensors="np")["pixel_values"][0]


def sam_input(size: tuple) -> np.ndarray:
    width, height = size
    scale = SIDE / max(width, height)
    new = (int(width * scale + 0.5), int(height * scale + 0.5))
    resized = np.asarray(Image.fromarray(pixels(width, height)).resize(new, Image.Resampling.BILINEAR), dtype=np.float32)
    normal = (resized - np.array(SAM_MEAN, np.float32)) / np.array(SAM_STD, np.float32)
    out = np.zeros((3, SIDE, SIDE), np.float32)
    out[:, : new[1], : new[0]] = normal.transpose(2, 0, 1)
    return out


def main() -> None:
    filters = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}
    golden = {
        "pillow": PIL.__version__,
        "resize": [resize_case(case, name, method) for case in CASES for name, method in filters.items()],
        "side": SIDE,
        "clip": {"mean": CLIP_MEAN, "std": CLIP_STD, "cases": [input_case(s, clip_input(s)) for s in CLIP_SIZES]},
        "sam": {"mean": SAM_MEAN, "std": SAM_STD, "cases": [input_case(s, sam_input(s)) for s in SAM_SIZES]},
    }
    OUT.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
    print(f"{OUT.name}: {OUT.stat().st_size} bytes, Pillow {PIL.__version__}")


if __name__ == "__main__":
    main()
