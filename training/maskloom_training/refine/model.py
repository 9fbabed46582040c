"""The refining model: ROSE's modules, whose tower also sees the previous mask (ROSE section 3.4)."""

from __future__ import annotations

import torch
from torch import nn

from ..onevision.model import OneVisionTiny
from ..rose.analyzer import PatchAnalyzer
from ..sam.model import SamTiny
from ..siglip.model import SiglipTiny

MASK_LOGIT = 6.0
"""A previous mask reaches SAM's prompt encoder as +6 inside and -6 outside."""


class RefineTiny(nn.Module):
    """Tower, language model, patch heads and SAM. For "concat" the tower reads four planes, else three."""

    def __init__(self, siglip: SiglipTiny, onevision: OneVisionTiny, analyzer: PatchAnalyzer, sam: SamTiny) -> None:
        super().__init__()
        self.siglip = siglip
        self.onevision = onevision
        self.analyzer = analyzer
        self.sam = sam

    @property
    def grid(self) -> int:
        """Patches per side."""
        return self.siglip.settings.grid

    def patch_states(self, pixel_values: torch.Tensor, prefixes: list[list[int]]) -> torch.Tensor:
        """States [B,L,D] of the patches of pixel_values [B,planes,S,S], each read behind its own instruction's ids.

        Prefixes are padded on the left; padding is masked and takes no position.
        """
        model = self.onevision
        images = model.projector(self.siglip(pixel_values)[0])
        count, length = images.shape[:2]
        before = max(map(len, prefixes))
        ids = torch.tensor([[model.settings.pad] * (before - len(p)) + p for p in prefixes])
        total = before + length
        real = torch.ones(count, total, dtype=torch.bool)
        for b, prefix in enumerate(prefixes):
            real[b, : before - len(prefix)] = False
        mask = None
        if not bool(real.all()):
            causal = torch.ones(total, total, dtype=torch.bool).tril()
            mask = (causal & real[:, None, :] | torch.eye(total, dtype=torch.bool))[:, None]
        positions = (real.long().cumsum(1) - 1).clamp(min=0)
        embeds = torch.cat([model.embed(ids), images], dim=1)
        return model.read(embeds, mask, positions)[:, before:]

    def decode_masks(
        self,
        image_embeddings: torch.Tensor,
        embeddings: torch.Tensor,
        boxes: torch.Tensor | None,
        previous: torch.Tensor | None,
    ) -> torch.Tensor:
        """Low-resolution logits [n,4h,4w] of SAM's single mask.

        image_embeddings [n,C,h,w]; embeddings [n,C], one sparse prompt each; boxes [n,4] (x0,y0,x1,y1 in SAM's resized
        frame) or None, as the two corner tokens before it; previous [n,4h,4w] logits or None, as the dense prompt.
        """
        sam, count = self.sam, len(embeddings)
        sparse = [embeddings[:, None]]
        if boxes is not None:
            labels = torch.tensor([[2, 3]]).expand(count, -1)
            sparse.insert(0, sam.embed_points(boxes.view(count, 2, 2), labels))
        if previous is None:
            dense = sam.no_mask(count)
        else:
            dense = sam.embed_masks(previous[:, None], torch.ones(count))
        return sam.decode(image_embeddings, torch.cat(sparse, dim=1), dense)[0][:, 0]
