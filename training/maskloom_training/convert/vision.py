"""CLIP's and SigLIP's vision towers as graphs: patch tokens of the layer that a language model reads."""

from __future__ import annotations

from transformers import PretrainedConfig

from .graph import Graph
from .tensors import CheckpointError


def clip_tower(g: Graph, config: PretrainedConfig, layer: int, normed: bool = False) -> None:
    """pixel_values [B,3,S,S] -> patch_features [B,L,D]: no class token, row-major.

    Tensor names are those of CLIPVisionModel. `layer` as `hidden_states[layer]` of Hugging Face: -1 is behind the last
    layer, -2 before it; layers after it are not written. `normed`: through the last norm, as SigLIP's output is.
    """
    side, patch = config.image_size, config.patch_size
    pixels = g.input("pixel_values", ["B", 3, side, side])
    x = _patches(g, pixels, "embeddings.patch_embedding", config.hidden_size)
    count = g.op("Shape", pixels, start=0, end=1)
    shape = g.op("Concat", count, g.ints(1, config.hidden_size), axis=0)
    first = g.op("Expand", g.weight("embeddings.class_embedding", lambda w: w.reshape(1, 1, -1)), shape)
    x = g.op("Concat", first, x, axis=1)
    x = g.op("Add", x, g.weight("embeddings.position_embedding.weight"))
    x = g.layer_norm(x, "pre_layrnorm", config.layer_norm_eps)
    x = encoder(g, x, config, upto(config, layer))
    if normed:
        x = g.layer_norm(x, "post_layernorm", config.layer_norm_eps)
    grid = side // patch
    g.output(g.slice(x, 1, 1 + grid * grid, 1), "patch_features", ["B", grid * grid, config.hidden_size])


def siglip_tower(g: Graph, config: PretrainedConfig, layer: int, normed: bool) -> None:
    """As `clip_tower` for SiglipVisionModel, which has no class token."""
    side, patch = config.image_size, config.patch_size
    pixels = g.input("pixel_values", ["B", 3, side, side])
    x = _patches(g, pixels, "embeddings.patch_embedding", config.hidden_size)
    x = g.op("Add", x, g.weight("embeddings.position_embedding.weight"))
    x = encoder(g, x, config, upto(config, layer))
    if normed:
        x = g.layer_norm(x, "post_layernorm", config.layer_norm_eps)
    g.output(x, "patch_features", ["B", (side // patch) ** 2, config.hidden_size])


def upto(config: PretrainedConfig, layer: int) -> int:
    """How many layers `hidden_states[layer]` needs."""
    states = config.num_hidden_layers + 1
    if not -states <= layer < states:
        raise CheckpointError(f"The tower has {states - 1} layers; there is no state {layer}.")
    return layer % states


def encoder(g: Graph, x: str, config: PretrainedConfig, layers: int, mask: str | None = None) -> str:
    """The first layers of a CLIP or SigLIP encoder (pre-norm, biased projections) over x [B,L,D]."""
    heads, width = config.num_attention_heads, config.hidden_size
    head = width // heads
    for i in range(layers):
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
