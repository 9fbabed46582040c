"""SigLIP-tiny: transformers' SiglipVisionModel and SiglipTextModel at toy width, with dense embeddings.

As LLaVA-OneVision, the language model reads patch states before `post_layernorm` and the pooling head. SigLIP has no
projection of single patches; `dense_projection` (from CLIP-tiny's visual projection) maps them to the text tower's
space. It is needed in training and to start a projector, and is not exported with the tower.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from transformers import SiglipTextConfig, SiglipTextModel, SiglipVisionConfig, SiglipVisionModel

from .stem import PlacedStem, widen

# SigLIP's pixel statistics, in 0..1 (the released preprocessor).
MEAN, STD = 0.5, 0.5


@dataclass(frozen=True)
class SiglipSettings:
    """Widths of SigLIP-tiny. `stem` is "conv" (PlacedStem) or "patch" (the plain Hugging Face embedding).

    SigLIP so400m: image_size 384, patch_size 14, width and text_width 1152, layers and text_layers 27, heads 16, mlp
    and text_mlp 4304, text_length 64, projection 1152, stem "patch", activation "gelu_pytorch_tanh", norm_epsilon 1e-6.
    """

    image_size: int = 128
    patch_size: int = 8
    planes: int = 3
    width: int = 128
    layers: int = 3
    heads: int = 4
    mlp: int = 384
    text_width: int = 128
    text_layers: int = 2
    text_mlp: int = 256
    text_length: int = 48
    projection: int = 128
    vocabulary: int = 1024
    eos: int = 3
    bos: int = 1
    pad: int = 2
    stem: str = "conv"
    activation: str = "gelu"
    norm_epsilon: float = 1e-5

    @property
    def grid(self) -> int:
        """Patches per side."""
        return self.image_size // self.patch_size

    def vision(self) -> SiglipVisionConfig:
        """The vision widths as Hugging Face has them."""
        return SiglipVisionConfig(
            hidden_size=self.width,
            intermediate_size=self.mlp,
            num_hidden_layers=self.layers,
            num_attention_heads=self.heads,
            num_channels=self.planes,
            image_size=self.image_size,
            patch_size=self.patch_size,
            hidden_act=self.activation,
            layer_norm_eps=self.norm_epsilon,
        )

    def text(self) -> SiglipTextConfig:
        """The text widths as Hugging Face has them."""
        return SiglipTextConfig(
            vocab_size=self.vocabulary,
            hidden_size=self.text_width,
            intermediate_size=self.text_mlp,
            num_hidden_layers=self.text_layers,
            num_attention_heads=self.heads,
            max_position_embeddings=self.text_length,
            projection_size=self.projection,
            hidden_act=self.activation,
            layer_norm_eps=self.norm_epsilon,
            bos_token_id=self.bos,
            eos_token_id=self.eos,
            pad_token_id=self.pad,
        )


class SiglipTiny(nn.Module):
    """Both towers, the dense projection, and SigLIP's learned scale and bias of its logits."""

    def __init__(self, settings: SiglipSettings) -> None:
        super().__init__()
        self.settings = settings
        self.vision = SiglipVisionModel(settings.vision())
        self.language = SiglipTextModel(settings.text())
        if settings.stem == "conv":
            self.vision.embeddings.patch_embedding = PlacedStem(settings.width, settings.grid, settings.planes)
            nn.init.zeros_(self.vision.embeddings.position_embedding.weight)
        elif settings.stem != "patch":
            raise ValueError(f"stem must be 'conv' or 'patch', got {settings.stem!r}")
        self.dense_projection = nn.Linear(settings.width, settings.projection, bias=False)
        self.logit_scale = nn.Parameter(torch.tensor(float(np.log(10.0))))
        self.logit_bias = nn.Parameter(torch.tensor(-5.0))

    def config(self) -> dict:
        """Settings as JSON, to be stored in a checkpoint."""
        return asdict(self.settings)

    def attention(self, kind: str) -> None:
        """Set the attention of both towers: "eager" (plain operators, for export) or "sdpa"."""
        self.vision.set_attn_implementation(kind)
        self.language.set_attn_implementation(kind)

    def forward(self, pixel_values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """pixel_values [B,planes,S,S] -> (patch_features [B,L,width] row major, image_embed [B,width], unit length)."""
        states = self.vision.encoder(inputs_embeds=self.vision.embeddings(pixel_values)).last_hidden_state
        embed = self.vision.head(self.vision.post_layernorm(states))
        return states, F.normalize(embed, dim=-1)

    def dense(self, patch_features: torch.Tensor) -> torch.Tensor:
        """Unit dense embeddings [...,projection] of patch features [...,width]."""
        return F.normalize(self.dense_projection(patch_features), dim=-1)

    def text(self, input_ids: torch.Tensor, attention_mask: torch.Tensor | None = None) -> torch.Tensor:
        """Unit embeddings [N,projection] of token rows [N,T], each ended by </s> and padded behind it.

        SigLIP reads the last token of a row padded to full length; here it is the last token that is not padding,
        so a row's embedding does not depend on the rows beside it. No causal mask, as in SigLIP.
        """
        if attention_mask is None:
            attention_mask = (input_ids != self.settings.pad).long()
        model = self.language
        blocked = (1.0 - attention_mask[:, None, None, :].float()) * torch.finfo(torch.float32).min
        states = model.embeddings(input_ids)
        for layer in model.encoder.layers:
            states = layer(states, blocked)
        last = attention_mask.sum(1) - 1
        picked = states.gather(1, last[:, None, None].expand(-1, 1, states.shape[-1]))[:, 0]
        return F.normalize(model.head(model.final_layer_norm(picked)), dim=-1)

    def widened(self, planes: int) -> SiglipTiny:
        """Make the tower read more planes, in place; new planes start with zero weights. Returns itself."""
        widen(self.vision.embeddings.patch_embedding, planes)
        self.settings = SiglipSettings(**{**asdict(self.settings), "planes": planes})
        return self


def pixels(images: np.ndarray) -> torch.Tensor:
    """uint8 images [B,S,S,3] -> normalised float32 [B,3,S,S] (SigLIP's mean and deviation)."""
    x = torch.as_tensor(np.array(images)).permute(0, 3, 1, 2).float().div_(255)
    return (x - MEAN) / STD
