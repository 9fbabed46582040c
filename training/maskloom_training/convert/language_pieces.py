"""The graphs around a language model that sees: token embedding, decoder, projector, <SEG> projection, vision tower."""

from __future__ import annotations

import copy

import torch
from torch import nn
from transformers import (
    CLIPVisionConfig,
    CLIPVisionModel,
    LlamaForCausalLM,
    PretrainedConfig,
    Qwen2ForCausalLM,
    SiglipVisionConfig,
    SiglipVisionModel,
)
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

from ..llava.export import ChosenLogits
from .clip_source import check_tower
from .graph import Graph
from .language import language_model, token_embedding
from .pieces import Piece
from .tensors import CheckpointError, FewRows, Tensors
from .vision import clip_tower, siglip_tower

TWIN_LAYERS = 2
TABLES = ("lm_head.weight", "model.embed_tokens.weight")


def language_pieces(tensors: Tensors, config: PretrainedConfig, embedding: Tensors | None = None) -> list[Piece]:
    """token-embedding and language-model. Tensor names are those of LlamaForCausalLM or Qwen2ForCausalLM.

    embedding: where the token embedding is taken from when not from `tensors`.
    """
    few, table = FewRows(tensors, TABLES), embedding or tensors
    words = Piece(
        id="token-embedding",
        tensors=table,
        write=token_embedding,
        twin=token_embedding,
        twin_tensors=FewRows(table, TABLES),
        reference=_embedding_reference,
    )
    decoder = Piece(
        id="language-model",
        tensors=tensors,
        write=lambda g: language_model(g, config),
        twin=lambda g: language_model(g, config, TWIN_LAYERS),
        twin_tensors=few,
        reference=lambda stored: _language_reference(config, stored),
    )
    return [words, decoder]


def _embedding_reference(stored: dict[str, torch.Tensor]):
    table = stored["model.embed_tokens.weight"]
    ids = torch.arange(2 * 5).reshape(2, 5) * 3 % len(table)
    return (lambda i: nn.functional.embedding(i, table)), {"input_ids": ids}


def _language_reference(config: PretrainedConfig, stored: dict[str, torch.Tensor]):
    """Hugging Face's class of the first layers, one step after three cached tokens."""
    twin = copy.deepcopy(config)
    twin.num_hidden_layers = min(TWIN_LAYERS, config.num_hidden_layers)
    head = "lm_head.weight" if "lm_head.weight" in stored else "model.embed_tokens.weight"
    twin.vocab_size = len(stored[head])
    twin.tie_word_embeddings = False
    if hasattr(twin, "layer_types") and twin.layer_types is not None:
        twin.layer_types = twin.layer_types[: twin.num_hidden_layers]
    twin._attn_implementation = "eager"
    kind = Qwen2ForCausalLM if config.model_type == "qwen2" else LlamaForCausalLM
    with torch.device("meta"):
        model = kind(twin)
    weights = {k: v for k, v in stored.items() if k != "model.embed_tokens.weight"} | {"lm_head.weight": stored[head]}
    missing, unexpected = model.load_state_dict(weights, strict=False, assign=True)
    if unexpected or set(missing) - {"model.embed_tokens.weight"}:
        raise CheckpointError(f"The language model is not {kind.__name__}: lacks {missing}, has {unexpected}.")
    model.model.rotary_emb = LlamaRotaryEmbedding(twin)
    groups = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    draw = torch.Generator().manual_seed(0)
    batch, past, new = 2, 3, 5
    inputs = {
        "inputs_embeds": torch.randn(batch, new, config.hidden_size, generator=draw) * 0.1,
        "attention_mask": torch.ones(batch, past + new, dtype=torch.long),
        "position_ids": torch.arange(past, past + new).expand(batch, -1).contiguous(),
        "logits_at": torch.tensor([new - 1, 1]),
    }
    for i in range(twin.num_hidden_layers):
        for part in ("key", "value"):
            inputs[f"past_key_values.{i}.{part}"] = torch.randn(batch, groups, past, size, generator=draw)
    return ChosenLogits(model.eval()), inputs


def clip_piece(tensors: Tensors, config: CLIPVisionConfig, layer: int, piece_id: str = "clip-tower") -> Piece:
    """A CLIP vision tower up to `hidden_states[layer]`. Tensor names are those of CLIPVisionModel."""
    check_tower(tensors, config)
    small = copy.deepcopy(config)
    small.num_hidden_layers = min(TWIN_LAYERS, config.num_hidden_layers)
    small._attn_implementation = "eager"

    def reference(stored: dict[str, torch.Tensor]):
        model = CLIPVisionModel(small).eval()
        model.load_state_dict(stored, strict=False)
        pixels = torch.randn(2, 3, config.image_size, config.image_size, generator=torch.Generator().manual_seed(0))
        return (lambda x: model(x, output_hidden_states=True).hidden_states[-1][:, 1:]), {"pixel_values": pixels}

    return Piece(
        id=piece_id,
        tensors=tensors,
        write=lambda g: clip_tower(g, config, layer),
        twin=lambda g: clip_tower(g, small, -1),
        reference=reference,
    )


def siglip_piece(tensors: Tensors, config: SiglipVisionConfig, layer: int, piece_id: str = "siglip-tower") -> Piece:
    """A SigLIP vision tower up to `hidden_states[layer]`. Tensor names are those of SiglipVisionModel."""
    check_tower(tensors, config)
    small = copy.deepcopy(config)
    small.num_hidden_layers = min(TWIN_LAYERS, config.num_hidden_layers)
    small._attn_implementation = "eager"
    small.vision_use_head = False

    def reference(stored: dict[str, torch.Tensor]):
        model = SiglipVisionModel(small).eval()
        model.load_state_dict(stored, strict=False)
        pixels = torch.randn(2, 3, config.image_size, config.image_size, generator=torch.Generator().manual_seed(0))
        return (lambda x: model(x, output_hidden_states=True).hidden_states[-1]), {"pixel_values": pixels}

    return Piece(
        id=piece_id,
        tensors=tensors,
        write=lambda g: siglip_tower(g, config, layer, pooled=False),
        twin=lambda g: siglip_tower(g, small, -1, pooled=False),
        reference=reference,
    )


def projector_piece(tensors: Tensors, layers: list[str], tokens: int | str, cells: str | None = None) -> Piece:
    """patch_features [B,L,Dv] -> image_tokens [B,L,D]: one linear layer, or several with GELU between.

    cells: a tensor [L,D] that is added to the tokens, as this kit trains it.
    """
    return _dense("projector", tensors, layers, "gelu", "patch_features", "image_tokens", ["B", tokens], shift=cells)


def seg_piece(tensors: Tensors, layers: list[str]) -> Piece:
    """hidden [N,D] -> embeddings [N,1,C]: LISA's text_hidden_fcs (Linear, ReLU, Linear)."""
    return _dense("seg-projection", tensors, layers, "relu", "hidden", "embeddings", ["N"], ["N", 1])


def _dense(
    piece_id, tensors: Tensors, layers: list[str], activation: str, source: str, target: str, axes, out=None, shift=None
):
    """Linear layers with an activation between them, small enough to be compared whole."""
    wide, narrow = tensors.shape(f"{layers[0]}.weight")[1], tensors.shape(f"{layers[-1]}.weight")[0]

    def write(g: Graph) -> None:
        x = g.input(source, [*axes, wide])
        for i, layer in enumerate(layers):
            x = g.linear(x if i == 0 else g.activation(x, activation), layer)
        if shift is not None:
            x = g.op("Add", x, g.weight(shift))
        if out is not None:
            x = g.op("Unsqueeze", x, g.ints(1))
        g.output(x, target, [*(out or axes), narrow])

    def reference(stored: dict[str, torch.Tensor]):
        bend = {"gelu": nn.functional.gelu, "relu": nn.functional.relu}[activation]

        def forward(x: torch.Tensor) -> torch.Tensor:
            for i, layer in enumerate(layers):
                x = nn.functional.linear(
                    x if i == 0 else bend(x), stored[f"{layer}.weight"], stored.get(f"{layer}.bias")
                )
            x = x if shift is None else x + stored[shift]
            return x if out is None else x[:, None]

        sizes = [2 if isinstance(axis, str) else axis for axis in axes]
        return forward, {source: torch.randn(*sizes, wide, generator=torch.Generator().manual_seed(0))}

    return Piece(id=piece_id, tensors=tensors, write=write, twin=write, reference=reference)
