"""The rows of the four ablations, as data: what each changes of the full model."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class LmsegRecipe:
    """One trained row. `model`: LmsegSettings that differ from the configuration's; `tune`: one of tuning.CHOICES."""

    id: str
    tune: str = "both"
    model: dict = field(default_factory=dict)

    @property
    def folder(self) -> str:
        """Its folder in runs and bundles."""
        return folder_of(self.id)


def folder_of(recipe_id: str) -> str:
    """Folder of a recipe id: lmseg/fusion-sum@seed2 has lmseg-fusion-sum-seed2."""
    return recipe_id.replace("/", "-").replace("@", "-")


FUSION_ROWS = ("channel", "position", "sum", "concat", "attention", "clip", "sam")

ROWS = (
    LmsegRecipe("lmseg/full"),
    LmsegRecipe("lmseg/tune-frozen", tune="frozen"),
    *(LmsegRecipe(f"lmseg/fusion-{f}", "frozen", {"fusion": f}) for f in FUSION_ROWS),
    LmsegRecipe("lmseg/enhance-none", "frozen", {"spatial": False, "classes": False}),
    LmsegRecipe("lmseg/enhance-spatial", "frozen", {"classes": False}),
    LmsegRecipe("lmseg/enhance-class", "frozen", {"spatial": False}),
    LmsegRecipe("lmseg/tune-clip", tune="clip"),
    LmsegRecipe("lmseg/tune-sam", tune="sam"),
    LmsegRecipe("lmseg/tune-both"),
)
RECIPES = {row.id: row for row in ROWS}
"""Every row by id. All but `lmseg/full` are trained for equal steps. `lmseg/tune-frozen` (learnable scalar weight, both
enhancements, encoders frozen) is the row that the fusion and enhancement rows differ from in one thing: it is the
fusion table's "scalar" and the enhancement table's "both". `lmseg/full` is `lmseg/tune-both` trained longer."""
