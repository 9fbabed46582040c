"""LLaVA-tiny: LLaVA-1.5's plan (CLIP tower, two-layer projector, LLaMA) at toy width.

Image tokens are read causally like text, as LLaVA-1.5 does. Hidden states are always taken after the
final RMSNorm; READ compares the state that emits [SEG] with the image tokens' states by a plain dot product.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import nn
from transformers import LlamaConfig, LlamaForCausalLM
from transformers.cache_utils import DynamicCache


@dataclass(frozen=True)
class LlavaSettings:
    """Widths of LLaVA-tiny. `image_tokens` = grid * grid of the tower; head width = hidden / heads."""

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

    def hugging_face(self) -> LlamaConfig:
        """The language model's widths as a LlamaConfig."""
        return LlamaConfig(
            vocab_size=self.vocabulary,
            hidden_size=self.hidden,
            intermediate_size=self.mlp,
            num_hidden_layers=self.layers,
            num_attention_heads=self.heads,
            num_key_value_heads=self.heads,
            max_position_embeddings=self.positions,
            rms_norm_eps=1e-5,
            initializer_range=0.05,
            bos_token_id=self.bos,
            eos_token_id=self.eos,
            pad_token_id=self.pad,
            tie_word_embeddings=False,
            rope_parameters={"rope_type": "default", "rope_theta": 500000.0},
            attn_implementation="sdpa",
        )


class Projector(nn.Module):
    """LLaVA-1.5's mlp2x_gelu, plus a learned vector per grid cell.

    The cell vector is an addition: a toy model reads "left of" only if an image token says where it is,
    and contrastive pretraining rewards a tower for forgetting that.
    """

    def __init__(self, settings: LlavaSettings) -> None:
        super().__init__()
        self.linear_1 = nn.Linear(settings.vision_width, settings.projector_hidden)
        self.act = nn.GELU()
        self.linear_2 = nn.Linear(settings.projector_hidden, settings.hidden)
        self.cells = nn.Parameter(_fourier_cells(settings.grid, settings.hidden))

    def forward(self, patch_features: torch.Tensor) -> torch.Tensor:
        """patch_features [B,L,Dv] -> image_tokens [B,L,D]."""
        return self.linear_2(self.act(self.linear_1(patch_features))) + self.cells

    def start_from(self, weight: torch.Tensor, scale: float) -> None:
        """Make the map equal to scale * weight @ x (weight [D, Dv]): gelu(a) - gelu(-a) = a exactly."""
        wide = weight.shape[0]
        with torch.no_grad():
            self.linear_1.weight.zero_()
            self.linear_1.bias.zero_()
            self.linear_2.weight.zero_()
            self.linear_2.bias.zero_()
            self.linear_1.weight[:wide] = weight
            self.linear_1.weight[wide : 2 * wide] = -weight
            self.linear_2.weight[:, :wide] = scale * torch.eye(wide)
            self.linear_2.weight[:, wide : 2 * wide] = -scale * torch.eye(wide)


class LlavaTiny(nn.Module):
    """Projector + LlamaForCausalLM. The tower stays outside: it is frozen and its features are cached."""

    def __init__(self, settings: LlavaSettings) -> None:
        super().__init__()
        self.settings = settings
        self.projector = Projector(settings)
        self.language_model = LlamaForCausalLM(settings.hugging_face())

    def config(self) -> dict:
        """Settings as JSON, to be stored in a checkpoint."""
        return asdict(self.settings)

    @property
    def llama(self) -> nn.Module:
        """The decoder without its head; also right when peft has wrapped the language model's layers."""
        return self.language_model.model

    def embed(self, ids: torch.Tensor) -> torch.Tensor:
        """Token ids [...] -> embeddings [..., D]."""
        return self.llama.embed_tokens(ids)

    def logits(self, hidden: torch.Tensor) -> torch.Tensor:
        """States after the final norm [..., D] -> logits [..., V]."""
        return self.language_model.lm_head(hidden)

    def read_image(self, prefix: list[int], patch_features: torch.Tensor) -> tuple[torch.Tensor, DynamicCache]:
        """Run prefix + image tokens once per image.

        patch_features [B,L,Dv] -> (states of the image tokens [B,L,D], cache of all prefix + L positions).
        """
        batch = patch_features.shape[0]
        head = self.embed(torch.tensor(prefix, device=patch_features.device)).expand(batch, -1, -1)
        inputs = torch.cat([head, self.projector(patch_features)], dim=1)
        cache = DynamicCache(config=self.language_model.config)
        hidden = self.llama(inputs_embeds=inputs, past_key_values=cache, use_cache=True).last_hidden_state
        return hidden[:, len(prefix) :], cache

    def read_text(
        self, ids: torch.Tensor, positions: torch.Tensor, mask: torch.Tensor, cache: DynamicCache
    ) -> torch.Tensor:
        """States [B,T,D] of text that continues from `cache` (which grows by T).

        ids, positions [B,T] int64; mask [B,1,T,past+T] bool, true where a token may look.
        """
        blocked = torch.zeros(mask.shape).masked_fill_(~mask, torch.finfo(torch.float32).min)
        return self.llama(
            inputs_embeds=self.embed(ids),
            attention_mask=blocked,
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
        ).last_hidden_state


def _fourier_cells(grid: int, width: int, ramp: float = 1.2, wave: float = 0.5) -> torch.Tensor:
    """Initial cell vectors [grid*grid, width]: ramps of column and row (norm `ramp` at the border) and slow waves."""
    axis = (torch.arange(grid, dtype=torch.float32) + 0.5) / grid * 2 - 1
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    waves = [ramp * x, ramp * y]
    for frequency in (0.5, 1.0, 2.0):
        for c in (x, y):
            waves += [wave * torch.sin(torch.pi * frequency * c), wave * torch.cos(torch.pi * frequency * c)]
    basis = torch.stack([w.reshape(-1) for w in waves], dim=-1)
    generator = torch.Generator().manual_seed(0)
    directions = torch.linalg.qr(torch.randn(width, basis.shape[1], generator=generator, dtype=torch.float32))[0].T
    return (basis @ directions).to(torch.get_default_dtype())
