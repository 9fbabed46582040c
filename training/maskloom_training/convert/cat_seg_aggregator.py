"""CAT-Seg's aggregator: published weights in the kit's modules of LMSeg, whose forward is the same.

Joins of [cost | guidance] are written as sums of two maps there, so each such matrix is cut in two. CAT-Seg's class
layers have two things besides: learned classes that fill the list up to 256 (a graph of their own), and the outer
residual, which the runtime adds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

from ..llava.export import Graph
from ..lmseg.classes import ClassEnhancement, TextGuide
from ..lmseg.graphs import CostParts, CostSizes, cost_graphs
from ..lmseg.spatial import AppearanceGuide, SpatialEnhancement
from ..lmseg.upsample import Upsample
from .tensors import CheckpointError, Tensors

HEADS = 4
"""Heads of both attentions; the weights do not say."""
LIST = 256
"""Classes that the class layers were trained with: shorter lists are filled up."""


@dataclass(frozen=True)
class AggregatorShape:
    """Sizes of an aggregator, read off its tensors."""

    dim: int
    channels: int
    tap: int
    tap_channels: tuple[int, int]
    layers: int
    grid: int
    window: int


def shape_of(tensors: Tensors, tops: Tensors) -> AggregatorShape:
    """tensors: the aggregator's; tops: those of the whole model, with upsample1 and upsample2."""
    dim, prompts, *_ = tensors.shape("conv1.weight")
    if prompts != 1:
        raise CheckpointError(
            f"The checkpoint compares {prompts} sentences a class; converted are those with one (prompt type 'single')."
        )
    windows, cells, _ = tensors.shape("layers.0.swin_block.block_2.attn_mask")
    window = round(cells**0.5)
    tap, first, *_ = tops.shape("upsample1.weight")
    return AggregatorShape(
        dim=dim,
        channels=tensors.shape("guidance_projection.0.weight")[1],
        tap=tap,
        tap_channels=(first, tops.shape("upsample2.weight")[1]),
        layers=1 + max(int(n.split(".")[1]) for n in tensors.names() if n.startswith("layers.")),
        grid=window * round(windows**0.5),
        window=window,
    )


class Fillers(nn.Module):
    """classes [1] -> kv [g*g,H,d,d], k [g*g,H,d]: the sums of the learned classes that fill the list up."""

    def __init__(self, layer: ClassEnhancement, dim: int, cells: int) -> None:
        super().__init__()
        self.layer, self.cells = layer, cells
        self.token, self.guidance = nn.Parameter(torch.zeros(dim)), nn.Parameter(torch.zeros(dim))

    def forward(self, classes: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        inner = self.layer.norm1(self.token)
        k = F.elu(self.layer.key(inner) + self.layer.key_guide(self.guidance)) + 1
        k, v = k.reshape(self.layer.heads, -1), self.layer.value(inner).reshape(self.layer.heads, -1)
        count = torch.relu(LIST - classes)
        kv, k = k[:, :, None] * v[:, None, :] * count, k * count
        return kv[None].repeat(self.cells, 1, 1, 1), k[None].repeat(self.cells, 1, 1)


class CatSegAggregator(nn.Module):
    """The modules; their graphs are what is exported."""

    def __init__(self, shape: AggregatorShape) -> None:
        super().__init__()
        self.shape, dim, count = shape, shape.dim, range(shape.layers)
        self.embed = nn.Conv2d(1, dim, 7, padding=3)
        self.appearance = nn.ModuleList(AppearanceGuide(shape.channels, dim, shape.grid) for _ in count)
        self.spatial = nn.ModuleList(SpatialEnhancement(dim, HEADS, shape.grid, shape.window, 4) for _ in count)
        self.guide = TextGuide(shape.channels, dim)
        self.classes = nn.ModuleList(ClassEnhancement(dim, HEADS, 4) for _ in count)
        self.fillers = nn.ModuleList(Fillers(layer, dim, shape.grid**2) for layer in self.classes)
        self.upsample = Upsample(dim, shape.tap, shape.grid, shape.tap_channels)

    def graphs(self) -> dict[str, Graph]:
        """By name: cost-embed, spatial-i, class-i-sums, class-i-apply, class-i-fillers, upsample."""
        parts = CostParts(
            self.embed,
            list(zip(self.appearance, self.spatial, strict=True)),
            [(self.guide, layer) for layer in self.classes],
            self.upsample,
        )
        shape = self.shape
        graphs = cost_graphs(parts, CostSizes(shape.dim, HEADS, shape.grid, shape.channels, shape.tap))
        for i, filler in enumerate(self.fillers):
            graphs[f"class-{i}-fillers"] = Graph(filler, (torch.tensor([3.0]),), ["classes"], ["kv", "k"])
        return graphs


@torch.no_grad()
def load_aggregator(tensors: Tensors, tops: Tensors) -> CatSegAggregator:
    """Raises CheckpointError naming what is missing or of another shape."""
    model = CatSegAggregator(shape_of(tensors, tops)).eval()
    sources = _sources(model.shape)
    for name, target in model.state_dict().items():
        if name.startswith("fillers.") and ".layer." in name:
            continue
        if name.endswith(("first_guide.bias", "second.bias")):
            target.zero_()
            continue
        old, change = sources[name]
        value = change((tops if old.startswith("upsample") else tensors).read(old))
        if value.shape != target.shape:
            raise CheckpointError(f"{old} gives {tuple(value.shape)}; CAT-Seg's {name} needs {tuple(target.shape)}.")
        target.copy_(value)
    return model


def _sources(shape: AggregatorShape) -> dict[str, tuple[str, Callable[[torch.Tensor], torch.Tensor]]]:
    """The module's tensor -> the checkpoint's, and what is taken of it."""
    table: dict[str, tuple[str, Callable[[torch.Tensor], torch.Tensor]]] = {}

    def same(new: str, old: str) -> None:
        for kind in ("weight", "bias"):
            table[f"{new}.{kind}"] = (f"{old}.{kind}", lambda x: x)

    def cut(new: str, old: str, at: int, guide: str) -> None:
        table[f"{new}.weight"] = (f"{old}.weight", lambda x: x[:, :at])
        table[f"{guide}.weight"] = (f"{old}.weight", lambda x: x[:, at:])

    def joined(new: str, old: str) -> None:
        for part, short in (("query", "q"), ("key", "k")):
            same(f"{new}.{part}", f"{old}.{short}")
            cut(f"{new}.{part}", f"{old}.{short}", shape.dim, f"{new}.{part}_guide")
        same(f"{new}.value", f"{old}.v")

    same("embed", "conv1")
    same("guide.linear", "text_guidance_projection.0")
    for i in range(shape.layers):
        old = f"layers.{i}"
        same(f"appearance.{i}.conv", "guidance_projection.0")
        same(f"appearance.{i}.norm", f"{old}.swin_block.guidance_norm")
        for b in (0, 1):
            new, block = f"spatial.{i}.blocks.{b}", f"{old}.swin_block.block_{b + 1}"
            joined(new, f"{block}.attn")
            for mine, theirs in (
                ("norm1", "norm1"), ("norm2", "norm2"), ("out", "attn.proj"), ("mlp.0", "mlp.fc1"), ("mlp.2", "mlp.fc2")
            ):  # fmt: skip
                same(f"{new}.{mine}", f"{block}.{theirs}")
        new, block = f"classes.{i}", f"{old}.attention"
        joined(new, f"{block}.attention")
        for mine, theirs in (("norm1", "norm1"), ("norm2", "norm2"), ("mlp.0", "MLP.0"), ("mlp.2", "MLP.2")):
            same(f"{new}.{mine}", f"{block}.{theirs}")
        table[f"fillers.{i}.token"] = (f"{block}.padding_tokens", torch.flatten)
        table[f"fillers.{i}.guidance"] = (f"{block}.padding_guidance", torch.flatten)
    for number, (new, wide, guide) in enumerate(
        (("coarse", shape.dim, shape.dim // 4), ("fine", shape.dim // 2, shape.dim // 8)), 1
    ):
        same(f"upsample.tap{number}.0", f"upsample{number}")
        same(f"upsample.tap{number}.1", f"decoder_guidance_projection.{number - 1}.0")
        same(f"upsample.{new}.up", f"decoder{number}.up")
        convolutions = f"decoder{number}.conv.double_conv"
        cut(f"upsample.{new}.first", f"{convolutions}.0", wide - guide, f"upsample.{new}.first_guide")
        same(f"upsample.{new}.norm1", f"{convolutions}.1")
        table[f"upsample.{new}.second.weight"] = (f"{convolutions}.3.weight", lambda x: x)
        same(f"upsample.{new}.norm2", f"{convolutions}.4")
    same("upsample.head", "head")
    return table
