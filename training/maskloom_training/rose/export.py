"""ROSE's graphs as modules whose forward is exactly one ONNX graph."""

from __future__ import annotations

import copy

import torch
from torch import nn

from ..llava.export import Graph, embedding_graph, language_graph, projector_graph, seg_graph
from ..onevision.model import OneVisionTiny
from ..onnx_tools import round_to_half
from ..siglip.model import SiglipTiny
from .analyzer import PatchAnalyzer
from .recipes import RoseWeights


class SiglipTower(nn.Module):
    """pixel_values [B,planes,S,S] -> patch_features [B,L,Dv], image_embed [B,De] (unit length)."""

    def __init__(self, siglip: SiglipTiny) -> None:
        super().__init__()
        self.siglip = siglip

    def forward(self, pixel_values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return self.siglip(pixel_values)


class SiglipText(nn.Module):
    """input_ids [B,T], attention_mask [B,T] -> text_embed [B,De] (unit length)."""

    def __init__(self, siglip: SiglipTiny) -> None:
        super().__init__()
        self.siglip = siglip

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        return self.siglip.text(input_ids, attention_mask)


def tower_graph(siglip: SiglipTiny) -> Graph:
    """The siglip-tower graph."""
    s = siglip.settings
    names = ["patch_features", "image_embed"]
    example = torch.randn(2, s.planes, s.image_size, s.image_size)
    dynamic = {n: {0: "B"} for n in ["pixel_values", *names]}
    return Graph(SiglipTower(siglip), (example,), ["pixel_values"], names, dynamic)


def text_graph(siglip: SiglipTiny) -> Graph:
    """The siglip-text graph."""
    ids = torch.randint(4, siglip.settings.vocabulary, (3, 6))
    mask = torch.ones(3, 6, dtype=torch.long)
    mask[0, 4:] = 0
    names = ["input_ids", "attention_mask"]
    dynamic = {n: {0: "B", 1: "T"} for n in names} | {"text_embed": {0: "B"}}
    return Graph(SiglipText(siglip), (ids, mask), names, ["text_embed"], dynamic)


def analyzer_graph(analyzer: PatchAnalyzer, width: int) -> Graph:
    """The patch-analyzer graph."""
    names = ["objectness", "mask_embeddings", "category_embeddings", "text_embeddings"]
    dynamic = {n: {0: "P"} for n in ["states", *names]}
    return Graph(analyzer, (torch.randn(5, width),), ["states"], names, dynamic)


def exportable_siglip(siglip: SiglipTiny) -> SiglipTiny:
    """A copy with plain attention operators and its weights on the float16 grid."""
    twin = SiglipTiny(siglip.settings)
    twin.load_state_dict(siglip.state_dict())
    twin.attention("eager")
    return round_to_half(twin).eval().requires_grad_(False)


def exportable_model(model: OneVisionTiny) -> OneVisionTiny:
    """A copy on the float16 grid with plain attention operators."""
    twin = OneVisionTiny(model.settings)
    twin.load_state_dict(model.state_dict())
    twin.language_model.set_attn_implementation("eager")
    return round_to_half(twin).eval().requires_grad_(False)


def row_graphs(weights: RoseWeights) -> dict[str, Graph]:
    """A row's own graphs but the mask decoder: token-embedding, language-model, patch-analyzer or seg-projection."""
    model = exportable_model(weights.model)
    graphs = {"token-embedding": embedding_graph(model), "language-model": language_graph(model)}
    if weights.analyzer is not None:
        analyzer = round_to_half(copy.deepcopy(weights.analyzer)).eval()
        graphs["patch-analyzer"] = analyzer_graph(analyzer, model.settings.hidden)
    else:
        graphs["seg-projection"] = seg_graph(
            round_to_half(copy.deepcopy(weights.projection)).eval(), model.settings.hidden
        )
    return graphs


def base_graphs(siglip: SiglipTiny, model: OneVisionTiny) -> dict[str, Graph]:
    """What all rows share: siglip-tower, siglip-text, rose-projector."""
    twin = exportable_siglip(siglip)
    return {
        "siglip-tower": tower_graph(twin),
        "siglip-text": text_graph(twin),
        "rose-projector": projector_graph(exportable_model(model)),
    }
