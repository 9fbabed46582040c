"""CLIP in OpenAI's names, as CAT-Seg keeps it (query, key and value matrices apart), under CLIPModel's names."""

from __future__ import annotations

import re
from collections.abc import Callable

import torch
from torch.nn import functional as F
from transformers import CLIPConfig

from .tensors import Derived, Tensors

HEAD = 64
"""Channels of a head in all of OpenAI's models."""
_BLOCK = {
    "ln_1": "layer_norm1",
    "ln_2": "layer_norm2",
    "mlp.c_fc": "mlp.fc1",
    "mlp.c_proj": "mlp.fc2",
    "attn.out_proj": "self_attn.out_proj",
}
_OUTER = {
    "visual.conv1": "vision_model.embeddings.patch_embedding",
    "visual.ln_pre": "vision_model.pre_layrnorm",
    "visual.ln_post": "vision_model.post_layernorm",
    "token_embedding": "text_model.embeddings.token_embedding",
    "ln_final": "text_model.final_layer_norm",
}
Change = Callable[[torch.Tensor], torch.Tensor]


def openai_clip(tensors: Tensors, grid: int) -> tuple[CLIPConfig, Tensors]:
    """Configuration and tensors; the position table is brought to `grid` x `grid` patches as CAT-Seg does."""
    table: dict[str, tuple[str, Change]] = {}
    for name in tensors.names():
        for new, change in _renamed(name, grid):
            table[new] = (name, change)
    own = Derived(tensors, table)
    return _config(own, grid), own


def _renamed(name: str, grid: int) -> list[tuple[str, Change]]:
    block = re.fullmatch(r"(visual\.)?transformer\.resblocks\.(\d+)\.(.+)", name)
    if block is not None:
        side = "vision_model" if block[1] else "text_model"
        return [(f"{side}.encoder.layers.{block[2]}.{new}", change) for new, change in _in_block(block[3])]
    outer, _, kind = name.rpartition(".")
    if outer in _OUTER:
        return [(f"{_OUTER[outer]}.{kind}", _same)]
    return {
        "visual.class_embedding": [("vision_model.embeddings.class_embedding", _same)],
        "visual.positional_embedding": [
            ("vision_model.embeddings.position_embedding.weight", lambda table: places(table, grid))
        ],
        "visual.proj": [("visual_projection.weight", _turned)],
        "positional_embedding": [("text_model.embeddings.position_embedding.weight", _same)],
        "text_projection": [("text_projection.weight", _turned)],
    }.get(name, [])


def _in_block(part: str) -> list[tuple[str, Change]]:
    packed = re.fullmatch(r"attn\.in_proj_(weight|bias)", part)
    if packed is not None:
        return [(f"self_attn.{p}_proj.{packed[1]}", _third(i)) for i, p in enumerate("qkv")]
    alone = re.fullmatch(r"attn\.([qkv])_proj_weight", part)
    if alone is not None:
        return [(f"self_attn.{alone[1]}_proj.weight", _same)]
    head, _, kind = part.rpartition(".")
    return [(f"{_BLOCK[head]}.{kind}", _same)] if head in _BLOCK else []


def _same(x: torch.Tensor) -> torch.Tensor:
    return x


def _turned(x: torch.Tensor) -> torch.Tensor:
    return x.T


def _third(i: int) -> Change:
    return lambda x: x[i * (len(x) // 3) : (i + 1) * (len(x) // 3)]


def places(table: torch.Tensor, grid: int) -> torch.Tensor:
    """A position table [1 + s * s, D] for grid * grid patches: bicubic, the class token's row as it is."""
    side = round((len(table) - 1) ** 0.5)
    if side == grid:
        return table
    square = table[1:].T.reshape(1, -1, side, side)
    resized = F.interpolate(square, size=(grid, grid), mode="bicubic", align_corners=False)
    return torch.cat([table[:1], resized.flatten(2)[0].T])


def _config(own: Tensors, grid: int) -> CLIPConfig:
    def layers(side: str) -> int:
        return len({n.split(".")[3] for n in own.names() if n.startswith(f"{side}.encoder.layers.")})

    width, _, patch, _ = own.shape("vision_model.embeddings.patch_embedding.weight")
    words, text_width = own.shape("text_model.embeddings.token_embedding.weight")
    length = own.shape("text_model.embeddings.position_embedding.weight")[0]
    projection = own.shape("visual_projection.weight")[0]
    same = dict(hidden_act="quick_gelu", layer_norm_eps=1e-5, projection_dim=projection)
    vision = dict(
        hidden_size=width, intermediate_size=4 * width, num_hidden_layers=layers("vision_model"),
        num_attention_heads=width // HEAD, image_size=grid * patch, patch_size=patch, **same,
    )  # fmt: skip
    text = dict(
        hidden_size=text_width, intermediate_size=4 * text_width, num_hidden_layers=layers("text_model"),
        num_attention_heads=text_width // HEAD, vocab_size=words, max_position_embeddings=length, **same,
    )  # fmt: skip
    return CLIPConfig(vision_config=vision, text_config=text, projection_dim=projection)
