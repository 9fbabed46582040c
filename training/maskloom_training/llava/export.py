"""The exported graphs of CLIP-tiny and LLaVA-tiny, as modules whose forward is exactly one ONNX graph."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import nn
from transformers import LlamaForCausalLM
from transformers.cache_utils import DynamicCache

from ..clip.model import ClipTiny
from ..segment.projection import SegProjection
from .model import LlavaSettings, LlavaTiny


@dataclass(frozen=True)
class Graph:
    """One graph to export: module, example inputs, names, and dynamic axes {tensor: {axis: name}}."""

    module: nn.Module
    inputs: tuple[torch.Tensor, ...]
    input_names: list[str]
    output_names: list[str]
    dynamic: dict[str, dict[int, str]] = field(default_factory=dict)


class ClipTower(nn.Module):
    """pixel_values [B,3,S,S] -> patch_features [B,L,Dv], image_embed [B,De] (unit length)."""

    def __init__(self, clip: ClipTiny) -> None:
        super().__init__()
        self.clip = clip

    def forward(self, pixel_values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return self.clip(pixel_values)


class TokenEmbedding(nn.Module):
    """input_ids [B,T] -> inputs_embeds [B,T,D]."""

    def __init__(self, table: nn.Embedding) -> None:
        super().__init__()
        self.table = table

    def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
        return self.table(input_ids)


class CachedLanguageModel(nn.Module):
    """One step of the language model with its KV cache as plain tensors.

    inputs_embeds [B,T,D], attention_mask [B,past+T], position_ids [B,T], then key and value
    [B,heads,past,d] of every layer -> logits [B,T,V], hidden_states [B,T,D] (after the final norm), then
    key and value [B,heads,past+T,d] of every layer. `past` may be 0.
    """

    def __init__(self, language_model: LlamaForCausalLM) -> None:
        super().__init__()
        self.language_model = language_model

    def forward(self, inputs_embeds, attention_mask, position_ids, *past):
        hidden, present = self.states(inputs_embeds, attention_mask, position_ids, past)
        return (self.language_model.lm_head(hidden), hidden, *present)

    def states(self, inputs_embeds, attention_mask, position_ids, past):
        """(states [B,T,D] after the final norm, the keys and values of every layer)"""
        llama = self.language_model.model
        cache = DynamicCache()
        for layer in range(len(past) // 2):
            cache.update(past[2 * layer], past[2 * layer + 1], layer)
        total = attention_mask.shape[1]
        before = total - inputs_embeds.shape[1]
        keys = torch.arange(total)
        queries = torch.arange(total)[before:]
        sees = (keys[None, :] <= queries[:, None])[None, None] & (attention_mask[:, None, None, :] > 0)
        mask = torch.where(sees, 0.0, torch.finfo(torch.float32).min)
        hidden = inputs_embeds
        rotary = llama.rotary_emb(hidden, position_ids=position_ids)
        for layer in llama.layers:
            hidden = layer(
                hidden,
                attention_mask=mask,
                position_ids=position_ids,
                past_key_values=cache,
                use_cache=True,
                position_embeddings=rotary,
            )
        hidden = llama.norm(hidden)
        return hidden, [t for layer in cache.layers for t in (layer.keys, layer.values)]


class ChosenLogits(CachedLanguageModel):
    """As `CachedLanguageModel`, with logits [B,K,V] of the positions `logits_at` [K] among the T; K may be 0.

    The vocabulary of a large model times the tokens of a picture is a gigabyte of logits of which one row is read.
    """

    def forward(self, inputs_embeds, attention_mask, position_ids, logits_at, *past):
        hidden, present = self.states(inputs_embeds, attention_mask, position_ids, past)
        return (self.language_model.lm_head(hidden[:, logits_at]), hidden, *present)


def cache_names(prefix: str, layers: int) -> list[str]:
    """["prefix.0.key", "prefix.0.value", ...]."""
    return [f"{prefix}.{i}.{part}" for i in range(layers) for part in ("key", "value")]


def clip_graph(clip: ClipTiny) -> Graph:
    """The clip-tower graph."""
    size = clip.settings.image_size
    names = ["patch_features", "image_embed"]
    return Graph(
        ClipTower(clip),
        (torch.randn(2, 3, size, size),),
        ["pixel_values"],
        names,
        {n: {0: "B"} for n in ["pixel_values", *names]},
    )


def projector_graph(llava: LlavaTiny) -> Graph:
    """The projector graph."""
    s = llava.settings
    names = ["patch_features", "image_tokens"]
    example = torch.randn(2, s.image_tokens, s.vision_width)
    return Graph(llava.projector, (example,), names[:1], names[1:], {n: {0: "B"} for n in names})


def embedding_graph(llava: LlavaTiny) -> Graph:
    """The token-embedding graph."""
    names = ["input_ids", "inputs_embeds"]
    return Graph(
        TokenEmbedding(llava.llama.embed_tokens),
        (torch.randint(0, llava.settings.vocabulary, (2, 5)),),
        names[:1],
        names[1:],
        {n: {0: "B", 1: "T"} for n in names},
    )


def language_graph(llava: LlavaTiny) -> Graph:
    """The language-model graph. Attention must be "eager" while exporting (plain operators)."""
    s: LlavaSettings = llava.settings
    batch, past, new = 2, 3, 4
    groups = getattr(s, "groups", None) or s.heads
    cache = [torch.randn(batch, groups, past, s.hidden // s.heads) for _ in range(2 * s.layers)]
    mask = torch.ones(batch, past + new, dtype=torch.long)
    positions = torch.arange(past, past + new).expand(batch, -1).contiguous()
    inputs = ["inputs_embeds", "attention_mask", "position_ids", "logits_at", *cache_names("past_key_values", s.layers)]
    outputs = ["logits", "hidden_states", *cache_names("present", s.layers)]
    dynamic: dict[str, dict[int, str]] = {
        "inputs_embeds": {0: "B", 1: "T"},
        "attention_mask": {0: "B", 1: "past+T"},
        "position_ids": {0: "B", 1: "T"},
        "logits_at": {0: "K"},
        "logits": {0: "B", 1: "K"},
        "hidden_states": {0: "B", 1: "T"},
    }
    dynamic |= {n: {0: "B", 2: "past"} for n in cache_names("past_key_values", s.layers)}
    dynamic |= {n: {0: "B", 2: "past+T"} for n in cache_names("present", s.layers)}
    example = (torch.randn(batch, new, s.hidden), mask, positions, torch.tensor([1, 3]), *cache)
    return Graph(ChosenLogits(llava.language_model), example, inputs, outputs, dynamic)


def seg_graph(projection: SegProjection, hidden: int) -> Graph:
    """The seg-projection graph."""
    names = ["hidden", "embeddings"]
    return Graph(projection, (torch.randn(3, hidden),), names[:1], names[1:], {n: {0: "N"} for n in names})
