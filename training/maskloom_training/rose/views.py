"""How a picture of any shape goes into SigLIP-tiny, so that its patches lie in SAM's frame.

"pad": the longer side is scaled to S (Pillow's antialiased bicubic; size rounded half up as SAM's), then pixels are
normalised, then zeros are added right and bottom. A patch and SAM's embedding of a place then share coordinates,
which a mask embedding that says *where* depends on. The paper resizes to a square and does not say more.
"""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

from ..geometry import sam_size
from ..siglip.model import MEAN, STD


def siglip_preprocess(image: np.ndarray, side: int) -> torch.Tensor:
    """uint8 [H,W,3] -> float32 [1,3,side,side]."""
    height, width = image.shape[:2]
    new_height, new_width = sam_size(height, width, side)
    if (new_height, new_width) != (height, width):
        image = np.asarray(Image.fromarray(image).resize((new_width, new_height), Image.Resampling.BICUBIC))
    pixels = torch.as_tensor(np.array(image)).permute(2, 0, 1)[None].float() / 255
    return F.pad((pixels - MEAN) / STD, (0, side - new_width, 0, side - new_height))


def live_cells(height: int, width: int, side: int, grid: int) -> np.ndarray:
    """Bool [grid*grid]: cells whose centre lies on the picture and not in the padding."""
    new_height, new_width = sam_size(height, width, side)
    centres = (np.arange(grid) + 0.5) * side / grid
    return np.logical_and(centres[:, None] < new_height, centres[None, :] < new_width).reshape(-1)
