"""Names of SAM's tensors: segment-anything's own to Hugging Face's (SamModel)."""

from __future__ import annotations

import re

from .tensors import CheckpointError, Renamed, Tensors

_ENCODER = (
    (r"^image_encoder\.patch_embed\.proj\.", "vision_encoder.patch_embed.projection."),
    (r"^image_encoder\.blocks\.(\d+)\.norm([12])\.", r"vision_encoder.layers.\1.layer_norm\2."),
    (r"^image_encoder\.blocks\.", "vision_encoder.layers."),
    (r"^image_encoder\.neck\.0\.", "vision_encoder.neck.conv1."),
    (r"^image_encoder\.neck\.1\.", "vision_encoder.neck.layer_norm1."),
    (r"^image_encoder\.neck\.2\.", "vision_encoder.neck.conv2."),
    (r"^image_encoder\.neck\.3\.", "vision_encoder.neck.layer_norm2."),
    (r"^image_encoder\.", "vision_encoder."),
)
_PROMPTS = (
    (r"^prompt_encoder\.pe_layer\.positional_encoding_gaussian_matrix", "shared_image_embedding.positional_embedding"),
    (r"^prompt_encoder\.point_embeddings\.", "prompt_encoder.point_embed."),
    (r"^prompt_encoder\.mask_downscaling\.0\.", "prompt_encoder.mask_embed.conv1."),
    (r"^prompt_encoder\.mask_downscaling\.1\.", "prompt_encoder.mask_embed.layer_norm1."),
    (r"^prompt_encoder\.mask_downscaling\.3\.", "prompt_encoder.mask_embed.conv2."),
    (r"^prompt_encoder\.mask_downscaling\.4\.", "prompt_encoder.mask_embed.layer_norm2."),
    (r"^prompt_encoder\.mask_downscaling\.6\.", "prompt_encoder.mask_embed.conv3."),
)
_DECODER = (
    (r"^mask_decoder\.output_upscaling\.0\.", "mask_decoder.upscale_conv1."),
    (r"^mask_decoder\.output_upscaling\.1\.", "mask_decoder.upscale_layer_norm."),
    (r"^mask_decoder\.output_upscaling\.3\.", "mask_decoder.upscale_conv2."),
    (r"^(mask_decoder\.transformer\.layers\.\d+)\.norm([1-4])\.", r"\1.layer_norm\2."),
    (r"^mask_decoder\.transformer\.norm_final_attn\.", "mask_decoder.transformer.layer_norm_final_attn."),
    (r"^(mask_decoder\.(?:output_hypernetworks_mlps\.\d+|iou_prediction_head))\.layers\.(\d+)\.", r"\1.#\2."),
)


def hugging_face_name(name: str, last: dict[str, int]) -> str:
    """segment-anything's name of a tensor -> SamModel's. `last`: by MLP, the number of its last layer."""
    for pattern, form in (*_ENCODER, *_PROMPTS, *_DECODER):
        new, hits = re.subn(pattern, form, name)
        if hits:
            break
    else:
        return name
    numbered = re.match(r"^(.*)\.#(\d+)\.(.*)$", new)
    if numbered is None:
        return new
    mlp, number, rest = numbered[1], int(numbered[2]), numbered[3]
    part = "proj_in" if number == 0 else "proj_out" if number == last[mlp] else f"layers.{number - 1}"
    return f"{mlp}.{part}.{rest}"


def sam_tensors(tensors: Tensors) -> Tensors:
    """SAM's tensors under SamModel's names, whichever of the two layouts they have."""
    names = tensors.names()
    if any(name.startswith("vision_encoder.") for name in names):
        return tensors
    if not any(name.startswith("image_encoder.") for name in names):
        raise CheckpointError("No SAM in this checkpoint: neither image_encoder.* (segment-anything) nor "
                              "vision_encoder.* (Hugging Face).")  # fmt: skip
    last: dict[str, int] = {}
    for name in names:
        found = re.match(
            r"^(mask_decoder\.(?:output_hypernetworks_mlps\.\d+|iou_prediction_head))\.layers\.(\d+)\.", name
        )
        if found:
            last[found[1]] = max(last.get(found[1], 0), int(found[2]))
    return Renamed(tensors, lambda name: hugging_face_name(name, last))
