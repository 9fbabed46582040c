"""A GGUF file of a LLaMA as a checkpoint: its tensors made float32 again, under Hugging Face's names.

Needs the package `gguf`, which the kit does not install.
"""

from __future__ import annotations

import re
from pathlib import Path

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig

from .tensors import CheckpointError, found

_PARTS = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
}
_OUTER = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}
CONTROL = 3
"""The kind of tokens that are never part of a text."""


class Gguf:
    """Tensors of a GGUF file; each is made float32 when it is read."""

    def __init__(self, path: Path) -> None:
        try:
            from gguf import GGUFReader
        except ImportError:
            raise CheckpointError("Reading GGUF needs the Python package gguf: pip install gguf.") from None
        try:
            self.reader = GGUFReader(str(path))
        except ValueError as cause:
            raise CheckpointError(f"{path} cannot be read as GGUF: {cause}.") from cause
        kind = self.field("general.architecture")
        if kind != "llama":
            raise CheckpointError(f"{path} holds a model of the kind {kind!r}; only llama is converted.")
        self.tensors = {_name(tensor.name): tensor for tensor in self.reader.tensors}

    def field(self, name: str, otherwise=None):
        """A field of the header."""
        field = self.reader.get_field(name)
        return otherwise if field is None else field.contents()

    def names(self) -> list[str]:
        return list(self.tensors)

    def shape(self, name: str) -> tuple[int, ...]:
        return tuple(int(n) for n in reversed(found(self.tensors, name).shape))

    def read(self, name: str) -> torch.Tensor:
        from gguf.quants import dequantize

        tensor = found(self.tensors, name)
        values = torch.from_numpy(dequantize(tensor.data, tensor.tensor_type).copy()).float().reshape(self.shape(name))
        heads = {
            "q_proj": self.field("llama.attention.head_count"),
            "k_proj": self.field("llama.attention.head_count_kv"),
        }
        count = heads.get(name.split(".")[-2])
        if count is None:
            return values
        # GGUF turns pairs of neighbours, Hugging Face halves: rows of each head are put back in order.
        return values.reshape(count, -1, 2, values.shape[1]).swapaxes(1, 2).reshape(values.shape).contiguous()

    def config(self) -> LlamaConfig:
        """The header as a LlamaConfig."""
        given = {
            "hidden_size": "embedding_length",
            "intermediate_size": "feed_forward_length",
            "num_hidden_layers": "block_count",
            "num_attention_heads": "attention.head_count",
            "num_key_value_heads": "attention.head_count_kv",
            "rms_norm_eps": "attention.layer_norm_rms_epsilon",
            "max_position_embeddings": "context_length",
        }
        theta = self.field("llama.rope.freq_base", 10000.0)
        return LlamaConfig(
            **{key: self.field(f"llama.{name}") for key, name in given.items()},
            vocab_size=self.shape("model.embed_tokens.weight")[0],
            rope_parameters={"rope_type": "default", "rope_theta": theta},
            tie_word_embeddings="lm_head.weight" not in self.tensors,
        )

    def tokenizer(self) -> Tokenizer:
        """The header's byte-level vocabulary. Raises CheckpointError for other kinds."""
        kind = (self.field("tokenizer.ggml.model"), self.field("tokenizer.ggml.pre"))
        if kind != ("gpt2", "smollm"):
            raise CheckpointError(
                f"The tokenizer of the kind {kind} is not converted; known: gpt2 with smollm's pieces."
            )
        tokens = self.field("tokenizer.ggml.tokens")
        merges = [tuple(merge.split(" ")) for merge in self.field("tokenizer.ggml.merges")]
        made = Tokenizer(models.BPE({token: i for i, token in enumerate(tokens)}, merges))
        made.pre_tokenizer = pre_tokenizers.Sequence(
            [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
        )
        made.decoder = decoders.ByteLevel()
        kinds = self.field("tokenizer.ggml.token_type")
        special = [token for token, kind in zip(tokens, kinds, strict=True) if kind == CONTROL]
        made.add_special_tokens([AddedToken(token, normalized=False, special=True) for token in special])
        return made


def _name(name: str) -> str:
    """GGUF's name of a tensor -> LlamaForCausalLM's."""
    part = re.fullmatch(r"blk\.(\d+)\.(\w+)\.weight", name)
    if part is not None and part[2] in _PARTS:
        return f"model.layers.{part[1]}.{_PARTS[part[2]]}.weight"
    outer = name.removesuffix(".weight")
    return f"{_OUTER[outer]}.weight" if outer in _OUTER else name
