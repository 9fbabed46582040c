"""LoRA on all projections of OneVision-tiny's language model (ROSE Table 5's best row), and merging it away."""

from __future__ import annotations

import torch
from peft import LoraConfig, inject_adapter_in_model
from peft.tuners.lora import LoraLayer

from ..onevision.model import OneVisionTiny

ALL = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def add_adapters(model: OneVisionTiny, config: dict) -> list[torch.nn.Parameter]:
    """Inject adapters in place (config: r, alpha, targets) and return their parameters."""
    lora = LoraConfig(r=config["r"], lora_alpha=config["alpha"], target_modules=config.get("targets", ALL), bias="none")
    inject_adapter_in_model(lora, model.language_model)
    return [p for name, p in model.named_parameters() if "lora_" in name]


@torch.no_grad()
def merged(model: OneVisionTiny) -> OneVisionTiny:
    """A plain model that computes the same as one with adapters; the adapted one is left as it was."""
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
