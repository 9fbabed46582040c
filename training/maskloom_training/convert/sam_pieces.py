"""SAM's two graphs out of a checkpoint, and the constants that go with them."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import SamVisionConfig
from transformers.models.sam.modeling_sam import SamVisionEncoder

from ..geometry import SAM_MEAN, SAM_STD
from ..onnx_tools import largest_difference, open_session
from ..sam.export import DecoderGraph, decoder_inputs, write_decoder
from .pieces import TOLERANCE, Piece, file_entry
from .sam_decoder import load_decoder
from .sam_encoder import SamShape, sam_encoder, shape_of
from .sam_keys import sam_tensors
from .tensors import CheckpointError, Tensors, under

DECODER_HEADS = 8
"""Heads of the mask decoder in ViT-B, L and H; the tensors do not say."""


class SamPieces:
    """A SAM checkpoint of either layout (`tensors` holds nothing else, or names that no SAM has)."""

    def __init__(self, tensors: Tensors, decoder_heads: int = DECODER_HEADS) -> None:
        self.tensors = sam_tensors(tensors)
        self.vision = under(self.tensors, "vision_encoder.")
        self.shape = shape_of(self.vision)
        self.heads = decoder_heads

    def encoder(self, dtype: str | None = None) -> Piece:
        """The image encoder. Its twin goes up to the first layer of attention over the whole grid, at least two."""
        shape = self.shape
        layers = max(2, 1 + min(shape.global_layers, default=1))
        return Piece(
            id="sam-encoder",
            tensors=self.vision,
            write=lambda g: sam_encoder(g, shape),
            twin=lambda g: sam_encoder(g, shape, layers),
            reference=lambda stored: _vision_reference(shape, min(layers, shape.layers), stored),
            dtype=dtype,
        )

    def write_decoder(self, folder: Path, dtype: str) -> tuple[dict, float]:
        """Writes sam-decoder.onnx, whole; its manifest entry, and its difference from PyTorch."""
        half = dtype != "f32"
        model = load_decoder(self.tensors, self.shape.image_size, self.shape.patch, self.heads, half)
        path = folder / "sam-decoder.onnx"
        # The file is small: no external data. A <SEG> system made of these weights may ask for the tokens.
        write_decoder(model, path, tokens=True)
        session, graph, worst = open_session(path), DecoderGraph(model, tokens=True), 0.0
        for points, embeddings, masked in ((2, 0, False), (0, 1, False), (3, 1, True)):
            inputs = decoder_inputs(model, 2, points, embeddings, masked)
            with torch.no_grad():
                unit = max(1.0, *(float(t.abs().max()) for t in graph(*inputs.values())))
            worst = max(worst, largest_difference(graph, session, inputs) / unit)
        if not worst <= TOLERANCE:
            raise CheckpointError(f"sam-decoder differs from PyTorch by {worst:.1e} (allowed: {TOLERANCE:.0e}).")
        return file_entry(path, "f16" if half else "f32"), worst

    def preset(self) -> dict:
        """The bundle's constants of SAM; pixel statistics in 0..255."""
        shape = self.shape
        return {
            "imageSize": shape.image_size,
            "maskSize": 4 * shape.grid,
            "embedDim": shape.embed,
            "mean": list(SAM_MEAN),
            "std": list(SAM_STD),
            "resample": "bilinear",
        }


def _vision_reference(shape: SamShape, layers: int, stored: dict[str, torch.Tensor]):
    """Hugging Face's encoder of the first layers."""
    config = SamVisionConfig(
        hidden_size=shape.width,
        output_channels=shape.embed,
        num_hidden_layers=layers,
        num_attention_heads=shape.width // shape.head,
        image_size=shape.image_size,
        patch_size=shape.patch,
        mlp_dim=stored["layers.0.mlp.lin1.weight"].shape[0],
        use_rel_pos=True,
        window_size=max(shape.windows),
        global_attn_indexes=list(shape.global_layers),
    )
    config._attn_implementation = "eager"
    with torch.device("meta"):
        model = SamVisionEncoder(config)
    model.load_state_dict(stored, assign=True)
    model.eval()
    pixels = torch.randn(1, 3, shape.image_size, shape.image_size, generator=torch.Generator().manual_seed(0))
    return (lambda x: model(x).last_hidden_state), {"pixel_values": pixels}
