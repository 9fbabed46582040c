"""CAT-Seg to a bundle for `lmseg/cat-seg`: fine-tuned CLIP, aggregator, decoder, out of one file of detectron2's."""

from __future__ import annotations

from pathlib import Path

from transformers import CLIPModel

from ..clip.model import MEAN, STD
from .cat_seg_aggregator import load_aggregator
from .dense_pieces import add_graphs, dense_piece
from .folder import BundleFolder
from .openai_clip import openai_clip
from .source import Source, open_source
from .tensors import CheckpointError, under
from .tokenizer import read_tokenizer, write_tokenizer
from .towers import part_of, text_piece
from .vision import DenseForm

PREDICTOR = "sem_seg_head.predictor."
BEGIN, END = "<|startoftext|>", "<|endoftext|>"
TOKENIZER = "openai/clip-vit-base-patch16"
"""Whose tokenizer is taken when none lies beside the weights: every CLIP of OpenAI's has the same."""


def convert_cat_seg(
    source: Source, out: Path, dtype: str, name: str, license: str, tokenizer: str | None = None
) -> None:
    """A .pth of CAT-Seg B or L. tokenizer: folder or hub id of a CLIP, in place of what lies beside SRC."""
    tensors = source.tensors()
    names = tensors.names()
    if not any(n.startswith(f"{PREDICTOR}transformer.") for n in names) or "upsample1.weight" not in names:
        raise CheckpointError(
            f"{source.name} is not CAT-Seg: it has no {PREDICTOR}transformer.* with upsample1 and upsample2."
        )
    aggregator = load_aggregator(under(tensors, f"{PREDICTOR}transformer."), tensors)
    grid = aggregator.shape.grid
    config, clip = openai_clip(under(tensors, f"{PREDICTOR}clip_model."), grid)
    view = config.vision_config
    # Behind a third and two thirds of the layers: 3 and 7 of twelve, 7 and 15 of twenty-four.
    taps = (view.num_hidden_layers // 3 - 1, 2 * view.num_hidden_layers // 3 - 1)
    words = read_tokenizer(_tokenizer_source(source, tokenizer))
    # The released code looks through windows of 384 pixels whatever CLIP's side is.
    window = 384 if view.image_size == 336 else view.image_size
    with BundleFolder(out, name, license, source.origin(), dtype) as bundle:
        bundle.room(clip)
        write_tokenizer(words, bundle.folder, [BEGIN, END], config.text_config.vocab_size)
        bundle.tokenizer("tokenizer.json", "tokenizer_config.json")
        bundle.piece(dense_piece(part_of(clip, "vision_model", "visual_projection"), view, DenseForm(taps)))
        bundle.piece(text_piece("clip-text", clip, config, CLIPModel))
        add_graphs(bundle, aggregator, aggregator.graphs)
        roles = {"clipDense": "clip-dense", "clipText": "clip-text", **_roles(aggregator.shape.layers)}
        text = {
            "maxTokens": config.text_config.max_position_embeddings, "bos": BEGIN, "eos": END, "pad": END,
            "prefix": "", "trimEnd": False,
        }  # fmt: skip
        bundle.preset("clip", {
            "imageSize": view.image_size, "patchSize": view.patch_size, "mean": list(MEAN), "std": list(STD),
            "resample": "bilinear", "crop": "centre", "text": text,
        })  # fmt: skip
        bundle.preset("lmseg", {
            "window": window, "overlap": 0.333, "resizeTo": window * 5 // 3, "layers": aggregator.shape.layers,
            "outerResidual": True, "classCap": 256,
        })  # fmt: skip
        bundle.recipe("lmseg/cat-seg", roles)
        bundle.finish()


def _tokenizer_source(source: Source, given: str | None) -> Source:
    if given is None and source.has("tokenizer.json"):
        return source
    return open_source(
        given or TOKENIZER, wanted=["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"]
    )


def _roles(layers: int) -> dict[str, str]:
    """Roles of the aggregator's graphs, and their models."""
    roles: dict[str, str] = {"costEmbed": "cost-embed", "upsample": "upsample"}
    for i in range(layers):
        roles[f"spatial{i}"] = f"spatial-{i}"
        for role, part in (("classSums", "sums"), ("classApply", "apply"), ("classPads", "fillers")):
            roles[f"{role}{i}"] = f"class-{i}-{part}"
    return roles
