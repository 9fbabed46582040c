"""CLIP's and SigLIP's text towers as graphs: input_ids, attention_mask [B,T] -> text_embed [B,C], unit vectors."""

from __future__ import annotations

from onnx import TensorProto
from transformers import PretrainedConfig

from .graph import Graph
from .language import LOWEST
from .vision import encoder


def clip_text(g: Graph, config: PretrainedConfig, layers: int | None = None) -> None:
    """CLIP's: causal, the state of each row's last token that is not masked, projected.

    Tensor names are those of CLIPTextModel, and `text_projection`. A row ends with the end mark, padding behind it.
    """
    ids = _inputs(g)
    mask = _causal(g, ids)
    x = encoder(g, _embedded(g, ids), config, range(layers or config.num_hidden_layers), mask)
    x = g.layer_norm(x, "final_layer_norm", config.layer_norm_eps)
    pooled = _last(g, x, ids)
    _unit(g, g.linear(pooled, "text_projection"), g.tensors.shape("text_projection.weight")[0])


def siglip_text(g: Graph, config: PretrainedConfig, layers: int | None = None) -> None:
    """SigLIP's: rows filled up to their full length, padding seen like words (the mask is ignored), the last place.

    Tensor names are those of SiglipTextModel.
    """
    ids = _inputs(g)
    x = encoder(g, _embedded(g, ids), config, range(layers or config.num_hidden_layers))
    x = g.layer_norm(x, "final_layer_norm", config.layer_norm_eps)
    last = g.op("Gather", x, g.integer(-1), axis=1)
    _unit(g, g.linear(last, "head"), g.tensors.shape("head.weight")[0])


def masked_siglip_text(g: Graph, config: PretrainedConfig, layers: int | None = None) -> None:
    """SigLIP's as this kit trains it: padding is not seen, and the last token that is no padding is read.

    Tensor names are those of SiglipTextModel.
    """
    ids = _inputs(g)
    given = g.op("Greater", g.op("Unsqueeze", "attention_mask", g.ints(1, 2)), g.integer(0))
    mask = g.op("Where", given, g.floats(0.0), g.floats(LOWEST))
    x = encoder(g, _embedded(g, ids), config, range(layers or config.num_hidden_layers), mask)
    pooled = _last(g, g.layer_norm(x, "final_layer_norm", config.layer_norm_eps), ids)
    _unit(g, g.linear(pooled, "head"), g.tensors.shape("head.weight")[0])


def _last(g: Graph, x: str, ids: str) -> str:
    """The state of each row's last token that is not masked: [B,D]."""
    length = g.op("ReduceSum", "attention_mask", g.ints(1), keepdims=1)
    places = g.op("Unsqueeze", _places(g, ids), g.ints(0))
    ends = g.op("Cast", g.op("Equal", places, g.op("Sub", length, g.integer(1))), to=TensorProto.FLOAT)
    return g.op("ReduceSum", g.op("Mul", x, g.op("Unsqueeze", ends, g.ints(2))), g.ints(1), keepdims=0)


def _inputs(g: Graph) -> str:
    ids = g.input("input_ids", ["B", "T"], TensorProto.INT64)
    g.input("attention_mask", ["B", "T"], TensorProto.INT64)
    return ids


def _places(g: Graph, ids: str) -> str:
    """0, 1, ... T-1."""
    length = g.op("Squeeze", g.op("Shape", ids, start=1, end=2), g.ints(0))
    return g.op("Range", g.integer(0), length, g.integer(1))


def _embedded(g: Graph, ids: str) -> str:
    words = g.rows(ids, "embeddings.token_embedding.weight")
    return g.op("Add", words, g.rows(_places(g, ids), "embeddings.position_embedding.weight"))


def _causal(g: Graph, ids: str) -> str:
    """[1,1,T,T]: 0 up to the own place, the lowest float behind it."""
    places = _places(g, ids)
    seen = g.op("LessOrEqual", g.op("Unsqueeze", places, g.ints(0)), g.op("Unsqueeze", places, g.ints(1)))
    return g.op("Unsqueeze", g.op("Where", seen, g.floats(0.0), g.floats(LOWEST)), g.ints(0, 1))


def _unit(g: Graph, x: str, width: int) -> None:
    length = g.op("ReduceL2", x, g.ints(-1), keepdims=1)
    g.output(g.op("Div", x, length), "text_embed", ["B", width])
