"""LMSeg whole: two encoders, fusion, cosine cost volume, enhancement, upsampling."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from ..clip.model import ClipTiny
from ..sam.model import SamTiny
from .classes import ClassEnhancement, TextGuide
from .dense_clip import ClipText, DenseClip
from .fusion import Fusion, cosine_cost
from .settings import LmsegSettings
from .spatial import AppearanceGuide, SpatialEnhancement
from .upsample import Upsample

CAPPED = -100.0
"""Logit of a class that the cap leaves out (CAT-Seg's value)."""


@dataclass(frozen=True)
class Seen:
    """What the encoders make of a picture: dense [B,L,C], taps [B,L,Dv], fused [B,C,g,g]."""

    dense: torch.Tensor
    tap1: torch.Tensor
    tap2: torch.Tensor
    fused: torch.Tensor


class Lmseg(nn.Module):
    """clip_pixels [B,3,S,S], sam_pixels [B,3,S',S'] (normalised), text [T,C] (unit) -> logits [B,T,4g,4g]."""

    def __init__(self, clip: ClipTiny, sam: SamTiny, settings: LmsegSettings) -> None:
        super().__init__()
        self.settings, self.clip, self.sam = settings, clip, sam
        channels, width = clip.settings.projection, clip.settings.width
        grid, dim = clip.settings.image_size // clip.settings.patch_size, settings.dim
        self.grid = grid
        self.fusion = Fusion(settings.fusion, channels, sam.tiny.embed, grid, settings.fusion_start)
        self.cost_embed = nn.Conv2d(1, dim, 7, padding=3)
        with torch.no_grad():  # cosines differ by tenths: a strong centre makes them count from the first step
            self.cost_embed.weight[:, 0, 3, 3] += torch.randn(dim) * 4
        if settings.spatial:
            self.appearance = AppearanceGuide(channels, dim, grid)
            self.spatial = nn.ModuleList(
                SpatialEnhancement(dim, settings.heads, grid, settings.window, settings.mlp_ratio)
                for _ in range(settings.layers)
            )
        if settings.classes:
            self.text_guide = TextGuide(channels, dim)
            self.class_layers = nn.ModuleList(
                ClassEnhancement(dim, settings.heads, settings.mlp_ratio) for _ in range(settings.layers)
            )
        self.upsample = Upsample(dim, width, grid)
        self.dense_clip, self.clip_text = DenseClip(clip, settings), ClipText(clip)

    def forward(self, clip_pixels: torch.Tensor, sam_pixels: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
        return self.classify(self.look(clip_pixels, sam_pixels), text)

    def look(self, clip_pixels: torch.Tensor, sam_pixels: torch.Tensor) -> Seen:
        """The part that no class takes part in."""
        dense, tap1, tap2 = self.dense_clip(clip_pixels)
        sam = None if self.settings.fusion == "clip" else self.sam.encode(sam_pixels)
        return self.join(dense, tap1, tap2, sam)

    def join(self, dense: torch.Tensor, tap1: torch.Tensor, tap2: torch.Tensor, sam: torch.Tensor | None) -> Seen:
        """`look` from the encoders' maps."""
        return Seen(dense, tap1, tap2, self.fusion(dense, sam))

    def classify(self, seen: Seen, text: torch.Tensor) -> torch.Tensor:
        """Logits [B,T,4g,4g] of T classes; with a cap, classes left out get CAPPED."""
        cost = cosine_cost(seen.fused, text)
        cap = self.settings.class_cap
        if cap is None or len(text) <= cap:
            return self.upsample(self.aggregate(cost, seen.dense, text), seen.tap1, seen.tap2)
        out = cost.new_full((*cost.shape[:2], 4 * self.grid, 4 * self.grid), CAPPED)
        for b in range(len(cost)):
            kept = cost[b].flatten(1).amax(1).topk(cap).indices.sort().values
            one = Seen(seen.dense[b : b + 1], seen.tap1[b : b + 1], seen.tap2[b : b + 1], seen.fused[b : b + 1])
            embed = self.aggregate(cost[b : b + 1, kept], one.dense, text[kept])
            out[b, kept] = self.upsample(embed, one.tap1, one.tap2)[0]
        return out

    def embed_cost(self, cost: torch.Tensor) -> torch.Tensor:
        """cost [B,T,g,g] -> [B,T,D,g,g]: one 7x7 convolution shared by all classes."""
        return self.cost_embed(cost.flatten(0, 1)[:, None]).unflatten(0, (cost.shape[0], -1))

    def aggregate(self, cost: torch.Tensor, dense: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
        """cost [B,T,g,g] -> enhanced embedding [B,T,D,g,g]."""
        x = self.embed_cost(cost).permute(0, 1, 3, 4, 2)
        settings = self.settings
        appearance = self.appearance(dense) if settings.spatial else None
        words = self.text_guide(text) if settings.classes else None
        for i in range(settings.layers):
            if settings.spatial:
                x = self.spatial[i](x, appearance)
            if settings.classes:
                x = self.class_layers[i](x, words)
        return x.permute(0, 1, 4, 2, 3)
