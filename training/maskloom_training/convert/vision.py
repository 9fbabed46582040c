"""CLIP's and SigLIP's vision towers as graphs: patch tokens as language models read them, and embeddings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from transformers import PretrainedConfig

from .graph import Graph
from .tensors import CheckpointError


def clip_tower(g: Graph, config: PretrainedConfig, layer: int) -> None:
    """pixel_values [B,3,S,S] -> patch_features [B,L,D]: no class token, row-major.

    Tensor names are those of CLIPVisionModel. `layer` as `hidden_states[layer]` of Hugging Face: -1 is behind the last
    layer, -2 before it; layers after it are not written.
    """
    x = encoder(g, _clip_start(g, config), config, range(upto(config, layer)))
    _patch_features(g, config, x)


def clip_towers(g: Graph, config: PretrainedConfig) -> None:
    """A whole CLIP vision side: pixel_values -> patch_features (before the last layer, as LLaVA reads them), dense
    [B,L,C] (text-aligned patches, the last layer's attention left out but for the values: MaskCLIP, section 3.2), and
    image_embed [B,C]; dense and image_embed not of unit length.

    Tensor names are those of CLIPVisionModel, and `visual_projection`.
    """
    last = config.num_hidden_layers - 1
    before = encoder(g, _clip_start(g, config), config, range(last))
    _patch_features(g, config, before)
    width = g.tensors.shape("visual_projection.weight")[0]
    _dense(g, config, before, before)
    whole = encoder(g, before, config, range(last, last + 1))
    first = g.op("Squeeze", g.slice(whole, 0, 1, 1), g.ints(1))
    embed = g.linear(g.layer_norm(first, "post_layernorm", config.layer_norm_eps), "visual_projection")
    g.output(embed, "image_embed", ["B", width])


@dataclass(frozen=True)
class DenseForm:
    """How patches become text-aligned. The defaults are CAT-Seg's.

    taps: layers, counted from 0, whose patches guide a decoder. residual: what the last layer's values are added to,
    the class token ("cls") or the patch itself ("token"). last_block: "value" (its attention is left out) or "full".
    post_norm: whether CLIP's last norm stands before the projection.
    """

    taps: tuple[int, int]
    residual: str = "cls"
    last_block: str = "value"
    post_norm: bool = True


def clip_dense(g: Graph, config: PretrainedConfig, form: DenseForm) -> None:
    """CLIP as dense systems read it: pixel_values -> dense [B,L,C] (text-aligned patches, not of unit length), tap1,
    tap2 [B,L,D].

    Tensor names are those of CLIPVisionModel, and `visual_projection`.
    """
    x, last = _clip_start(g, config), config.num_hidden_layers - 1
    if max(form.taps) >= last:
        raise CheckpointError(f"Taps {form.taps} must lie before the last of {last + 1} layers.")
    taps = {}
    for i in range(last):
        x = encoder(g, x, config, range(i, i + 1))
        taps[i] = x
    if form.last_block == "full":
        _project(g, config, encoder(g, x, config, range(last, last + 1)), form.post_norm)
    else:
        _dense(g, config, x, g.slice(x, 0, 1, 1) if form.residual == "cls" else x, form.post_norm)
    grid = (config.image_size // config.patch_size) ** 2
    for number, tap in enumerate(form.taps, 1):
        g.output(g.slice(taps[tap], 1, 1 + grid, 1), f"tap{number}", ["B", grid, config.hidden_size])


def _dense(g: Graph, config: PretrainedConfig, before: str, residual: str, post_norm: bool = True) -> None:
    """The output `dense`: the last layer on values alone, added to `residual`, normed and projected."""
    layer = f"encoder.layers.{config.num_hidden_layers - 1}"
    value = g.linear(g.layer_norm(before, f"{layer}.layer_norm1", config.layer_norm_eps), f"{layer}.self_attn.v_proj")
    alone = g.op("Add", residual, g.linear(value, f"{layer}.self_attn.out_proj"))
    normed = g.layer_norm(alone, f"{layer}.layer_norm2", config.layer_norm_eps)
    inner = g.activation(g.linear(normed, f"{layer}.mlp.fc1"), config.hidden_act)
    _project(g, config, g.op("Add", alone, g.linear(inner, f"{layer}.mlp.fc2")), post_norm)


def _project(g: Graph, config: PretrainedConfig, tokens: str, post_norm: bool) -> None:
    grid, width = (config.image_size // config.patch_size) ** 2, g.tensors.shape("visual_projection.weight")[0]
    patches = g.slice(tokens, 1, 1 + grid, 1)
    if post_norm:
        patches = g.layer_norm(patches, "post_layernorm", config.layer_norm_eps)
    g.output(g.linear(patches, "visual_projection"), "dense", ["B", grid, width])


def _clip_start(g: Graph, config: PretrainedConfig) -> str:
    """Class token and patches with their places, normed: [B,1+L,D]."""
    side = config.image_size
    pixels = g.input("pixel_values", ["B", 3, side, side])
    x = _patches(g, pixels, "embeddings.patch_embedding", config.hidden_size)
    count = g.op("Shape", pixels, start=0, end=1)
    shape = g.op("Concat", count, g.ints(1, config.hidden_size), axis=0)
    first = g.op("Expand", g.weight("embeddings.class_embedding", lambda w: w.reshape(1, 1, -1)), shape)
    x = g.op("Concat", first, x, axis=1)
    x = g.op("Add", x, g.weight("embeddings.position_embedding.weight"))
    return g.layer_norm(x, "pre_layrnorm", config.layer_norm_eps)


def _patch_features(g: Graph, config: PretrainedConfig, x: str) -> None:
    grid = (config.image_size // config.patch_size) ** 2
    g.output(g.slice(x, 1, 1 + grid, 1), "patch_features", ["B", grid, config.hidden_size])


def siglip_tower(g: Graph, config: PretrainedConfig, layer: int = -1, pooled: bool = True) -> None:
    """pixel_values [B,3,S,S] -> patch_features [B,L,D]; SigLIP has no class token.

    Tensor names are those of SiglipVisionModel. `pooled`: patch_features are behind the last norm, and image_embed
    [B,D] is the pooling head's, not of unit length; otherwise they are `hidden_states[layer]`.
    """
    side, width = config.image_size, config.hidden_size
    pixels = g.input("pixel_values", ["B", 3, side, side])
    x = _patches(g, pixels, "embeddings.patch_embedding", width)
    x = g.op("Add", x, g.weight("embeddings.position_embedding.weight"))
    x = encoder(g, x, config, range(upto(config, layer)))
    if pooled:
        x = g.layer_norm(x, "post_layernorm", config.layer_norm_eps)
    g.output(x, "patch_features", ["B", (side // config.patch_size) ** 2, width])
    if pooled:
        g.output(_pool(g, x, config), "image_embed", ["B", width])


def _pool(g: Graph, x: str, config: PretrainedConfig) -> str:
    """SigLIP's attention pooling: one learnt query over the patches, then a residual MLP."""
    heads, width = config.num_attention_heads, config.hidden_size
    head = width // heads

    def part(source: str, at: int, *axes: int) -> str:
        weight = g.weight("head.attention.in_proj_weight", lambda w: w[at * width : (at + 1) * width].T.contiguous())
        bias = g.weight("head.attention.in_proj_bias", lambda b: b[at * width : (at + 1) * width].contiguous())
        y = g.op("Add", g.op("MatMul", source, weight), bias)
        return g.transpose(g.reshape(y, 0, -1, heads, head), *axes)

    query = part(g.weight("head.probe"), 0, 0, 2, 1, 3)
    scores = g.op("Mul", g.op("MatMul", query, part(x, 1, 0, 2, 3, 1)), g.floats(head**-0.5))
    mixed = g.op("MatMul", g.op("Softmax", scores, axis=-1), part(x, 2, 0, 2, 1, 3))
    y = g.linear(g.reshape(g.transpose(mixed, 0, 2, 1, 3), 0, width), "head.attention.out_proj")
    normed = g.layer_norm(y, "head.layernorm", config.layer_norm_eps)
    inner = g.activation(g.linear(normed, "head.mlp.fc1"), config.hidden_act)
    return g.op("Add", y, g.linear(inner, "head.mlp.fc2"))


def upto(config: PretrainedConfig, layer: int) -> int:
    """How many layers `hidden_states[layer]` needs."""
    states = config.num_hidden_layers + 1
    if not -states <= layer < states:
        raise CheckpointError(f"The tower has {states - 1} layers; there is no state {layer}.")
    return layer % states


def encoder(g: Graph, x: str, config: PretrainedConfig, layers: Iterable[int], mask: str | None = None) -> str:
    """Some layers of a CLIP or SigLIP encoder (pre-norm, biased projections) over x [B,L,D]."""
    heads, width = config.num_attention_heads, config.hidden_size
    head = width // heads
    for i in layers:
        layer = f"encoder.layers.{i}"
        normed = g.layer_norm(x, f"{layer}.layer_norm1", config.layer_norm_eps)
        parts = [
            g.transpose(g.reshape(g.linear(normed, f"{layer}.self_attn.{p}_proj"), 0, 0, heads, head), *axes)
            for p, axes in (("q", (0, 2, 1, 3)), ("k", (0, 2, 3, 1)), ("v", (0, 2, 1, 3)))
        ]
        scores = g.op("Mul", g.op("MatMul", parts[0], parts[1]), g.floats(head**-0.5))
        if mask is not None:
            scores = g.op("Add", scores, mask)
        mixed = g.op("MatMul", g.op("Softmax", scores, axis=-1), parts[2])
        joined = g.reshape(g.transpose(mixed, 0, 2, 1, 3), 0, 0, width)
        x = g.op("Add", x, g.linear(joined, f"{layer}.self_attn.out_proj"))
        normed = g.layer_norm(x, f"{layer}.layer_norm2", config.layer_norm_eps)
        inner = g.activation(g.linear(normed, f"{layer}.mlp.fc1"), config.hidden_act)
        x = g.op("Add", x, g.linear(inner, f"{layer}.mlp.fc2"))
    return x


def _patches(g: Graph, pixels: str, name: str, width: int) -> str:
    """[B,3,S,S] -> [B,L,D] by a convolution with the patch as stride."""
    inputs = [pixels, g.weight(f"{name}.weight")]
    if g.has(f"{name}.bias"):
        inputs.append(g.weight(f"{name}.bias"))
    patch = g.tensors.shape(f"{name}.weight")[-1]
    cells = g.op("Conv", *inputs, strides=[patch, patch])
    return g.transpose(g.reshape(cells, 0, width, -1), 0, 2, 1)
