"""OneVision-tiny: projector + Qwen2ForCausalLM over a frozen SigLIP-tiny.

Qwen2 is LLaMA with a bias on queries, keys and values. The instruction comes before the image (option `order` of the
bundle's preset): image tokens are read causally, so only then can the state of a patch depend on the task.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import nn
from transformers import Qwen2Config, Qwen2ForCausalLM

from ..llava.model import Projector


@dataclass(frozen=True)
class OneVisionSettings:
    """Widths of OneVision-tiny; field names as LlavaSettings, so that its exports fit.

    What the toy does not need and a real size does: `groups` (heads of keys and values, as many as `heads` when None),
    `rope_theta`, `norm_epsilon`, `tied` (the head is the embedding's table). LLaVA-OneVision-7B: vision_width 1152,
    image_tokens 729, grid 27, hidden and projector_hidden 3584, layers 28, heads 28, groups 4, mlp 18944, vocabulary
    152064, positions 32768, rope_theta 1e6, norm_epsilon 1e-6.
    """

    vision_width: int = 128
    image_tokens: int = 256
    grid: int = 16
    projector_hidden: int = 256
    hidden: int = 128
    layers: int = 4
    heads: int = 4
    mlp: int = 256
    vocabulary: int = 1024
    positions: int = 1024
    bos: int = 1
    pad: int = 2
    eos: int = 3
    groups: int | None = None
    rope_theta: float = 500000.0
    norm_epsilon: float = 1e-5
    tied: bool = False

    def hugging_face(self) -> Qwen2Config:
        """The language model's widths as a Qwen2Config."""
        return Qwen2Config(
            vocab_size=self.vocabulary,
            hidden_size=self.hidden,
            intermediate_size=self.mlp,
            num_hidden_layers=self.layers,
            num_attention_heads=self.heads,
            num_key_value_heads=self.groups or self.heads,
            max_position_embeddings=self.positions,
            rms_norm_eps=self.norm_epsilon,
            initializer_range=0.05,
            bos_token_id=self.bos,
            eos_token_id=self.eos,
            pad_token_id=self.pad,
            tie_word_embeddings=self.tied,
            rope_parameters={"rope_type": "default", "rope_theta": self.rope_theta},
            attn_implementation="sdpa",
        )


class OneVisionTiny(nn.Module):
    """Projector + Qwen2. The tower stays outside: it is frozen and its features are cached."""

    def __init__(self, settings: OneVisionSettings) -> None:
        super().__init__()
        self.settings = settings
        self.projector = Projector(settings)
        self.language_model = Qwen2ForCausalLM(settings.hugging_face())

    def config(self) -> dict:
        """Settings as JSON, to be stored in a checkpoint."""
        return asdict(self.settings)

    @property
    def llama(self) -> nn.Module:
        """The decoder without its head (the name that LLaVA-tiny's export asks for)."""
        return self.language_model.model

    def embed(self, ids: torch.Tensor) -> torch.Tensor:
        """Token ids [...] -> embeddings [...,D]."""
        return self.llama.embed_tokens(ids)

    def logits(self, hidden: torch.Tensor) -> torch.Tensor:
        """States after the final norm [...,D] -> logits [...,V]."""
        return self.language_model.lm_head(hidden)

    def read(
        self, embeds: torch.Tensor, mask: torch.Tensor | None, positions: torch.Tensor, cache=None
    ) -> torch.Tensor:
        """States [B,T,D] after the final norm of inputs [B,T,D] that continue from `cache` (which grows by T).

        mask [B,1,T,past+T] bool, true where a token may look, or None for plain causal; positions [B,T] int64.
        """
        blocked = None
        if mask is not None:
            blocked = torch.zeros(mask.shape).masked_fill_(~mask, torch.finfo(torch.float32).min)
        return self.llama(
            inputs_embeds=embeds,
            attention_mask=blocked,
            position_ids=positions,
            past_key_values=cache,
            use_cache=cache is not None,
        ).last_hidden_state
