"""OneVision-tiny from LLaVA-tiny's base: the same weights, biases of zero, and image tokens that say where they are."""

from __future__ import annotations

from pathlib import Path

import torch

from ..checkpoint import load_checkpoint
from ..sam.model import SamTiny
from .model import OneVisionTiny

# Length of SAM's place code in an image token (a token as a whole has about 4), and how many of the code's
# principal components it carries (48 of 64 hold 99.5 % of its variance).
CODE_NORM = 6.0
CODE_DIMENSIONS = 48


@torch.no_grad()
def start_from_llava(model: OneVisionTiny, path: Path) -> None:
    """Copy a LLaVA-tiny checkpoint in place. Qwen2's biases of q, k and v start at zero, which makes it LLaMA."""
    state = load_checkpoint(path, "llava")["modules"]["llava"]
    missing, unexpected = model.load_state_dict(state, strict=False)
    biases = [name for name in missing if name.endswith(("q_proj.bias", "k_proj.bias", "v_proj.bias"))]
    if unexpected or set(missing) != set(biases):
        raise ValueError(f"{path}: does not fit OneVision-tiny (missing {missing}, unexpected {unexpected}).")
    own = dict(model.named_parameters())
    for name in biases:
        own[name].zero_()


@torch.no_grad()
def cell_points(grid: int, side: float) -> torch.Tensor:
    """Centres (x, y) of the grid's cells in SAM's frame 0..side, before its +0.5: [grid*grid,2], row major."""
    axis = (torch.arange(grid) + 0.5) * side / grid - 0.5
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    return torch.stack([x, y], dim=-1).reshape(-1, 2)


@torch.no_grad()
def point_vectors(sam: SamTiny, points: torch.Tensor) -> torch.Tensor:
    """SAM's own prompt vectors of positive points (x, y) [n,2] in its frame -> [n,C]."""
    return sam.embed_points(points[:, None], torch.ones(len(points), 1, dtype=torch.long))[:, 0]


@torch.no_grad()
def add_place_codes(model: OneVisionTiny, sam: SamTiny, states: torch.Tensor) -> None:
    """Add SAM's place code of its own cell to every image token, along the directions that states use least, in place.

    A mask embedding must tell SAM where the thing is. With that code in a quiet part of the token, a head that is fitted
    in closed form reads it off the state of a patch before any training.
    `states` [n,D] are final states of image tokens.
    """
    s = model.settings
    vectors = point_vectors(sam, cell_points(s.grid, sam.tiny.image_size))
    left, values, _ = torch.linalg.svd(vectors - vectors.mean(0), full_matrices=False)
    components = (left * values)[:, :CODE_DIMENSIONS]
    quiet = torch.linalg.eigh(states.T @ states)[1][:, :CODE_DIMENSIONS].T
    model.projector.cells += CODE_NORM / components.norm(dim=1).mean() * components @ quiet
