"""The six recipes of the <SEG> systems and the weights each of them carries."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import nn

from ..llava.model import LlavaTiny
from ..onnx_tools import round_to_half
from ..sam.model import SamTiny
from .projection import SegProjection
from .sasp import SaspSettings


@dataclass(frozen=True)
class Recipe:
    """What a recipe feeds the mask decoder.

    points: "none", "only" or "with-embedding". continuous: discrete-to-continuous interpolation on.
    several: trained with answers that name several targets, one [SEG] each.
    """

    id: str
    points: str
    continuous: bool = False
    several: bool = False

    @property
    def embeds(self) -> bool:
        """True when the projected <SEG> state is a prompt."""
        return self.points != "only"

    @property
    def folder(self) -> str:
        """The recipe's folder in a bundle."""
        return self.id.replace("/", "-")

    def sasp(self, base: SaspSettings) -> SaspSettings:
        """The bundle's SasP constants as this recipe uses them."""
        return replace(base, interpolation="l2" if self.continuous else "none")


RECIPES = {
    recipe.id: recipe
    for recipe in (
        Recipe("stacked-seg/single", "none"),
        Recipe("stacked-seg/several", "none", several=True),
        Recipe("read/seg", "none"),
        Recipe("read/points", "only"),
        Recipe("read/seg-points", "with-embedding"),
        Recipe("read/full", "with-embedding", continuous=True),
    )
}


# read/seg is trained exactly as stacked-seg/single (one [SEG], its embedding alone), so it is not trained twice.
SHARED = {"read/seg": "stacked-seg/single"}


class SegWeights(nn.Module):
    """Everything a recipe trains: LLaVA-tiny (its adapters merged), the projection, and SAM with its mask decoder."""

    def __init__(self, llava: LlavaTiny, projection: SegProjection, sam: SamTiny) -> None:
        super().__init__()
        self.llava = llava
        self.projection = projection
        self.sam = sam

    def rounded(self) -> SegWeights:
        """The same weights on the float16 grid, in place, in eval mode: what a bundle holds."""
        round_to_half(self)
        return self.eval().requires_grad_(False)


def seg_embeddings(weights: SegWeights, states: torch.Tensor) -> torch.Tensor:
    """<SEG> states [n,D] -> sparse prompts [n,1,C]."""
    return weights.projection(states)
