"""Where refinement starts: OneVision-tiny's base with the patch heads it was trained with, SigLIP-tiny and SAM-tiny.

ROSE trains refinement as one of its tasks. Here it starts from the base that every row of ROSE's tables starts from,
and is trained on refinement alone: its tower sees another input, so nothing but the base could be shared anyway.
"""

from __future__ import annotations

from pathlib import Path

from ..checkpoint import load_checkpoint
from ..onevision.model import OneVisionSettings, OneVisionTiny
from ..rose.analyzer import PatchAnalyzer
from ..sam.train import load_sam
from ..siglip.train import load_siglip
from .model import RefineTiny


def start(onevision: Path, siglip: Path, sam: Path) -> RefineTiny:
    """A model with the base's weights; its tower reads three planes."""
    saved = load_checkpoint(onevision, "onevision")
    model = OneVisionTiny(OneVisionSettings(**saved["config"]["model"]))
    model.load_state_dict(saved["modules"]["onevision"])
    heads = saved["modules"]["analyzer"]
    analyzer = PatchAnalyzer(
        model.settings.hidden,
        prompt=heads["mask.2.bias"].shape[0],
        text=heads["text.2.bias"].shape[0],
        hidden=heads["mask.0.bias"].shape[0],
    )
    analyzer.load_state_dict(heads)
    return RefineTiny(load_siglip(siglip), model, analyzer, load_sam(load_checkpoint(sam, "sam")))
