"""LoRA by peft on the language model's q_proj and v_proj, and merging it away for export."""

from __future__ import annotations

import torch
from peft import LoraConfig, inject_adapter_in_model
from peft.tuners.lora import LoraLayer

from ..llava.model import LlavaTiny


def add_adapters(llava: LlavaTiny, config: dict) -> list[torch.nn.Parameter]:
    """Inject adapters in place (config: r, alpha, dropout) and return their parameters, which alone get gradients.

    The model's own parameters keep the requires_grad they had.
    """
    before = {id(p): p.requires_grad for p in llava.parameters()}
    lora = LoraConfig(
        r=config["r"],
        lora_alpha=config["alpha"],
        lora_dropout=config.get("dropout", 0.0),
        target_modules=["q_proj", "v_proj"],
        bias="none",
    )
    inject_adapter_in_model(lora, llava.language_model)
    for parameter in llava.parameters():
        if id(parameter) in before:
            parameter.requires_grad_(before[id(parameter)])
    return [p for name, p in llava.named_parameters() if "lora_" in name]


@torch.no_grad()
def merged(llava: LlavaTiny) -> LlavaTiny:
    """A plain LLaVA-tiny that computes the same as one with adapters; the adapted one is left as it was."""
    plain = LlavaTiny(llava.settings)
    state = {}
    for name, value in llava.state_dict().items():
        if "lora_" in name:
            continue
        state[name.replace(".base_layer", "")] = value.clone()
    for name, module in llava.named_modules():
        if isinstance(module, LoraLayer):
            state[f"{name}.weight"] += module.get_delta_weight("default")
    plain.load_state_dict(state)
    return plain.eval()
