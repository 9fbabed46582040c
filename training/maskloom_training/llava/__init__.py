"""LLaVA-tiny: CLIP tower, projector and a small LLaMA; base training and generation."""
