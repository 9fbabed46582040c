"""SAM's prompt encoder and mask decoder: published weights in the kit's module."""

from __future__ import annotations

import torch

from ..sam.config import SamTinyConfig
from ..sam.model import SamTiny
from .tensors import CheckpointError, Tensors


@torch.no_grad()
def load_decoder(tensors: Tensors, image_size: int, patch: int, heads: int, half: bool) -> SamTiny:
    """The kit's SAM with the checkpoint's prompt encoder and mask decoder, and an image encoder of one thin layer.

    tensors: SamModel's names. `half`: weights rounded to float16. Raises CheckpointError naming what is missing.
    """
    shape = tensors.shape
    embed = shape("prompt_encoder.no_mask_embed.weight")[1]
    config = SamTinyConfig(
        image_size=image_size,
        patch_size=patch,
        hidden=32,
        layers=1,
        heads=1,
        mlp_ratio=1,
        stem="patch",
        embed=embed,
        decoder_layers=1 + max(
            int(name.split(".")[3]) for name in tensors.names() if name.startswith("mask_decoder.transformer.layers.")
        ),
        decoder_heads=heads,
        decoder_mlp=shape("mask_decoder.transformer.layers.0.mlp.lin1.weight")[0],
        iou_hidden=shape("mask_decoder.iou_prediction_head.proj_in.weight")[0],
    )  # fmt: skip
    model = SamTiny(config, "eager").eval()
    known = set(tensors.names())
    for name, target in model.state_dict().items():
        if name.startswith("vision_encoder."):
            continue
        source = "shared_image_embedding.positional_embedding" if name.endswith(".positional_embedding") else name
        if source not in known:
            raise CheckpointError(f"SAM's prompt encoder and mask decoder need {source}, which is not there.")
        value = tensors.read(source)
        if value.shape != target.shape:
            raise CheckpointError(
                f"{source} has shape {tuple(value.shape)}; SAM's decoder of width {embed} needs {tuple(target.shape)}."
            )
        target.copy_(value.half().float() if half else value)
    return model
