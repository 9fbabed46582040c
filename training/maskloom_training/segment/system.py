"""A whole <SEG> system in PyTorch: the reference that the exported bundle and the TypeScript pipeline must match."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ..llava.generate import ImageReading, answer
from ..text.prompts import Prompts
from ..text.tokenizer import EOS, decode
from .prompting import find_points, full_size, mask_logits
from .recipes import Recipe, SegWeights
from .sasp import Points, SaspSettings


@dataclass(frozen=True)
class Prediction:
    """What a system says about one phrase. logits [n,H,W], one per [SEG]; points None where none are used."""

    text: str
    ids: list[int]
    logits: torch.Tensor
    points: Points | None

    @property
    def mask(self) -> torch.Tensor:
        """Union of the masks [H,W]; all false without [SEG]."""
        return (self.logits > 0).any(dim=0)

    @property
    def present(self) -> bool:
        """READ's object presence: a [SEG] was emitted and the mask is not empty."""
        return bool(self.mask.any())


@dataclass(frozen=True)
class SegSystem:
    """One recipe with its weights. `sasp` are the bundle's constants; the recipe sets the interpolation."""

    weights: SegWeights
    recipe: Recipe
    sasp: SaspSettings
    prompts: Prompts
    crop: int = 128

    @torch.no_grad()
    def segment(
        self, image: ImageReading, embedding: torch.Tensor, size: tuple[int, int], texts: list[str]
    ) -> list[Prediction]:
        """Answer and segment phrases about one image that LLaVA has read; embedding [1,C,h,w] is SAM's, size (H,W)."""
        answers = answer(self.weights.llava, self.prompts, image, texts)
        states = torch.cat([a.seg for a in answers])
        logits, points = torch.zeros(0, *size), None
        if len(states):
            if self.recipe.points != "none":
                images = image.states.expand(len(states), -1, -1)
                points = find_points(states, images, size, self.recipe.sasp(self.sasp), self.crop)
            low = mask_logits(self.weights, self.recipe, states, points, embedding, size)
            logits = full_size(self.weights, low, size)
        found, at = [], 0
        end = self.prompts.id(EOS)
        for a in answers:
            upto = at + len(a.seg)
            own = None if points is None else Points(points.xy[at:upto], points.labels[at:upto])
            ids = a.ids[:-1] if a.ids and a.ids[-1] == end else a.ids
            found.append(Prediction(decode(self.prompts.tokenizer, ids), a.ids, logits[at:upto], own))
            at = upto
        return found
