"""CLIP-tiny: transformers' CLIPModel at toy width, with dense (per-patch) embeddings beside the global one."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from transformers import CLIPConfig, CLIPModel

from .stem import ConvStem

# CLIP's published normalisation constants, in 0..1 (Radford et al. 2021, the released preprocessor).
MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)


@dataclass(frozen=True)
class ClipSettings:
    """Widths of CLIP-tiny. `stem` is "conv" (ConvStem) or "patch" (the plain Hugging Face embedding).

    CLIP B/16: image_size 384, patch_size 16, width 768, layers 12, heads 12, mlp 3072, text_width 512, text_layers 12,
    text_heads 8, text_mlp 2048, text_length 77, projection 512, vocabulary 49408, stem "patch", activation
    "quick_gelu". `text_heads` is `heads` when None.
    """

    image_size: int = 128
    patch_size: int = 8
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
    text_heads: int | None = None

    def hugging_face(self) -> CLIPConfig:
        """The same widths as a CLIPConfig."""
        return CLIPConfig(
            projection_dim=self.projection,
            logit_scale_init_value=float(np.log(10.0)),
            text_config={
                "vocab_size": self.vocabulary,
                "hidden_size": self.text_width,
                "intermediate_size": self.text_mlp,
                "num_hidden_layers": self.text_layers,
                "num_attention_heads": self.text_heads or self.heads,
                "max_position_embeddings": self.text_length,
                "hidden_act": self.activation,
                "bos_token_id": self.bos,
                "eos_token_id": self.eos,
                "pad_token_id": self.pad,
            },
            vision_config={
                "hidden_size": self.width,
                "intermediate_size": self.mlp,
                "num_hidden_layers": self.layers,
                "num_attention_heads": self.heads,
                "image_size": self.image_size,
                "patch_size": self.patch_size,
                "hidden_act": self.activation,
            },
        )


class ClipTiny(nn.Module):
    """CLIPModel plus the dense head: patch states through the same visual projection as the CLS token.

    LLaVA-tiny selects the last encoder layer's patch states (no CLS, before post_layernorm); dense
    embeddings are `visual_projection` of exactly those states, so the projector can start from it.
    """

    def __init__(self, settings: ClipSettings) -> None:
        super().__init__()
        self.settings = settings
        self.clip = CLIPModel(settings.hugging_face())
        if settings.stem == "conv":
            self.clip.vision_model.embeddings.patch_embedding = ConvStem(settings.width)
        elif settings.stem != "patch":
            raise ValueError(f"stem must be 'conv' or 'patch', got {settings.stem!r}")
        # HF's initial 0.02 is far below the stem's scale of about 1; LayerNorm would drown positions.
        nn.init.normal_(self.clip.vision_model.embeddings.position_embedding.weight, std=0.3)

    def config(self) -> dict:
        """Settings as JSON, to be stored in a checkpoint."""
        return asdict(self.settings)

    def forward(self, pixel_values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """pixel_values [B,3,S,S] -> (patch_features [B,L,width] row major, image_embed [B,projection], unit)."""
        output = self.clip.vision_model(pixel_values=pixel_values)
        embed = self.clip.visual_projection(output.pooler_output)
        return output.last_hidden_state[:, 1:], F.normalize(embed, dim=-1)

    def dense(self, patch_features: torch.Tensor) -> torch.Tensor:
        """Unit dense embeddings [..., projection] of patch features [..., width]."""
        return F.normalize(self.clip.visual_projection(patch_features), dim=-1)

    def text(self, input_ids: torch.Tensor) -> torch.Tensor:
        """Unit embeddings [N, projection] of token rows [N, T], each ended by </s> and padded behind it."""
        return F.normalize(self.clip.get_text_features(input_ids=input_ids).pooler_output, dim=-1)


def pixels(images: np.ndarray) -> torch.Tensor:
    """uint8 images [B,S,S,3] -> normalised float32 [B,3,S,S] (CLIP's mean and std)."""
    x = torch.as_tensor(np.array(images)).permute(0, 3, 1, 2).float().div_(255)
    return (x - torch.tensor(MEAN).view(3, 1, 1)) / torch.tensor(STD).view(3, 1, 1)


def pad_rows(rows: list[list[int]], pad: int) -> torch.Tensor:
    """Token lists -> int64 [N, longest], padded on the right."""
    width = max(len(row) for row in rows)
    return torch.tensor([row + [pad] * (width - len(row)) for row in rows])
