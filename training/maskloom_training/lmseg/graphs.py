"""LMSeg's exported graphs, each a module whose forward is exactly one ONNX file.

Shared by rows that do not tune it: clip-dense, clip-text, sam-encoder. Per row: fusion, cost-embed, for each layer i
spatial-i, class-i-sums, class-i-apply (where that enhancement is on), upsample. T, the classes of one chunk, is free in
all of them: the classes meet only in class-i-sums' two outputs, which a caller adds over chunks.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from ..clip.model import ClipSettings
from ..llava.export import Graph
from .dense_clip import ClipText
from .model import Lmseg


class FusionGraph(nn.Module):
    """clip [1,L,C], sam [1,Cs,h,w] -> fused [1,C,g,g], and the weight where the fusion has one.

    The fusions "clip" and "sam" have that one input.
    """

    def __init__(self, model: Lmseg) -> None:
        super().__init__()
        self.fusion = model.fusion

    def forward(self, *maps: torch.Tensor):
        given = dict(zip(fusion_inputs(self.fusion.kind), maps, strict=True))
        fused, weight = self.fusion(given.get("clip"), given.get("sam")), self.fusion.weight
        return fused if weight is None else (fused, weight)


def fusion_inputs(kind: str) -> list[str]:
    """Inputs of the fusion graph: an encoder's map that the fusion does not read is not among them."""
    return [kind] if kind in ("clip", "sam") else ["clip", "sam"]


class FusionAtGraph(nn.Module):
    """As FusionGraph with CLIP's weight given, in 0..1 and of the learned one's shape: 1 is CLIP alone, 0 SAM alone."""

    def __init__(self, model: Lmseg) -> None:
        super().__init__()
        self.fusion = model.fusion

    def forward(self, clip: torch.Tensor, sam: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return self.fusion.fuse(clip, sam, weight)


class CostEmbedGraph(nn.Module):
    """cost [T,1,g,g] -> embed [T,D,g,g]."""

    def __init__(self, conv: nn.Module) -> None:
        super().__init__()
        self.conv = conv

    def forward(self, cost: torch.Tensor) -> torch.Tensor:
        return self.conv(cost)


class SpatialGraph(nn.Module):
    """embed [T,D,g,g], guidance [1,L,C] (CLIP's dense features) -> embed [T,D,g,g]."""

    def __init__(self, appearance: nn.Module, layer: nn.Module) -> None:
        super().__init__()
        self.appearance, self.layer = appearance, layer

    def forward(self, embed: torch.Tensor, guidance: torch.Tensor) -> torch.Tensor:
        return _rows(self.layer(_cells(embed), self.appearance(guidance)))


class ClassSumsGraph(nn.Module):
    """embed [T,D,g,g], text [T,C] -> kv [g*g,H,d,d], k [g*g,H,d]: sums over these T classes."""

    def __init__(self, guide: nn.Module, layer: nn.Module) -> None:
        super().__init__()
        self.guide, self.layer = guide, layer

    def forward(self, embed: torch.Tensor, text: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        kv, k = self.layer.sums(_cells(embed), self.guide(text))
        return kv[0], k[0]


class ClassApplyGraph(nn.Module):
    """embed [T,D,g,g], text [T,C], kv and k summed over all chunks -> embed [T,D,g,g]."""

    def __init__(self, guide: nn.Module, layer: nn.Module) -> None:
        super().__init__()
        self.guide, self.layer = guide, layer

    def forward(self, embed: torch.Tensor, text: torch.Tensor, kv: torch.Tensor, k: torch.Tensor) -> torch.Tensor:
        return _rows(self.layer.apply_sums(_cells(embed), self.guide(text), kv[None], k[None]))


class UpsampleGraph(nn.Module):
    """embed [T,D,g,g], tap1 [1,L,Dv], tap2 [1,L,Dv] -> logits [T,4g,4g]."""

    def __init__(self, decoder: nn.Module) -> None:
        super().__init__()
        self.decoder = decoder

    def forward(self, embed: torch.Tensor, tap1: torch.Tensor, tap2: torch.Tensor) -> torch.Tensor:
        return self.decoder(embed[None], tap1, tap2)[0]


def _cells(embed: torch.Tensor) -> torch.Tensor:
    """[T,D,g,g] -> [1,T,g,g,D]."""
    return embed.permute(0, 2, 3, 1)[None]


def _rows(x: torch.Tensor) -> torch.Tensor:
    """[1,T,g,g,D] -> [T,D,g,g]."""
    return x[0].permute(0, 3, 1, 2)


def encoder_graphs(model: Lmseg) -> dict[str, Graph]:
    """clip-dense and clip-text (the SAM encoder has its own export)."""
    side = model.clip.settings.image_size
    dense_out = ["dense", "tap1", "tap2"]
    return {
        "clip-dense": Graph(
            model.dense_clip, (torch.randn(2, 3, side, side),), ["pixel_values"], dense_out,
            {name: {0: "B"} for name in ("pixel_values", *dense_out)},
        ),
        "clip-text": text_graph(model.clip_text, model.clip.settings),
    }  # fmt: skip


def text_graph(tower: ClipText, settings: ClipSettings) -> Graph:
    """clip-text of a text tower."""
    ids = torch.full((3, min(9, settings.text_length)), settings.pad)
    ids[:, :4] = torch.tensor([[9, 11, 12, settings.eos]])
    mask = torch.tensor([[1] * 4 + [0] * (ids.shape[1] - 4)]).expand(3, -1).contiguous()
    return Graph(
        tower, (ids, mask), ["input_ids", "attention_mask"], ["text_embed"],
        {"input_ids": {0: "B", 1: "T"}, "attention_mask": {0: "B", 1: "T"}, "text_embed": {0: "B"}},
    )  # fmt: skip


def row_graphs(model: Lmseg, classes: int = 3) -> dict[str, Graph]:
    """The graphs of one row, with example inputs of `classes` classes."""
    s, grid = model.settings, model.grid
    channels, width = model.clip.settings.projection, model.clip.settings.width
    dense = torch.randn(1, grid * grid, channels)
    sam = torch.randn(1, model.sam.tiny.embed, model.sam.tiny.grid, model.sam.tiny.grid)
    maps = {name: {"clip": dense, "sam": sam}[name] for name in fusion_inputs(s.fusion)}
    weighted = ["weight"] if model.fusion.weight is not None else []
    graphs = {"fusion": Graph(FusionGraph(model), tuple(maps.values()), list(maps), ["fused", *weighted])}
    if weighted:
        given = torch.rand_like(model.fusion.free)
        graphs["fusion-at"] = Graph(FusionAtGraph(model), (dense, sam, given), ["clip", "sam", "weight"], ["fused"])
    parts = CostParts(
        model.cost_embed,
        [(model.appearance, layer) for layer in model.spatial] if s.spatial else [],
        [(model.text_guide, layer) for layer in model.class_layers] if s.classes else [],
        model.upsample,
    )
    return graphs | cost_graphs(parts, CostSizes(s.dim, s.heads, grid, channels, width), classes)


@dataclass(frozen=True)
class CostParts:
    """The modules behind a cost volume; layers as pairs of what guides them and the layer."""

    embed: nn.Module
    spatial: list[tuple[nn.Module, nn.Module]]
    classes: list[tuple[nn.Module, nn.Module]]
    upsample: nn.Module


@dataclass(frozen=True)
class CostSizes:
    """Width and heads of the cost embedding, side of the grid, channels of CLIP's features, width of its taps."""

    dim: int
    heads: int
    grid: int
    channels: int
    tap: int


def cost_graphs(parts: CostParts, sizes: CostSizes, classes: int = 3) -> dict[str, Graph]:
    """cost-embed, spatial-i, class-i-sums, class-i-apply and upsample, with example inputs of `classes` classes."""
    grid, cells, head = sizes.grid, sizes.grid**2, sizes.dim // sizes.heads
    dense, tap = torch.randn(1, cells, sizes.channels), torch.randn(1, cells, sizes.tap)
    embed, text = torch.randn(classes, sizes.dim, grid, grid), torch.randn(classes, sizes.channels)
    kv, k = torch.rand(cells, sizes.heads, head, head), torch.rand(cells, sizes.heads, head) + 1
    free = {"embed": {0: "T"}, "text": {0: "T"}}
    graphs = {
        "cost-embed": Graph(
            CostEmbedGraph(parts.embed), (torch.rand(classes, 1, grid, grid),), ["cost"], ["embed"],
            {"cost": {0: "T"}, "embed": {0: "T"}},
        ),
        "upsample": Graph(
            UpsampleGraph(parts.upsample), (embed, tap, tap.flip(1)), ["embed", "tap1", "tap2"], ["logits"],
            {"embed": {0: "T"}, "logits": {0: "T"}},
        ),
    }  # fmt: skip
    for i, pair in enumerate(parts.spatial):
        names = ["embed", "guidance"]
        graphs[f"spatial-{i}"] = Graph(SpatialGraph(*pair), (embed, dense), names, ["enhanced"], _both(free))
    for i, pair in enumerate(parts.classes):
        names = ["embed", "text"]
        graphs[f"class-{i}-sums"] = Graph(ClassSumsGraph(*pair), (embed, text), names, ["kv", "k"], dict(free))
        graphs[f"class-{i}-apply"] = Graph(
            ClassApplyGraph(*pair), (embed, text, kv, k), [*names, "kv", "k"], ["enhanced"], _both(free)
        )
    for graph in graphs.values():
        names = {*graph.input_names, *graph.output_names}
        for name in set(graph.dynamic) - names:
            del graph.dynamic[name]
    return graphs


def _both(free: dict) -> dict:
    """The dynamic axes with those of the output, which may not share its input's name."""
    return free | {"enhanced": {0: "T"}}
