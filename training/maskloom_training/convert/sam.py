"""SAM ViT-B, L, H to a bundle for `sam/prompted` and `sam/everything`."""

from __future__ import annotations

from pathlib import Path

from .folder import BundleFolder
from .sam_pieces import DECODER_HEADS, SamPieces
from .source import Source

ROLES = {"samEncoder": "sam-encoder", "samDecoder": "sam-decoder"}


def add_sam(bundle: BundleFolder, pieces: SamPieces, encoder_dtype: str | None = None) -> None:
    """SAM's two graphs and its preset."""
    bundle.piece(pieces.encoder(encoder_dtype))
    bundle.model("sam-decoder", *pieces.write_decoder(bundle.folder, bundle.dtype))
    bundle.preset("sam", pieces.preset())


def convert_sam(source: Source, out: Path, dtype: str, name: str, license: str) -> None:
    """A .pth of segment-anything, or a folder of Hugging Face's SamModel."""
    heads = DECODER_HEADS
    if source.has("config.json"):
        heads = source.json("config.json").get("mask_decoder_config", {}).get("num_attention_heads", heads)
    pieces = SamPieces(source.tensors(), heads)
    with BundleFolder(out, name, license, source.origin(), dtype) as bundle:
        bundle.room(pieces.tensors)
        add_sam(bundle, pieces)
        for recipe in ("sam/prompted", "sam/everything"):
            bundle.recipe(recipe, ROLES)
        bundle.finish()
