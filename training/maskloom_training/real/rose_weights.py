"""ROSE's weights at real size, under the names that `maskloom-convert rose` reads."""

from __future__ import annotations

from dataclasses import asdict

import torch
from torch import nn

from ..onevision.model import OneVisionSettings, OneVisionTiny
from ..rose.analyzer import PatchAnalyzer
from ..rose.lora import add_adapters
from ..rose.recipes import RECIPES, Lora, RoseWeights
from ..sam.config import SamTinyConfig
from ..sam.model import SamTiny
from ..siglip.model import SiglipSettings, SiglipTiny
from .lisa import default_dtype


class RoseModel(nn.Module):
    """Trained: LoRA on Qwen2, token table, lm_head, heads, SAM's mask decoder, SigLIP's patch embedding (section 4.1).

    The projector's vector for each cell, which is the toy's, starts at zero and stays there.
    """

    def __init__(self, model: dict, recipe: str, bfloat16: bool) -> None:
        super().__init__()
        row, lora = RECIPES[recipe], model["lora"]
        self.recipe = type(row)(**{**asdict(row), "lora": Lora(tuple(lora["targets"]), lora["alpha"], lora["r"])})
        low = torch.bfloat16 if bfloat16 else torch.float32
        self.high = torch.float32
        settings, tower = OneVisionSettings(**model["onevision"]), SiglipSettings(**model["siglip"])
        with default_dtype(low):
            language = OneVisionTiny(settings)
            siglip = SiglipTiny(tower)
        sam = SamTiny(SamTinyConfig.from_dict(model["sam"]))
        sam.vision_encoder.to(low)
        heads = PatchAnalyzer(settings.hidden, sam.tiny.embed, tower.projection, model["heads"])
        self.weights, self.siglip = RoseWeights(language, sam, heads, None), siglip
        nn.init.zeros_(language.projector.cells)
        self.requires_grad_(False)
        for parameter in add_adapters(language, self.recipe.lora):
            parameter.data = parameter.data.float()
            parameter.requires_grad_(True)
        trained = (language.llama.embed_tokens, language.language_model.lm_head, heads, sam.mask_decoder,
                   siglip.vision.embeddings.patch_embedding)  # fmt: skip
        for module in trained:
            module.float().requires_grad_(True)

    @property
    def side(self) -> int:
        """Pixels of SigLIP's square."""
        return self.siglip.settings.image_size

    def see(self, pixels: torch.Tensor) -> torch.Tensor:
        """SigLIP's input [B,3,S,S] -> patch states [B,L,Dv]; gradients reach the patch embedding."""
        vision = self.siglip.vision
        return vision.encoder(inputs_embeds=vision.embeddings(pixels)).last_hidden_state

    @torch.no_grad()
    def encode(self, sam_pixels: torch.Tensor) -> torch.Tensor:
        """SAM's input [B,3,S,S] -> image embeddings [B,C,h,w], float32."""
        encoder = self.weights.sam.vision_encoder
        return self.weights.sam.encode(sam_pixels.to(encoder.neck.conv1.weight.dtype)).float()

    def described(self) -> dict:
        """What a checkpoint of the stage `rose` says of its weights."""
        return {
            "recipe": self.recipe.to_dict(),
            "onevision": asdict(self.weights.model.settings),
            "sam": self.weights.sam.tiny.to_dict(),
            "text_width": self.siglip.settings.projection,
            "assignment": self.recipe.assignment.to_dict(),
        }
