"""The peers' side of the photograph benchmark:

python photograph_reference.py FOLDER, where FOLDER holds image.bin (uint8 [3000, 4000, 3]) and logits.bin (float32 [N, 256, 256]).
"""

import hashlib
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from pycocotools import mask as coco
from reference import answer

SIZE = (1024, 768)
MEAN = np.array([123.675, 116.28, 103.53], np.float32)
STD = np.array([58.395, 57.12, 57.375], np.float32)

folder = Path(sys.argv[1])
image = Image.fromarray(np.fromfile(folder / "image.bin", np.uint8).reshape(3000, 4000, 3))
logits = torch.from_numpy(np.fromfile(folder / "logits.bin", np.float32)).view(-1, 1, 256, 256)
torch.set_num_threads(1)


def resize(how: Image.Resampling) -> np.ndarray:
    """A picture of 1024 x 768."""
    return np.asarray(image.resize(SIZE, how))


def sam() -> np.ndarray:
    """segment-anything's preprocessing: resized, normalised, padded right and bottom, channels first."""
    pixels = (resize(Image.Resampling.BILINEAR).astype(np.float32) - MEAN) / STD
    out = np.zeros((1, 3, 1024, 1024), np.float32)
    out[0, :, : SIZE[1]] = pixels.transpose(2, 0, 1)
    return out


def masks() -> list[str]:
    """SAM's `postprocess_masks` and a compressed RLE, a mask at a time."""
    codes = []
    for one in logits:
        plane = F.interpolate(one[None], (1024, 1024), mode="bilinear", align_corners=False)
        plane = plane[..., : SIZE[1], : SIZE[0]]
        whole = F.interpolate(plane, (3000, 4000), mode="bilinear", align_corners=False)[0, 0] > 0
        codes.append(coco.encode(np.asfortranarray(whole.numpy().view(np.uint8)))["counts"].decode())
    return codes


def told(values: object) -> object:
    """Arrays by the SHA-256 of their bytes."""
    if not isinstance(values, np.ndarray):
        return values
    return hashlib.sha256(np.ascontiguousarray(values)).hexdigest()


answer(
    ["pillow", "numpy", "torch", "pycocotools"],
    {
        "bilinear": lambda: resize(Image.Resampling.BILINEAR),
        "bicubic": lambda: resize(Image.Resampling.BICUBIC),
        "sam": sam,
        "masks": masks,
    },
    told,
)
