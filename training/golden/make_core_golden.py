"""Golden values for packages/core from PyTorch: bilinear resizing, and SAM's way from logits to masks.

    python training/golden/make_core_golden.py

Inputs are formulas with results that are exact in float32, so that both sides make the same ones:
plane(x, y) = ((73 x + 151 y + x y) mod 257 - 128) / 32;
logit(n, x, y) = 6 - ((x - cx)^2 + (y - cy)^2) / 64 + plane(x + n, y) / 4
with cx = w / 3 + 5 n, cy = h / 2 - 3 n (floored).
Masks are written by pycocotools; pixels whose logit lies within 1e-4 of the threshold are listed, as either
side may be right about them. Writes packages/core/fixtures/golden.json.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from pycocotools import mask as coco

OUT = Path(__file__).resolve().parents[2] / "packages/core/fixtures/golden.json"
NEAR = 1e-4


def plane(width: int, height: int, shift: int = 0) -> torch.Tensor:
    """[height, width] float32 by the formula above."""
    x = torch.arange(width)[None, :] + shift
    y = torch.arange(height)[:, None]
    return ((73 * x + 151 * y + x * y) % 257 - 128).float() / 32


def logits(count: int, width: int, height: int) -> torch.Tensor:
    """[count, height, width] float32 by the formula above."""
    x = torch.arange(width)[None, :]
    y = torch.arange(height)[:, None]
    layers = []
    for n in range(count):
        cx, cy = width // 3 + 5 * n, height // 2 - 3 * n
        blob = 6 - ((x - cx) ** 2 + (y - cy) ** 2).float() / 64
        layers.append(blob + plane(width, height, n) / 4)
    return torch.stack(layers)


def resize_case(source: tuple[int, int], target: tuple[int, int], every: int = 1) -> dict:
    """(width, height) to (width, height); every `every`-th value of the row-major result."""
    out = F.interpolate(plane(*source)[None, None], (target[1], target[0]), mode="bilinear", align_corners=False)
    values = out.flatten()[::every].double().tolist()
    return {"from": source, "to": target, "every": every, "values": [float(f"{v:.9g}") for v in values]}


def mask_case(count: int, low: int, side: int, original: tuple[int, int], threshold: float = 0.0) -> dict:
    """SAM's postprocess_masks for an image of (width, height) `original`."""
    width, height = original
    scale = side / max(width, height)
    resized = int(width * scale + 0.5), int(height * scale + 0.5)
    full = F.interpolate(logits(count, low, low)[:, None], (side, side), mode="bilinear", align_corners=False)
    cut = full[..., : resized[1], : resized[0]]
    image = F.interpolate(cut, (height, width), mode="bilinear", align_corners=False)[:, 0]
    masks = []
    for layer in image:
        pixels = np.asfortranarray((layer > threshold).numpy().astype(np.uint8))
        rle = coco.encode(pixels)
        near = np.flatnonzero(np.abs(layer.numpy().flatten(order="F") - threshold) < NEAR)
        box = [int(v) for v in coco.toBbox(rle)]
        masks.append({"counts": rle["counts"].decode(), "area": int(coco.area(rle)), "box": box, "near": near.tolist()})
    return {
        "low": low,
        "side": side,
        "original": original,
        "resized": resized,
        "threshold": threshold,
        "masks": masks,
    }


def main() -> None:
    golden = {
        "resize": [
            resize_case((5, 7), (11, 3)),
            resize_case((4, 4), (16, 16)),
            resize_case((24, 24), (12, 12)),
            resize_case((16, 16), (9, 31)),
            resize_case((1, 1), (3, 2)),
            resize_case((6, 5), (6, 5)),
            resize_case((1024, 3), (4000, 2), every=97),
        ],
        "masks": [
            mask_case(3, 64, 128, (128, 128)),
            mask_case(2, 64, 128, (160, 96)),
            mask_case(2, 64, 128, (97, 213)),
            mask_case(2, 64, 128, (640, 480)),
            mask_case(1, 64, 128, (33, 1)),
            mask_case(1, 64, 128, (128, 90), threshold=1.5),
            mask_case(1, 256, 1024, (1500, 1001)),
        ],
    }
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
