"""LoRA by peft on OneVision-tiny's language model, and merging it away."""

from __future__ import annotations

import torch
from peft import LoraConfig, inject_adapter_in_model
from peft.tuners.lora import LoraLayer

from ..onevision.model import OneVisionTiny
from .recipes import Lora


def add_adapters(model: OneVisionTiny, lora: Lora) -> list[torch.nn.Parameter]:
    """Inject adapters in place and return their parameters; the model's own keep the requires_grad they had."""
    before = {id(p): p.requires_grad for p in model.parameters()}
    config = LoraConfig(
        r=lora.rank, lora_alpha=lora.alpha, lora_dropout=0.0, target_modules=list(lora.targets), bias="none"
    )
    inject_adapter_in_model(config, model.language_model)
    for parameter in model.parameters():
        if id(parameter) in before:
            parameter.requires_grad_(before[id(parameter)])
    return [p for name, p in model.named_parameters() if "lora_" in name]


@torch.no_grad()
def merged(model: OneVisionTiny) -> OneVisionTiny:
    """A plain OneVision-tiny that computes the same as one with adapters; the adapted one is left as it was."""
    plain = OneVisionTiny(model.settings)
    state = {
        name.replace(".base_layer", ""): value.clone()
        for name, value in model.state_dict().items()
        if "lora_" not in name
    }
    for name, module in model.named_modules():
        if isinstance(module, LoraLayer):
            state[f"{name}.weight"] += module.get_delta_weight("default")
    plain.load_state_dict(state)
    return plain.eval()
