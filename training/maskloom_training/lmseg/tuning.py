"""Which encoder weights are trained: frozen, CLIP's q and v, SAM's neck and qkv, or both.

The paper's best choice, by its summary: query and value projections of CLIP, projection layer and qkv weights of SAM.
As in CAT-Seg, only weight matrices of q and v, in the image and the text tower; "projection layer" is read as SAM's
neck.
"""

from __future__ import annotations

import torch

from ..clip.model import ClipTiny
from ..sam.model import SamTiny

CHOICES = ("frozen", "clip", "sam", "both")


def clip_parameters(clip: ClipTiny) -> list[torch.nn.Parameter]:
    """q and v weight matrices of every block of both towers."""
    ends = ("self_attn.q_proj.weight", "self_attn.v_proj.weight")
    return [p for name, p in clip.named_parameters() if name.endswith(ends)]


def sam_parameters(sam: SamTiny) -> list[torch.nn.Parameter]:
    """The neck and the qkv weight matrices of every block of the image encoder."""
    encoder = sam.vision_encoder
    qkv = [p for name, p in encoder.named_parameters() if name.endswith("attn.qkv.weight")]
    return [*encoder.neck.parameters(), *qkv]


def choose_trained(clip: ClipTiny, sam: SamTiny, choice: str) -> tuple[list, list]:
    """Freezes both encoders but for the choice; returns (CLIP's, SAM's) trained parameters.

    Raises ValueError for an unknown choice.
    """
    if choice not in CHOICES:
        raise ValueError(f"tune is {choice!r}; it must be one of {', '.join(CHOICES)}.")
    clip.requires_grad_(False)
    sam.requires_grad_(False)
    tuned = (
        clip_parameters(clip) if choice in ("clip", "both") else [],
        sam_parameters(sam) if choice in ("sam", "both") else [],
    )
    for parameter in [*tuned[0], *tuned[1]]:
        parameter.requires_grad_(True)
    return tuned
