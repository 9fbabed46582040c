"""SAM-tiny to ONNX: the image encoder, and the prompt encoder with the mask decoder.

    python -m maskloom_training.sam.export --checkpoint training/runs/sam/checkpoint.pt --out DIR

writes sam-encoder.onnx and sam-decoder.onnx and compares both with PyTorch.
"""

import argparse
import itertools
from pathlib import Path

import torch
from torch import nn

from ..checkpoint import load_checkpoint
from ..onnx_tools import export, largest_difference, open_session, round_to_half
from .model import SamTiny

TOLERANCE = 1e-4
"""Largest absolute difference allowed between PyTorch and ONNX Runtime."""


class EncoderGraph(nn.Module):
    """pixel_values [B, 3, S, S] -> image_embeddings [B, C, h, w]."""

    def __init__(self, model: SamTiny):
        super().__init__()
        self.model = model

    def forward(self, pixel_values: torch.Tensor) -> torch.Tensor:
        return self.model.encode(pixel_values)


class DecoderGraph(nn.Module):
    """The bundle's sam-decoder: any mix of points, boxes, a previous mask and embeddings, N at once.

    image_embeddings [1, C, h, w], point_coords [N, P, 2], point_labels [N, P] int64, mask_input [N, 1, 4h, 4w],
    has_mask [N], embeddings [N, E, C] -> masks [N, 4, 4h, 4w], iou [N, 4]. P and E may be 0; the sparse
    order is points, then embeddings. With `tokens` also tokens [N, 5 + P + E, C] and image_tokens [N, h * w, C], the
    two-way transformer's last states: what a `<SEG>` embedding has become, and the image beside it (READ, figure 1d).
    """

    def __init__(self, model: SamTiny, tokens: bool = False):
        super().__init__()
        self.model = model
        self.outputs = ["masks", "iou", *(["tokens", "image_tokens"] if tokens else [])]

    def forward(self, image_embeddings, point_coords, point_labels, mask_input, has_mask, embeddings):
        points = self.model.embed_points(point_coords, point_labels)
        dense = self.model.embed_masks(mask_input, has_mask)
        found = self.model.decode_with_tokens(image_embeddings, torch.cat([points, embeddings], dim=1), dense)
        return found[: len(self.outputs)]


def exportable(model: SamTiny) -> SamTiny:
    """A copy on the CPU in eval mode, with plain attention operators and its weights on the float16 grid."""
    copy = SamTiny(model.tiny, "eager")
    copy.load_state_dict({name: tensor.detach().cpu() for name, tensor in model.state_dict().items()})
    return round_to_half(copy).eval()


def export_encoder(model: SamTiny, path: Path) -> Path:
    """Writes the image encoder; B is free."""
    return write_encoder(exportable(model), path)


def write_encoder(model: SamTiny, path: Path) -> Path:
    """Writes the image encoder of a model with plain attention, its weights as they are."""
    side = model.tiny.image_size
    names = {"pixel_values": {0: "B"}, "image_embeddings": {0: "B"}}
    inputs = {"pixel_values": torch.randn(2, 3, side, side)}
    return export(EncoderGraph(model), inputs, ["image_embeddings"], names, path)


def export_decoder(
    model: SamTiny, path: Path, mask_decoder: dict[str, torch.Tensor] | None = None, tokens: bool = False
) -> Path:
    """Writes the prompt encoder and mask decoder; N, P and E are free.

    `mask_decoder` is the state dict of a fine-tuned mask decoder (SamMaskDecoder's names) to use
    instead of the model's own; `tokens` adds `DecoderGraph`'s two outputs.
    """
    copy = exportable(model)
    if mask_decoder is not None:
        copy.mask_decoder.load_state_dict({name: tensor.detach().cpu() for name, tensor in mask_decoder.items()})
        round_to_half(copy.mask_decoder)
    return write_decoder(copy, path, tokens)


DECODER_AXES = {
    "point_coords": {0: "N", 1: "P"},
    "point_labels": {0: "N", 1: "P"},
    "mask_input": {0: "N"},
    "has_mask": {0: "N"},
    "embeddings": {0: "N", 1: "E"},
    "masks": {0: "N"},
    "iou": {0: "N"},
    "tokens": {0: "N", 1: "T"},
    "image_tokens": {0: "N"},
}
"""The decoder's free axes, by input and output."""


def write_decoder(model: SamTiny, path: Path, tokens: bool = False) -> Path:
    """Writes the prompt encoder and mask decoder of a model with plain attention, its weights as they are."""
    inputs = decoder_inputs(model, count=2, points=3, embeddings=2, masked=True)
    graph = DecoderGraph(model, tokens)
    axes = {name: free for name, free in DECODER_AXES.items() if name in inputs or name in graph.outputs}
    return export(graph, inputs, graph.outputs, axes, path)


def decoder_inputs(
    model: SamTiny, count: int, points: int, embeddings: int, masked: bool, boxed: bool = False, seed: int = 0
) -> dict[str, torch.Tensor]:
    """Random inputs of the decoder graph; with `boxed`, the last two points are a box's corners."""
    tiny = model.tiny
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(-1, 2, (count, points), generator=generator)
    if boxed:
        labels[:, -2:] = torch.tensor([2, 3])
    return {
        "image_embeddings": torch.randn(1, tiny.embed, tiny.grid, tiny.grid, generator=generator),
        "point_coords": torch.rand(count, points, 2, generator=generator) * tiny.image_size,
        "point_labels": labels,
        "mask_input": torch.randn(count, 1, tiny.mask_size, tiny.mask_size, generator=generator) * 4,
        "has_mask": (torch.rand(count, generator=generator) < 0.7).float() if masked else torch.zeros(count),
        "embeddings": torch.randn(count, embeddings, tiny.embed, generator=generator),
    }


def check_encoder(model: SamTiny, path: Path) -> float:
    """Largest difference between PyTorch and the file over batches of 1 and 3."""
    copy, session = EncoderGraph(exportable(model)), open_session(path)
    side = model.tiny.image_size
    return max(
        largest_difference(copy, session, {"pixel_values": torch.randn(count, 3, side, side)}) for count in (1, 3)
    )


def check_decoder(
    model: SamTiny, path: Path, mask_decoder: dict[str, torch.Tensor] | None = None, tokens: bool = False
) -> float:
    """Largest difference between PyTorch and the file over every mix of prompts, with 1, 3 and 7 at once."""
    copy = exportable(model)
    if mask_decoder is not None:
        copy.mask_decoder.load_state_dict({name: tensor.detach().cpu() for name, tensor in mask_decoder.items()})
        round_to_half(copy.mask_decoder)
    graph, session = DecoderGraph(copy, tokens), open_session(path)
    return max(largest_difference(graph, session, inputs) for inputs in every_mix(copy))


def every_mix(model: SamTiny):
    """Decoder inputs with no, one and many points, boxes, masks and embeddings; empty axes among them."""
    cases = itertools.product((1, 3, 7), (0, 1, 5, 31), (False, True), (0, 1, 2), (False, True))
    for seed, (count, points, boxed, embeddings, masked) in enumerate(cases):
        yield decoder_inputs(model, count, points + 2 * boxed, embeddings, masked, boxed, seed)


def main() -> None:
    from .train import load_sam

    parser = argparse.ArgumentParser(description="Export SAM-tiny to ONNX and compare it with PyTorch.")
    parser.add_argument("--checkpoint", type=Path, default=Path("training/runs/sam/checkpoint.pt"))
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    model = load_sam(load_checkpoint(arguments.checkpoint, "sam"))
    encoder, decoder = arguments.out / "sam-encoder.onnx", arguments.out / "sam-decoder.onnx"
    export_encoder(model, encoder)
    export_decoder(model, decoder)
    for path, difference in ((encoder, check_encoder(model, encoder)), (decoder, check_decoder(model, decoder))):
        verdict = "agrees with" if difference <= TOLERANCE else "DIFFERS from"
        print(f"{path}: {path.stat().st_size:,} bytes, {verdict} PyTorch (largest difference {difference:.1e})")
        if difference > TOLERANCE:
            raise SystemExit(1)


if __name__ == "__main__":
    main()
