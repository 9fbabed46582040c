"""LMSeg's rows as this kit trains them, of any size, to a bundle.

SRC is the folder of the runs: `lmseg/ROW/checkpoint.pt` holds CLIP, SAM and what lies behind them, `tokenizer/` the
tokenizer. Both towers must have the published stems; toy stems go by `lmseg.bundle`.
"""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import CLIPModel

from ..clip.model import MEAN, STD, ClipSettings, ClipTiny
from ..lmseg.bundle import CHUNK, ROLES
from ..lmseg.graphs import row_graphs
from ..lmseg.model import Lmseg
from ..lmseg.recipes import folder_of
from ..lmseg.settings import LmsegSettings
from ..sam.config import SamTinyConfig
from ..sam.model import SamTiny
from ..text.tokenizer import EOS, PAD
from .dense_pieces import add_graphs, dense_piece
from .folder import BundleFolder
from .own_runs import configuration, module_tensors
from .sam_pieces import SamPieces
from .source import Source
from .tensors import CheckpointError, Tensors, under
from .tokenizer import read_tokenizer, write_tokenizer
from .towers import part_of, text_piece
from .vision import DenseForm


def convert_lmseg(source: Source, out: Path, dtype: str, name: str, license: str, row: str = "lmseg/full") -> None:
    """One row, `lmseg/...`."""
    path = source.path / "lmseg" / folder_of(row) / "checkpoint.pt"
    config = configuration(path, "lmseg")
    clip, sam = ClipSettings(**config["clipModel"]), SamTinyConfig.from_dict(config["samModel"])
    settings = LmsegSettings.from_dict(config["model"])
    if clip.stem != "patch" or sam.stem != "patch":
        raise CheckpointError(
            f"{source.name} has the toy's convolution stems; bundle it by python -m maskloom_training.lmseg.bundle."
        )
    tensors = module_tensors(source, path)
    model = _small_parts(tensors, clip, sam, settings)
    towers, spatial = under(tensors, "lmseg.clip.clip."), SamPieces(under(tensors, "lmseg.sam."))
    form = DenseForm(tuple(settings.taps), settings.residual, settings.last_block, settings.post_norm)
    tokenizer, both = read_tokenizer(Source(source.name, source.path / "tokenizer")), clip.hugging_face()
    with BundleFolder(out, name, license, source.origin(), dtype) as bundle:
        bundle.room(towers, spatial.tensors)
        write_tokenizer(tokenizer, bundle.folder, [EOS, PAD], clip.vocabulary)
        bundle.tokenizer("tokenizer.json", "tokenizer_config.json")
        bundle.piece(dense_piece(part_of(towers, "vision_model", "visual_projection"), both.vision_config, form))
        bundle.piece(text_piece("clip-text", towers, both, CLIPModel))
        bundle.piece(spatial.encoder())
        add_graphs(bundle, model, lambda: row_graphs(model))
        roles = {"clipDense": "clip-dense", "clipText": "clip-text", "samEncoder": "sam-encoder"}
        roles |= {ROLES[graph]: graph for graph in row_graphs(model)}
        bundle.preset("clip", {
            "imageSize": clip.image_size, "patchSize": clip.patch_size, "mean": list(MEAN), "std": list(STD),
            "resample": "bicubic", "crop": "centre",
        })  # fmt: skip
        bundle.preset("sam", spatial.preset())
        bundle.preset("lmseg", {
            "window": clip.image_size, "overlap": 1 / 3, "resizeTo": clip.image_size * 5 // 3, "chunk": CHUNK,
            "layers": settings.layers, "classCap": settings.class_cap,
            "text": {"eos": EOS, "pad": PAD, "maxTokens": clip.text_length},
        })  # fmt: skip
        bundle.recipe(row, roles, trainedFor=True)
        bundle.finish()


@torch.no_grad()
def _small_parts(tensors: Tensors, clip: ClipSettings, sam: SamTinyConfig, settings: LmsegSettings) -> Lmseg:
    """The model with its fusion, cost layers and decoder; its towers are shapes without weights."""
    with torch.device("meta"):
        towers = ClipTiny(clip), SamTiny(sam, "eager")
    model = Lmseg(*towers, settings).eval().requires_grad_(False)
    for name, target in model.state_dict().items():
        if not target.is_meta:
            target.copy_(tensors.read(f"lmseg.{name}"))
    # What is left of the towers is taken away, so that rounding meets only tensors with values.
    settings_of = model.clip.settings, model.sam.tiny
    model.clip, model.sam = torch.nn.Module(), torch.nn.Module()
    model.dense_clip, model.clip_text = torch.nn.Module(), torch.nn.Module()
    model.clip.settings, model.sam.tiny = settings_of
    return model
