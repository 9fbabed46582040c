"""SigLIP-tiny from CLIP-tiny: the same blocks, with what differs between the two architectures folded in."""

from __future__ import annotations

import torch
from torch import nn

from ..clip.model import MEAN as CLIP_MEAN
from ..clip.model import STD as CLIP_STD
from ..clip.model import ClipTiny
from .model import MEAN, STD, SiglipTiny


@torch.no_grad()
def start_from_clip(siglip: SiglipTiny, clip: ClipTiny) -> None:
    """Initialise in place.

    Exact but for three things: the class token is gone (SigLIP has none), the border of the first
    convolution is padded with SigLIP's zero instead of CLIP's, and the text tower sees both ways. The pooling head
    (new) stays as initialised. Raises ValueError when widths differ.
    """
    s, c = siglip.settings, clip.settings
    for name in (
        "width",
        "layers",
        "mlp",
        "heads",
        "text_width",
        "text_layers",
        "text_mlp",
        "projection",
        "vocabulary",
    ):
        if getattr(s, name) != getattr(c, name):
            raise ValueError(f"{name}: SigLIP-tiny has {getattr(s, name)}, CLIP-tiny {getattr(c, name)}.")
    vision, language = clip.clip.vision_model, clip.clip.text_model
    stem = siglip.vision.embeddings.patch_embedding
    _stem(stem.stem.layers, vision.embeddings.patch_embedding.layers)
    places = vision.embeddings.position_embedding.weight[1:]
    stem.places.copy_(places.T.reshape(1, s.width, s.grid, s.grid))
    stem.norm.load_state_dict(vision.pre_layrnorm.state_dict())
    siglip.vision.encoder.load_state_dict(vision.encoder.state_dict())
    siglip.vision.post_layernorm.load_state_dict(vision.post_layernorm.state_dict())
    siglip.dense_projection.load_state_dict(clip.clip.visual_projection.state_dict())
    siglip.language.embeddings.load_state_dict(language.embeddings.state_dict())
    siglip.language.encoder.load_state_dict(language.encoder.state_dict())
    siglip.language.final_layer_norm.load_state_dict(language.final_layer_norm.state_dict())
    siglip.language.head.weight.copy_(clip.clip.text_projection.weight)
    nn.init.zeros_(siglip.language.head.bias)
    siglip.logit_scale.copy_(clip.clip.logit_scale)


def _stem(to: nn.Sequential, source: nn.Sequential) -> None:
    """Copy a ConvStem; the first convolution is rescaled from CLIP's pixel statistics to SigLIP's.

    With x' = (p - m') / s' of SigLIP, CLIP's x = (p - m) / s is (s'/s) x' + (m' - m) / s.
    """
    for a, b in zip(list(to)[1:], list(source)[1:], strict=True):
        a.load_state_dict(b.state_dict())
    weight = source[0].weight
    mean, std = torch.tensor(CLIP_MEAN).view(1, 3, 1, 1), torch.tensor(CLIP_STD).view(1, 3, 1, 1)
    to[0].weight[:, :3] = weight * (STD / std)
    to[0].bias.copy_((weight * ((MEAN - mean) / std)).sum(dim=(1, 2, 3)))
