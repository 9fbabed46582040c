"""Mixed precision inside a stage's loss."""

import torch


def half(enabled: bool = True) -> torch.autocast:
    """bfloat16 for matrix products and convolutions, on the device where new tensors are made."""
    return torch.autocast(torch.get_default_device().type, torch.bfloat16, enabled=enabled)
