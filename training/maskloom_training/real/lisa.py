"""LISA and READ at their own size, on Hugging Face's classes: LLaMA, CLIP, SAM, a projector and a projection of <SEG>.

Frozen, in bfloat16 when asked: CLIP, projector, SAM's encoders, LLaMA but for LoRA. Trained, in float32: LoRA on
q_proj and v_proj, token embeddings, lm_head, SAM's mask decoder, the projection (LISA, the released code).
"""

from __future__ import annotations

import torch
from peft import LoraConfig, inject_adapter_in_model
from torch import nn
from transformers import CLIPVisionConfig, CLIPVisionModel, LlamaConfig, LlamaForCausalLM

from ..sam.config import SamTinyConfig
from ..sam.model import SamTiny
from ..segment.projection import SegProjection


class Lisa(nn.Module):
    """All weights of a LISA or READ. `sam` and `projection` are named as `segment/prompting.py` reads them."""

    def __init__(self, model: dict, bfloat16: bool = True) -> None:
        """model: the configuration's object of that name ("language", "vision", "sam", "projector_layers", "lora")."""
        super().__init__()
        language, vision = LlamaConfig(**model["language"]), CLIPVisionConfig(**model["vision"])
        low = torch.bfloat16 if bfloat16 else torch.float32
        with default_dtype(low):  # made at once in the precision that stays: a 7B model in float32 is 27 GB
            self.language = LlamaForCausalLM(language)
            self.vision = CLIPVisionModel(vision)
            widths = [vision.hidden_size] + [language.hidden_size] * model["projector_layers"]
            layers: list[nn.Module] = []
            for a, b in zip(widths, widths[1:]):
                layers += [nn.Linear(a, b), nn.GELU()]
            self.projector = nn.Sequential(*layers[:-1])
        self.sam = SamTiny(SamTinyConfig.from_dict(model["sam"]))
        self.sam.vision_encoder.to(low)
        self.projection = SegProjection(language.hidden_size, self.sam.tiny.embed)
        self.layer = model["vision_layer"]
        self.requires_grad_(False)
        self.adapters = self._adapt(model["lora"])
        self.tables = [self.language.get_input_embeddings(), self.language.get_output_embeddings()]
        for module in (*self.tables, self.sam.mask_decoder, self.projection):
            module.float().requires_grad_(True)

    @property
    def low(self) -> torch.dtype:
        """The precision of the frozen parts."""
        return self.projector[0].weight.dtype

    @property
    def image_tokens(self) -> int:
        """Tokens of a picture: one for each of CLIP's patches."""
        config = self.vision.config
        return (config.image_size // config.patch_size) ** 2

    @torch.no_grad()
    def see(self, clip_pixels: torch.Tensor) -> torch.Tensor:
        """CLIP's input [B,3,S,S] -> the picture's tokens [B,L,D]."""
        states = self.vision(pixel_values=clip_pixels.to(self.low), output_hidden_states=True).hidden_states
        return self.projector(states[self.layer][:, 1:])

    @torch.no_grad()
    def encode(self, sam_pixels: torch.Tensor) -> torch.Tensor:
        """SAM's input [B,3,S,S] -> image embeddings [B,C,h,w], float32."""
        return self.sam.encode(sam_pixels.to(self.low)).float()

    def read(self, before: list[int], images: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        """Rows of `before`, picture tokens [n,L,D] and ids [n,T] (padded behind) -> last states [n,P+L+T,D].

        Rows are read causally, so what stands behind a row changes nothing before it: no mask is needed.
        """
        embed = self.language.get_input_embeddings()
        head = embed(torch.as_tensor(before)).expand(len(ids), -1, -1)
        rows = torch.cat([head, images.to(head.dtype), embed(ids)], dim=1).to(self.low)
        return self.language.model(inputs_embeds=rows, use_cache=False).last_hidden_state

    def logits(self, states: torch.Tensor) -> torch.Tensor:
        """States [n,D] -> logits [n,V], float32."""
        return self.language.lm_head(states.to(self.language.lm_head.weight.dtype)).float()

    def _adapt(self, lora: dict) -> list[nn.Parameter]:
        config = LoraConfig(
            r=lora["r"],
            lora_alpha=lora["alpha"],
            lora_dropout=lora["dropout"],
            target_modules=lora["targets"],
            bias="none",
        )
        inject_adapter_in_model(config, self.language)
        found = []
        for name, parameter in self.named_parameters():
            parameter.requires_grad_("lora_" in name)
            if "lora_" in name:
                parameter.data = parameter.data.float()
                found.append(parameter)
        return found


class default_dtype:
    """Inside, new floating tensors have this dtype."""

    def __init__(self, dtype: torch.dtype) -> None:
        self.dtype = dtype

    def __enter__(self) -> None:
        self.before = torch.get_default_dtype()
        torch.set_default_dtype(self.dtype)

    def __exit__(self, *_: object) -> None:
        torch.set_default_dtype(self.before)
