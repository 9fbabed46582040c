"""The cases by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from . import lisa_case, onevision_case, ready_case, sam_case
from .report import Row
from .tower_case import run_clip, run_siglip

EVERY = ("f32", "f16", "q8", "q4")
FEW = ("f32", "f16", "q4")
F32 = ("f32",)


@dataclass(frozen=True)
class Case:
    """One checkpoint at real widths."""

    summary: str
    run: Callable[[str, Iterable[str], Path], list[Row]]
    dtypes: tuple[str, ...] = EVERY
    """The forms of the weights that are compared."""


_LLAVA = "LLaVA-1.5-7B's widths, 2 layers; CLIP L/14-336 whole; SAM ViT-H's widths, 2 layers; {} projector"

CASES: dict[str, Case] = {
    "sam-vit-b": Case("SAM ViT-B at 1024, 12 layers, segment-anything's file", sam_case.run),
    "clip-vit-b-16": Case(
        "CLIP B/16 at 224, whole", run_clip(patch=16, side=224, vision=768, layers=12, text=512, joint=512)
    ),
    "clip-vit-l-14-336": Case(
        "CLIP L/14 at 336, whole", run_clip(patch=14, side=336, vision=1024, layers=24, text=768, joint=768)
    ),
    "siglip-so400m": Case("SigLIP so400m/14 at 384, 4 of 27 layers", run_siglip(4)),
    "lisa-7b": Case(_LLAVA.format("LISA's linear"), lisa_case.run(lisa_case.LISA), FEW),
    "sesame-7b": Case(_LLAVA.format("LLaVA-1.5's"), lisa_case.run(lisa_case.SESAME), FEW),
    "read-7b": Case(_LLAVA.format("LLaVA-1.5's"), lisa_case.run(lisa_case.READ), FEW),
    "onevision-0.5b": Case(
        "LLaVA-OneVision-0.5B's widths: SigLIP so400m/14 at 384 and Qwen2-0.5B, 2 layers each", onevision_case.run, FEW
    ),
    "ready-made-sam": Case("the mask decoder at its real width, prompted as LISA does", ready_case.run_sam, F32),
    "ready-made-clip": Case("CLIP B/16 at 224, whole", ready_case.run_clip, F32),
    "ready-made-onevision": Case("the decoder of LLaVA-OneVision-0.5B's widths, 2 layers", ready_case.run_decoder, F32),
}
