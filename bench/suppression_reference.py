"""torch's side of the suppression benchmark:

python suppression_reference.py FOLDER COUNT..., where FOLDER holds COUNT.bin, float32 logits [COUNT, 256, 256], best first.
"""

import sys
from pathlib import Path

import torch
from reference import answer

LIMIT = 0.5


def suppress(logits: torch.Tensor) -> list[int]:
    """Greedy suppression on masks: all intersections in one product of matrices, places of those that stay."""
    masks = (logits > 0).flatten(1).float()
    both = masks @ masks.T
    areas = masks.sum(1)
    above = both / (areas[:, None] + areas - both) > LIMIT
    stays = areas > 0
    for place in range(len(masks)):
        if stays[place]:
            stays[place + 1 :] &= ~above[place, place + 1 :]
    return stays.nonzero().flatten().tolist()


folder = Path(sys.argv[1])
sets = {
    count: torch.from_file(str(folder / f"{count}.bin"), size=int(count) * 65536).view(-1, 256, 256)
    for count in sys.argv[2:]
}
answer(["torch"], {count: lambda logits=logits: suppress(logits) for count, logits in sets.items()})
