"""Where a run starts: published weights, read by the converter's readers, or random ones."""

from __future__ import annotations

import math
from pathlib import Path

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import nn

from ..convert.clip_source import vision_names
from ..convert.language_source import language_tensors
from ..convert.llava_keys import in_parts, projector_layers
from ..convert.lora import merged_lora
from ..convert.sam_keys import sam_tensors
from ..convert.source import Source
from ..convert.tensors import CheckpointError, Tensors, under
from ..convert.tokenizer import add_missing, read_tokenizer
from ..lmseg.model import Lmseg
from ..onevision.prompts import DECODE, INSTRUCTIONS, TEMPLATE
from ..text.tokenizer import SPECIAL_TOKENS, train_tokenizer
from .lisa import Lisa
from .rose_weights import RoseModel
from .words import ADDED, stand_in_tokenizer


def open_tokenizer(folder: Path | None, vocabulary: int) -> Tokenizer:
    """The folder's tokenizer with [SEG], <im_start> and <im_end>; without a folder one of bytes."""
    if folder is None:
        return stand_in_tokenizer(vocabulary)
    return _read_words(folder, vocabulary, ADDED)


def open_words(folder: Path | None, vocabulary: int) -> Tokenizer:
    """As `open_tokenizer`, for ROSE and LMSeg, with the tokens of the kit's own templates."""
    if folder is None:
        texts = [*INSTRUCTIONS.values(), TEMPLATE, DECODE, " a photo of a thing in the scene"]
        return train_tokenizer(texts * 3, min(vocabulary, 512))
    return _read_words(folder, vocabulary, SPECIAL_TOKENS)


def _read_words(folder: Path, vocabulary: int, added: tuple[str, ...]) -> Tokenizer:
    tokenizer = read_tokenizer(Source(folder.name, folder))
    add_missing(tokenizer, added)
    if tokenizer.get_vocab_size() > vocabulary:
        raise CheckpointError(
            f"{folder}: the tokenizer has {tokenizer.get_vocab_size()} tokens, the configuration's table {vocabulary}."
        )
    return tokenizer


@torch.no_grad()
def start_lisa(lisa: Lisa, folder: Path | None, clip: Path | None, sam: Path | None) -> None:
    """Fills the modules, in place: `folder` is a LLaVA-1.5 (any layout), LISA, SESAME or READ; its own <SEG> projection
    and SAM are taken where it has them, else `sam`. What is not given stays random. Raises CheckpointError where a
    tensor is missing or has another shape.
    """
    if folder is not None:
        stored = in_parts(merged_lora(Source(folder.name, folder).tensors()))
        fill(_Plain(lisa.language), language_tensors(stored))
        for layer, name in zip((m for m in lisa.projector if isinstance(m, nn.Linear)), projector_layers(stored)):
            fill(layer, under(stored, f"{name}."))
        names = stored.names()
        if any(name.startswith("model.text_hidden_fcs.0.") for name in names):
            fill(lisa.projection.layers, under(stored, "model.text_hidden_fcs.0."))
        if sam is None and any(name.startswith("model.visual_model.") for name in names):
            fill(lisa.sam, sam_tensors(under(stored, "model.visual_model.")), SHARED)
    if clip is not None:
        fill(lisa.vision, vision_names(Source(clip.name, clip).tensors()))
    if sam is not None:
        fill(lisa.sam, sam_tensors(Source(sam.name, sam).tensors()), SHARED)


SHARED = ("prompt_encoder.shared_embedding.",)
"""SAM's positional matrix under its second name: one tensor, which files have once."""


class _Plain:
    """A module with adapters under the names that it had without them; the adapters are left out."""

    def __init__(self, module: nn.Module) -> None:
        self.module = module

    def state_dict(self) -> dict[str, torch.Tensor]:
        state = self.module.state_dict()
        return {n.replace(".base_layer", ""): t for n, t in state.items() if "lora_" not in n}


@torch.no_grad()
def start_rose(model: RoseModel, folder: Path | None, siglip: Path | None, sam: Path | None) -> None:
    """Fills the modules, in place: `folder` is a LLaVA-OneVision, `siglip` its SigLIP with the text tower. SigLIP's
    places are brought to the configuration's grid. What is not given stays random."""
    weights = model.weights
    if folder is not None:
        stored = in_parts(Source(folder.name, folder).tensors())
        fill(_Plain(weights.model.language_model), language_tensors(stored))
        for own, name in zip(
            (weights.model.projector.linear_1, weights.model.projector.linear_2), projector_layers(stored)
        ):
            fill(own, under(stored, f"{name}."))
    if siglip is not None:
        stored = Source(siglip.name, siglip).tensors()
        fill(model.siglip.vision, under(stored, "vision_model."))
        fill(model.siglip.language, under(stored, "text_model."))
        model.siglip.logit_scale.copy_(stored.read("logit_scale").reshape(()))
    if sam is not None:
        fill(weights.sam, sam_tensors(Source(sam.name, sam).tensors()), SHARED)


@torch.no_grad()
def start_lmseg(model: Lmseg, clip: Path | None, sam: Path | None) -> None:
    """Fills both towers, in place: a CLIPModel's folder and a SAM, whose places are brought to the window's grid."""
    if clip is not None:
        fill(model.clip.clip, Source(clip.name, clip).tensors())
    if sam is not None:
        fill(model.sam, sam_tensors(Source(sam.name, sam).tensors()), SHARED)


def fill(module: nn.Module | _Plain, tensors: Tensors, but: tuple[str, ...] = ()) -> None:
    """Copies tensors into a module's, one at a time; `but` are starts of names to leave. Raises CheckpointError where
    one is missing or has a shape that cannot be brought to the module's."""
    names = set(tensors.names())
    for name, own in module.state_dict().items():
        if but and name.startswith(but):
            continue
        if name not in names:
            raise CheckpointError(f"The weights have no {name}, which the configuration's model needs.")
        found = tensors.read(name)
        own.copy_(found if found.shape == own.shape else _resized(name, found.float(), own))


def _resized(name: str, found: torch.Tensor, own: torch.Tensor) -> torch.Tensor:
    """Places of another grid interpolated (bicubic, as CAT-Seg and LLaVA do; SAM's relative ones linear); a table of
    words with more rows than there are keeps the mean in the new ones."""
    if name.endswith("pos_embed"):
        grid = F.interpolate(found.permute(0, 3, 1, 2), own.shape[1:3], mode="bicubic", align_corners=False)
        return grid.permute(0, 2, 3, 1)
    if name.endswith(("rel_pos_h", "rel_pos_w")):
        return F.interpolate(found.T[None], own.shape[0], mode="linear", align_corners=False)[0].T
    if name.endswith("position_embedding.weight") and found.shape[1:] == own.shape[1:]:
        first = own.shape[0] - math.isqrt(own.shape[0]) ** 2
        old, new = math.isqrt(found.shape[0] - first), math.isqrt(own.shape[0])
        grid = found[first:].T.reshape(1, -1, old, old)
        grid = F.interpolate(grid, (new, new), mode="bicubic", align_corners=False)[0].flatten(1).T
        return torch.cat([found[:first], grid])
    if found.dim() == 2 and found.shape[1:] == own.shape[1:] and found.shape[0] < own.shape[0]:
        more = found.mean(0, keepdim=True).expand(own.shape[0] - found.shape[0], -1)
        return torch.cat([found, more])
    raise CheckpointError(f"{name} is {list(found.shape)} in the weights, {list(own.shape)} by the model.")
