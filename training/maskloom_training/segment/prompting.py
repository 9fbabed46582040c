"""From <SEG> states to mask logits: the one path that training, evaluation and parity share."""

from __future__ import annotations

import torch

from ..geometry import sam_postprocess, sam_size
from ..sam.model import with_pad_point
from .recipes import Recipe, SegWeights, seg_embeddings
from .sasp import Points, SaspSettings, similarity, similarity_as_points


def find_points(
    seg: torch.Tensor, images: torch.Tensor, size: tuple[int, int], sasp: SaspSettings, crop: int
) -> Points:
    """seg [n,D], image states [n,L,D] of pictures of one (height, width) -> points in pixels of the picture."""
    return similarity_as_points(similarity(seg, images), *size, sasp, crop)


def mask_logits(
    weights: SegWeights,
    recipe: Recipe,
    seg: torch.Tensor,
    points: Points | None,
    embeddings: torch.Tensor,
    size: tuple[int, int],
) -> torch.Tensor:
    """Low-resolution logits [n,4h,4w] of SAM's single-mask output.

    seg [n,D]; points as found (None where the recipe uses none); SAM's image embeddings [n or 1,C,h,w].
    Sparse prompts are the points, SAM's pad point, then the projected <SEG> state.
    """
    sam = weights.sam
    sparse = []
    if points is not None:
        height, width = size
        new_height, new_width = sam_size(height, width, sam.tiny.image_size)
        scaled = points.xy * torch.tensor([new_width / width, new_height / height])
        sparse.append(sam.embed_points(*with_pad_point(scaled, points.labels)))
    if recipe.embeds:
        sparse.append(seg_embeddings(weights, seg))
    masks, _ = sam.decode(embeddings, torch.cat(sparse, dim=1), sam.no_mask(len(seg)))
    return masks[:, 0]


def full_size(weights: SegWeights, low: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """Low-resolution logits [n,4h,4w] -> logits [n,H,W] of the picture; the mask is logit > 0."""
    return sam_postprocess(low[:, None], *size, weights.sam.tiny.image_size)[:, 0]
