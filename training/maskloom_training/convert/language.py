"""LLaMA's and Qwen2's decoder as one graph with its cache at the edge, and the token embedding."""

from __future__ import annotations

import torch
from onnx import TensorProto
from transformers import PretrainedConfig
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

from .graph import Graph
from .tensors import CheckpointError

LOWEST = float(torch.finfo(torch.float32).min)
KNOWN = (
    "self_attn.q_proj",
    "self_attn.k_proj",
    "self_attn.v_proj",
    "self_attn.o_proj",
    "mlp.gate_proj",
    "mlp.up_proj",
    "mlp.down_proj",
    "input_layernorm",
    "post_attention_layernorm",
)
FIXED_ROPE = ("default", "linear", "llama3", "yarn")
"""Kinds of rotary embedding whose frequencies do not depend on the text's length."""


def token_embedding(g: Graph) -> None:
    """input_ids [B,T] -> inputs_embeds [B,T,D]."""
    width = g.tensors.shape("model.embed_tokens.weight")[1]
    ids = g.input("input_ids", ["B", "T"], TensorProto.INT64)
    g.output(g.rows(ids, "model.embed_tokens.weight"), "inputs_embeds", ["B", "T", width])


def language_model(g: Graph, config: PretrainedConfig, layers: int | None = None) -> None:
    """One step of the decoder: `ChosenLogits` (llava/export.py) says what goes in and comes out.

    Grouped-query heads: the cache has `num_key_value_heads`. Tensor names are those of LlamaForCausalLM; `lm_head` may
    be absent (tied to the embedding). `layers`: only the first so many, for a truncated twin.
    """
    count = config.num_hidden_layers if layers is None else min(layers, config.num_hidden_layers)
    width, heads = config.hidden_size, config.num_attention_heads
    groups = getattr(config, "num_key_value_heads", None) or heads
    head = getattr(config, "head_dim", None) or width // heads
    _check(g, config)
    x = g.input("inputs_embeds", ["B", "T", width])
    g.input("attention_mask", ["B", "past+T"], TensorProto.INT64)
    g.input("position_ids", ["B", "T"], TensorProto.INT64)
    chosen = g.input("logits_at", ["K"], TensorProto.INT64)
    past = [
        [g.input(f"past_key_values.{i}.{part}", ["B", groups, "past", head]) for part in ("key", "value")]
        for i in range(count)
    ]
    rope, mask = _rotary(g, config), _mask(g)
    present = []
    for i in range(count):
        layer = f"model.layers.{i}"
        normed = g.rms_norm(x, f"{layer}.input_layernorm", config.rms_norm_eps)
        mixed, key, value = _attention(g, normed, f"{layer}.self_attn", heads, groups, head, rope, mask, past[i])
        present.append((key, value))
        x = g.op("Add", x, mixed)
        normed = g.rms_norm(x, f"{layer}.post_attention_layernorm", config.rms_norm_eps)
        gate = g.activation(g.linear(normed, f"{layer}.mlp.gate_proj"), config.hidden_act)
        inner = g.op("Mul", gate, g.linear(normed, f"{layer}.mlp.up_proj"))
        x = g.op("Add", x, g.linear(inner, f"{layer}.mlp.down_proj"))
    states = g.rms_norm(x, "model.norm", config.rms_norm_eps)
    head_name = "lm_head" if g.has("lm_head.weight") else "model.embed_tokens"
    vocabulary = g.tensors.shape(f"{head_name}.weight")[0]
    g.output(g.linear(g.op("Gather", states, chosen, axis=1), head_name), "logits", ["B", "K", vocabulary])
    g.output(states, "hidden_states", ["B", "T", width])
    for i, pair in enumerate(present):
        for part, value in zip(("key", "value"), pair, strict=True):
            g.output(value, f"present.{i}.{part}", ["B", groups, "past+T", head])


def _check(g: Graph, config: PretrainedConfig) -> None:
    kind = config.rope_parameters.get("rope_type", "default")
    if kind not in FIXED_ROPE:
        raise CheckpointError(f"Rotary embeddings of type {kind!r} are not converted; known: {', '.join(FIXED_ROPE)}.")
    prefix = "model.layers.0."
    for name in g.tensors.names():
        part = name.removeprefix(prefix).rsplit(".", 1)[0]
        if name.startswith(prefix) and part not in KNOWN and part != "self_attn.rotary_emb":
            raise CheckpointError(f"The language model has {name}, which neither LLaMA nor Qwen2 has: not converted.")


def _rotary(g: Graph, config: PretrainedConfig) -> tuple[str, str]:
    """Cosines and sines [B,1,T,head] of the positions."""
    reference = LlamaRotaryEmbedding(config)
    frequencies = g.floats(reference.inv_freq.float().numpy()[None, None])
    positions = g.op("Cast", g.op("Unsqueeze", "position_ids", g.ints(2)), to=TensorProto.FLOAT)
    angles = g.op("Mul", positions, frequencies)
    both = g.op("Unsqueeze", g.op("Concat", angles, angles, axis=-1), g.ints(1))
    cos, sin = g.op("Cos", both), g.op("Sin", both)
    scale = float(reference.attention_scaling)
    if scale != 1.0:
        cos, sin = g.op("Mul", cos, g.floats(scale)), g.op("Mul", sin, g.floats(scale))
    return cos, sin


def _mask(g: Graph) -> str:
    """0 where a token may look, the lowest float elsewhere: [B,1,T,past+T]."""
    total = g.op("Squeeze", g.op("Shape", "attention_mask", start=1, end=2), g.ints(0))
    new = g.op("Squeeze", g.op("Shape", "inputs_embeds", start=1, end=2), g.ints(0))
    keys = g.op("Range", g.integer(0), total, g.integer(1))
    queries = g.op("Range", g.op("Sub", total, new), total, g.integer(1))
    causal = g.op("LessOrEqual", g.op("Unsqueeze", keys, g.ints(0)), g.op("Unsqueeze", queries, g.ints(1)))
    given = g.op("Greater", g.op("Unsqueeze", "attention_mask", g.ints(1, 2)), g.integer(0))
    return g.op("Where", g.op("And", causal, given), g.floats(0.0), g.floats(LOWEST))


def _turn(g: Graph, x: str, rope: tuple[str, str]) -> str:
    """Rotary embedding by halves, as Hugging Face has it."""
    first, second = g.split_op("Split", 2, x, axis=-1, num_outputs=2)
    half = g.op("Concat", g.op("Neg", second), first, axis=-1)
    return g.op("Add", g.op("Mul", x, rope[0]), g.op("Mul", half, rope[1]))


def _attention(g: Graph, x: str, name: str, heads: int, groups: int, head: int, rope, mask: str, past: list[str]):
    """Grouped-query attention -> (output [B,T,D], key, value [B,groups,past+T,head])."""

    def split(part: str, count: int) -> str:
        return g.transpose(g.reshape(g.linear(x, f"{name}.{part}"), 0, 0, count, head), 0, 2, 1, 3)

    query = _turn(g, split("q_proj", heads), rope)
    key = g.op("Concat", past[0], _turn(g, split("k_proj", groups), rope), axis=2)
    value = g.op("Concat", past[1], split("v_proj", groups), axis=2)
    k, v = g.transpose(key, 0, 1, 3, 2), value
    if groups != heads:
        # Heads of a group share keys and values: an axis of their own broadcasts instead of copying.
        query = g.op("Reshape", query, g.ints(0, groups, heads // groups, -1, head))
        k, v = g.op("Unsqueeze", k, g.ints(2)), g.op("Unsqueeze", v, g.ints(2))
        mask = g.op("Unsqueeze", mask, g.ints(1))
    scores = g.op("Mul", g.op("MatMul", query, k), g.floats(head**-0.5))
    chances = g.op("Softmax", g.op("Add", scores, mask), axis=-1)
    mixed = g.op("MatMul", chances, v)
    if groups != heads:
        mixed = g.reshape(mixed, 0, heads, -1, head)
    joined = g.reshape(g.transpose(mixed, 0, 2, 1, 3), 0, 0, heads * head)
    return g.linear(joined, f"{name}.o_proj"), key, value
