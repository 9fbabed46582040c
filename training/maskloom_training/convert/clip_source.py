"""CLIP's vision side out of a Hugging Face folder."""

from __future__ import annotations

from transformers import CLIPVisionConfig, PretrainedConfig

from ..clip.model import MEAN, STD
from .source import Source, open_source
from .tensors import CheckpointError, Renamed, Tensors


def clip_vision(source: Source) -> tuple[CLIPVisionConfig, Tensors]:
    """Configuration and tensors (CLIPVisionModel's names) of a folder of CLIPModel or CLIPVisionModel."""
    given = source.json("config.json")
    config = CLIPVisionConfig(**(given.get("vision_config") or given))
    config._attn_implementation = "eager"
    return config, vision_names(source.tensors())


def vision_names(tensors: Tensors, prefix: str = "") -> Tensors:
    """Tensors below `prefix` + `vision_model.`, or below `prefix` where that layer of names is not there."""
    inner = f"{prefix}vision_model."
    base = inner if any(name.startswith(inner) for name in tensors.names()) else prefix
    skipped = ("embeddings.position_ids", "text_model.", "text_projection.", "visual_projection.", "logit_scale")

    def rename(name: str) -> str | None:
        if not name.startswith(base):
            return None
        rest = name[len(base) :]
        return None if rest.startswith(skipped) else rest

    return Renamed(tensors, rename)


def clip_constants(source: Source, config: CLIPVisionConfig) -> dict:
    """The bundle's `clip` preset; pixel statistics in 0..1."""
    given = source.json("preprocessor_config.json") if source.has("preprocessor_config.json") else {}
    return {
        "imageSize": config.image_size,
        "patchSize": config.patch_size,
        "mean": given.get("image_mean", list(MEAN)),
        "std": given.get("image_std", list(STD)),
        "resample": "bicubic",
        "crop": "centre",
    }


def open_tower(given: dict, vision: str | None) -> Source:
    """The vision tower that the user or the configuration names."""
    named = vision or given.get("mm_vision_tower") or given.get("vision_tower")
    if not isinstance(named, str):
        raise CheckpointError("config.json names no vision tower; give --vision.")
    return open_source(named)


def check_width(tensors: Tensors, layer: str, tower: str, width: int) -> None:
    """Raises CheckpointError unless the projector's first layer reads the tower's width."""
    wide = tensors.shape(f"{layer}.weight")[1]
    if wide != width:
        raise CheckpointError(
            f"The projector reads features of width {wide}; {tower} gives {width}: give another --vision."
        )


def check_tower(tensors: Tensors, config: PretrainedConfig) -> None:
    """Raises CheckpointError where a vision tower's configuration says other sizes than its tensors have."""
    layers = 1 + max((int(n.split(".")[2]) for n in tensors.names() if n.startswith("encoder.layers.")), default=-1)
    width, _, patch, _ = tensors.shape("embeddings.patch_embedding.weight")
    rows = tensors.shape("embeddings.position_embedding.weight")[0]
    own = "embeddings.class_embedding" in tensors.names()
    inner = tensors.shape("encoder.layers.0.mlp.fc1.weight")[0]
    for what, said, held in (
        ("layers", config.num_hidden_layers, layers),
        ("channels", config.hidden_size, width),
        ("pixels to a patch", config.patch_size, patch),
        ("places", (config.image_size // config.patch_size) ** 2 + own, rows),
        ("channels in its MLPs", config.intermediate_size, inner),
    ):
        if said != held:
            raise CheckpointError(f"The vision tower's configuration says {said} {what}; its weights have {held}.")
