"""The rows of ROSE's tables 3 to 5 as recipes, and the weights that each of them carries."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from torch import nn

from ..onevision.model import OneVisionTiny
from ..onnx_tools import round_to_half
from ..sam.model import SamTiny
from ..segment.projection import SegProjection
from .analyzer import PatchAnalyzer
from .assign import Assignment

ALL_PROJ = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
QK_PROJ = ("q_proj", "k_proj")
ANALYZER_HIDDEN = 256


@dataclass(frozen=True)
class Lora:
    """Table 5's options. The paper does not give the rank; 8 is LISA's."""

    targets: tuple[str, ...] = ALL_PROJ
    alpha: int = 32
    rank: int = 8


@dataclass(frozen=True)
class RoseRecipe:
    """One row.

    unit: "patch" or "stacked". naming: "decode" (a category embedding in <CATEGORY>'s place), "region" (along
    <REGION>) or "seg" (along [SEG]). side: of the super-patch. per_target: [SEG] per target of a stacked row.
    """

    id: str
    unit: str = "patch"
    naming: str = "decode"
    side: int = 1
    per_target: int = 1
    lora: Lora = field(default_factory=Lora)
    table: str = "3"

    @property
    def folder(self) -> str:
        """The recipe's folder in a bundle and among the runs."""
        return self.id.replace("/", "-")

    @property
    def assignment(self) -> Assignment:
        """How targets are given to patches."""
        return Assignment.of(self.side)

    def to_dict(self) -> dict:
        return asdict(self)


RECIPES = {
    recipe.id: recipe
    for recipe in (
        RoseRecipe("stacked-seg/vanilla", "stacked", "seg"),
        RoseRecipe("stacked-seg/dense", "stacked", "seg", per_target=3),
        RoseRecipe("rose/along-region", naming="region"),
        RoseRecipe("rose/patch", table="3 4"),
        RoseRecipe("rose/super-2x2", side=2, table="4"),
        RoseRecipe("rose/super-3x3", side=3, table="4"),
        RoseRecipe("rose/lora-qk-16", lora=Lora(QK_PROJ, 16), table="5"),
        RoseRecipe("rose/lora-qk-32", lora=Lora(QK_PROJ, 32), table="5"),
        RoseRecipe("rose/lora-all-16", lora=Lora(ALL_PROJ, 16), table="5"),
        RoseRecipe("rose/lora-all-32", lora=Lora(ALL_PROJ, 32), table="5"),
    )
}


class RoseWeights(nn.Module):
    """Everything a row trains: OneVision-tiny, its heads, and SAM with its mask decoder.

    `analyzer` belongs to patch rows, `projection` to stacked ones; the other is None.
    """

    def __init__(
        self, model: OneVisionTiny, sam: SamTiny, analyzer: PatchAnalyzer | None, projection: SegProjection | None
    ) -> None:
        super().__init__()
        self.model, self.sam = model, sam
        self.analyzer, self.projection = analyzer, projection

    @staticmethod
    def new(recipe: RoseRecipe, model: OneVisionTiny, sam: SamTiny, text: int) -> RoseWeights:
        """With fresh heads; `text` is the width of SigLIP's text space."""
        width, prompt = model.settings.hidden, sam.tiny.embed
        if recipe.unit == "stacked":
            return RoseWeights(model, sam, None, SegProjection(width, prompt))
        return RoseWeights(model, sam, PatchAnalyzer(width, prompt, text, ANALYZER_HIDDEN), None)

    def rounded(self) -> RoseWeights:
        """The same weights on the float16 grid, in place, in eval mode: what a bundle holds."""
        round_to_half(self)
        return self.eval().requires_grad_(False)
