"""SAM's tensors in segment-anything's own names, written down apart from the converter's table."""

import torch

SIMPLE = {
    "vision_encoder.pos_embed": "image_encoder.pos_embed",
    "vision_encoder.patch_embed.projection": "image_encoder.patch_embed.proj",
    "vision_encoder.neck.conv1": "image_encoder.neck.0",
    "vision_encoder.neck.layer_norm1": "image_encoder.neck.1",
    "vision_encoder.neck.conv2": "image_encoder.neck.2",
    "vision_encoder.neck.layer_norm2": "image_encoder.neck.3",
    "shared_image_embedding.positional_embedding": "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix",
    "prompt_encoder.mask_embed.conv1": "prompt_encoder.mask_downscaling.0",
    "prompt_encoder.mask_embed.layer_norm1": "prompt_encoder.mask_downscaling.1",
    "prompt_encoder.mask_embed.conv2": "prompt_encoder.mask_downscaling.3",
    "prompt_encoder.mask_embed.layer_norm2": "prompt_encoder.mask_downscaling.4",
    "prompt_encoder.mask_embed.conv3": "prompt_encoder.mask_downscaling.6",
    "prompt_encoder.not_a_point_embed": "prompt_encoder.not_a_point_embed",
    "prompt_encoder.no_mask_embed": "prompt_encoder.no_mask_embed",
    "mask_decoder.iou_token": "mask_decoder.iou_token",
    "mask_decoder.mask_tokens": "mask_decoder.mask_tokens",
    "mask_decoder.upscale_conv1": "mask_decoder.output_upscaling.0",
    "mask_decoder.upscale_layer_norm": "mask_decoder.output_upscaling.1",
    "mask_decoder.upscale_conv2": "mask_decoder.output_upscaling.3",
    "mask_decoder.iou_prediction_head.proj_in": "mask_decoder.iou_prediction_head.layers.0",
    "mask_decoder.iou_prediction_head.layers.0": "mask_decoder.iou_prediction_head.layers.1",
    "mask_decoder.iou_prediction_head.proj_out": "mask_decoder.iou_prediction_head.layers.2",
    "mask_decoder.transformer.layer_norm_final_attn": "mask_decoder.transformer.norm_final_attn",
    "mask_decoder.transformer.final_attn_token_to_image": "mask_decoder.transformer.final_attn_token_to_image",
}


def original_names(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """SamModel's state dict under the names of a segment-anything .pth."""
    found = {}
    for name, tensor in state.items():
        if name == "prompt_encoder.shared_embedding.positional_embedding":
            continue
        found[_original(name)] = tensor
    return found


def _original(name: str) -> str:
    for new, old in SIMPLE.items():
        if name == new or name.startswith(f"{new}."):
            return old + name[len(new) :]
    parts = name.split(".")
    if name.startswith("vision_encoder.layers."):
        inner = ".".join(parts[3:]).replace("layer_norm", "norm")
        return f"image_encoder.blocks.{parts[2]}.{inner}"
    if name.startswith("prompt_encoder.point_embed."):
        return f"prompt_encoder.point_embeddings.{parts[2]}.weight"
    if name.startswith("mask_decoder.transformer.layers."):
        return name.replace("layer_norm", "norm")
    if name.startswith("mask_decoder.output_hypernetworks_mlps."):
        layer = {"proj_in": "0", "layers": "1", "proj_out": "2"}[parts[3]]
        return f"mask_decoder.output_hypernetworks_mlps.{parts[2]}.layers.{layer}.{parts[-1]}"
    raise KeyError(name)
