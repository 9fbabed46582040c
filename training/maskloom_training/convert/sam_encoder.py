"""SAM's image encoder as a graph, with attention over the whole grid a few heads at a time.

Scores of one head at 64 x 64 cells are 4096 x 4096 floats (67 MB), and SAM has 12 to 16: worked in slices of heads the
peak of memory is a fraction, and the numbers are the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.nn import functional as F

from .graph import Graph
from .tensors import CheckpointError, Tensors

SCORE_BYTES = 1 << 28
"""Heads are worked together as long as their scores fit in this."""
EPSILON = 1e-6
"""Of every LayerNorm in SAM."""


@dataclass(frozen=True)
class SamShape:
    """Widths of an image encoder, read off its tensors (Hugging Face names)."""

    image_size: int
    patch: int
    width: int
    layers: int
    head: int
    embed: int
    windows: tuple[int, ...]
    """By layer: the side of its windows in cells, 0 for the whole grid."""

    @property
    def grid(self) -> int:
        return self.image_size // self.patch

    @property
    def global_layers(self) -> tuple[int, ...]:
        return tuple(i for i, window in enumerate(self.windows) if window == 0)


def shape_of(tensors: Tensors) -> SamShape:
    """Reads the shape of a vision encoder; raises CheckpointError when it is not SAM's ViT."""
    names = set(tensors.names())
    for needed in ("patch_embed.projection.weight", "pos_embed", "layers.0.attn.rel_pos_h", "neck.conv1.weight"):
        if needed not in names:
            raise CheckpointError(f"SAM's image encoder has no {needed}: this is not a ViT-B, ViT-L or ViT-H of SAM.")
    width, _, patch, _ = tensors.shape("patch_embed.projection.weight")
    grid = tensors.shape("pos_embed")[1]
    layers = sum(1 for name in names if name.endswith(".attn.qkv.weight"))
    lengths = [tensors.shape(f"layers.{i}.attn.rel_pos_h") for i in range(layers)]
    return SamShape(
        image_size=grid * patch,
        patch=patch,
        width=width,
        layers=layers,
        head=lengths[0][1],
        embed=tensors.shape("neck.conv1.weight")[0],
        windows=tuple(0 if length == 2 * grid - 1 else (length + 1) // 2 for length, _ in lengths),
    )


def sam_encoder(g: Graph, shape: SamShape, layers: int | None = None) -> None:
    """pixel_values [B,3,S,S] -> image_embeddings [B,C,h,w]. Tensor names are those of SamVisionEncoder."""
    grid, width = shape.grid, shape.width
    pixels = g.input("pixel_values", ["B", 3, shape.image_size, shape.image_size])
    weight, bias = g.weight("patch_embed.projection.weight"), g.weight("patch_embed.projection.bias")
    x = g.transpose(g.op("Conv", pixels, weight, bias, strides=[shape.patch] * 2), 0, 2, 3, 1)
    x = g.op("Add", x, g.weight("pos_embed"))
    for i in range(shape.layers if layers is None else min(layers, shape.layers)):
        layer, window = f"layers.{i}", shape.windows[i]
        y = g.layer_norm(x, f"{layer}.layer_norm1", EPSILON)
        if window:
            y = _windows(g, y, grid, window, width)
        y = _attention(g, y, f"{layer}.attn", shape, window or grid)
        if window:
            y = _whole(g, y, grid, window, width)
        x = g.op("Add", x, y)
        y = g.layer_norm(x, f"{layer}.layer_norm2", EPSILON)
        y = g.linear(g.activation(g.linear(y, f"{layer}.mlp.lin1"), "gelu"), f"{layer}.mlp.lin2")
        x = g.op("Add", x, y)
    x = g.op("Conv", g.transpose(x, 0, 3, 1, 2), g.weight("neck.conv1.weight"))
    x = _channel_norm(g, x, "neck.layer_norm1")
    x = g.op("Conv", x, g.weight("neck.conv2.weight"), pads=[1, 1, 1, 1])
    x = _channel_norm(g, x, "neck.layer_norm2")
    g.output(x, "image_embeddings", ["B", shape.embed, grid, grid])


def _channel_norm(g: Graph, x: str, name: str) -> str:
    return g.transpose(g.layer_norm(g.transpose(x, 0, 2, 3, 1), name, EPSILON), 0, 3, 1, 2)


def _windows(g: Graph, x: str, grid: int, window: int, width: int) -> str:
    """[B,h,w,D] -> [B * windows, window, window, D], padded with zeros right and below."""
    across = -(-grid // window)
    rest = across * window - grid
    if rest:
        x = g.op("Pad", x, g.ints(0, 0, 0, 0, 0, rest, rest, 0))
    x = g.transpose(g.reshape(x, -1, across, window, across, window, width), 0, 1, 3, 2, 4, 5)
    return g.reshape(x, -1, window, window, width)


def _whole(g: Graph, x: str, grid: int, window: int, width: int) -> str:
    """Back from windows, without the padding."""
    across = -(-grid // window)
    x = g.transpose(g.reshape(x, -1, across, across, window, window, width), 0, 1, 3, 2, 4, 5)
    x = g.reshape(x, -1, across * window, across * window, width)
    if across * window == grid:
        return x
    return g.slice(g.slice(x, 0, grid, 1), 0, grid, 2)


def _attention(g: Graph, x: str, name: str, shape: SamShape, side: int) -> str:
    """Attention over x [B,side,side,D] with SAM's decomposed relative positions."""
    head, heads = shape.head, shape.width // shape.head
    cells = side * side
    qkv = g.reshape(g.linear(x, f"{name}.qkv"), -1, cells, 3, heads, head)
    qkv = g.transpose(qkv, 2, 0, 3, 1, 4)
    query, key, value = (
        g.op("Squeeze", part, g.ints(0)) for part in g.split_op("Split", 3, qkv, axis=0, num_outputs=3)
    )
    tables = [g.weight(f"{name}.rel_pos_{axis}", lambda w: relative_table(w, side)) for axis in "hw"]
    together = max(1, min(heads, SCORE_BYTES // (4 * cells * cells)))
    mixed = []
    for at in range(0, heads, together):
        parts = [query, key, value]
        if together < heads:
            parts = [g.slice(p, at, min(heads, at + together), 1) for p in parts]
        mixed.append(_some_heads(g, *parts, tables, side, head, min(together, heads - at)))
    y = mixed[0] if len(mixed) == 1 else g.op("Concat", *mixed, axis=1)
    y = g.reshape(g.transpose(y, 0, 2, 1, 3), -1, side, side, shape.width)
    return g.linear(y, f"{name}.proj")


def _some_heads(g: Graph, query, key, value, tables: list[str], side: int, head: int, heads: int) -> str:
    """query, key, value [B,heads,cells,head] -> [B,heads,cells,head]."""
    cells = side * side
    scores = g.op("MatMul", g.op("Mul", query, g.floats(head**-0.5)), g.transpose(key, 0, 1, 3, 2))
    square = g.reshape(query, -1, heads, side, side, head)
    # Rows: [B,n,h,w,c] @ [h,c,k]. Columns: the same with h and w exchanged, and back.
    rows = g.op("MatMul", square, tables[0])
    columns = g.transpose(g.op("MatMul", g.transpose(square, 0, 1, 3, 2, 4), tables[1]), 0, 1, 3, 2, 4)
    scores = g.reshape(scores, -1, heads, side, side, side, side)
    scores = g.op("Add", scores, g.op("Unsqueeze", rows, g.ints(5)))
    scores = g.op("Add", scores, g.op("Unsqueeze", columns, g.ints(4)))
    scores = g.reshape(scores, -1, heads, cells, cells)
    return g.op("MatMul", g.op("Softmax", scores, axis=-1), value)


def relative_table(table: torch.Tensor, side: int) -> torch.Tensor:
    """Relative positions [2 * s - 1, head] -> [side, head, side]: for each query place the vectors of all key places.

    A table of another side is interpolated, as SAM does.
    """
    length, dtype = 2 * side - 1, table.dtype
    if len(table) != length:
        table = F.interpolate(table.float().T[None], size=length, mode="linear")[0].T.to(dtype)
    places = torch.arange(side)
    return table[places[:, None] - places[None, :] + side - 1].permute(0, 2, 1).contiguous()
