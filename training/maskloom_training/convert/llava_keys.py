"""A LLaVA's tensors by part, whichever of its three layouts they have.

- Hugging Face, up to 4.51: `vision_tower.vision_model.*`, `multi_modal_projector.linear_*`, `language_model.model.*`.
- Hugging Face, later: the same below `model.`, without the inner `model.` and `vision_model.`; `lm_head` outside.
- The original repositories: `model.mm_projector.*`, `model.layers.*`, `lm_head`; the tower apart, or below
  `model.vision_tower.vision_tower.`.
"""

from __future__ import annotations

from collections.abc import Callable

from .clip_source import vision_names
from .tensors import CheckpointError, Renamed, Tensors

PROJECTORS = (
    ["multi_modal_projector.linear_1", "multi_modal_projector.linear_2"],
    ["model.mm_projector.0", "model.mm_projector.2"],
    ["model.mm_projector"],
)
"""Projectors by their linear layers: two with GELU between, or LLaVA-1's one."""
TOWER = "model.vision_tower.vision_tower."
"""Where original checkpoints keep their vision tower, when they have it."""


def in_parts(tensors: Tensors) -> Tensors:
    """Language model under LlamaForCausalLM's names; `vision_tower.`, `multi_modal_projector.`, `image_newline` as
    Hugging Face has them at the top; original names stay."""
    if not is_hugging_face(tensors):
        return tensors

    def rename(name: str) -> str:
        name = name.removeprefix("model.")
        if name.startswith("language_model."):
            rest = name.removeprefix("language_model.").removeprefix("model.")
            return rest if rest.startswith("lm_head.") else f"model.{rest}"
        return name

    return Renamed(tensors, rename)


def is_hugging_face(tensors: Tensors) -> bool:
    """Whether a checkpoint is in one of Hugging Face's layouts."""
    return _any(tensors, lambda name: name.removeprefix("model.").startswith("multi_modal_projector."))


def inner_tower(tensors: Tensors) -> Tensors | None:
    """The vision tower inside a checkpoint (after `in_parts`), without its first names; None when it is apart."""
    for prefix in (TOWER, "vision_tower."):
        if _any(tensors, lambda name, p=prefix: name.startswith(p)):
            return vision_names(tensors, prefix)
    return None


def projector_layers(tensors: Tensors) -> list[str]:
    """The projector's linear layers. Raises CheckpointError when there is none of a known form."""
    names = set(tensors.names())
    for layers in PROJECTORS:
        if all(f"{layer}.weight" in names for layer in layers):
            return layers
    raise CheckpointError(
        "The checkpoint has no projector of one or two layers (model.mm_projector, multi_modal_projector): "
        "it is not a LLaVA."
    )


def _any(tensors: Tensors, test: Callable[[str], bool]) -> bool:
    return any(test(name) for name in tensors.names())
