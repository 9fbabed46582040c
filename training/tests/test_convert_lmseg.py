"""LMSeg's checkpoints as this kit writes them, with published stems, to bundles: logits are the trained model's."""

import json
from pathlib import Path

import pytest
import torch
from torch.nn import functional as F

from maskloom_training.checkpoint import save_checkpoint
from maskloom_training.clip.model import ClipSettings, ClipTiny
from maskloom_training.convert.cli import main
from maskloom_training.lmseg.model import Lmseg
from maskloom_training.lmseg.onnx_model import OnnxLmseg
from maskloom_training.lmseg.settings import LmsegSettings
from maskloom_training.sam.config import SamTinyConfig
from maskloom_training.sam.model import SamTiny
from maskloom_training.text.tokenizer import save_tokenizer
from tests.tiny_lmseg import tokenizer


def runs(folder: Path, stem: str = "patch", **options) -> Lmseg:
    """Writes a folder of runs; `options` are LmsegSettings."""
    torch.manual_seed(0)
    words = tokenizer()
    clip = ClipTiny(ClipSettings(
        image_size=64, patch_size=8, width=32, layers=4, heads=2, text_heads=4, mlp=64, text_width=32, text_mlp=64,
        projection=24, vocabulary=words.get_vocab_size(), text_length=20, stem=stem, activation="quick_gelu",
    ))  # fmt: skip
    sam = SamTinyConfig(
        image_size=64, hidden=32, layers=3, heads=2, window=3, global_layers=(1,), relative_positions=True,
        stem="patch", embed=32,
    )  # fmt: skip
    settings = LmsegSettings.from_dict({"dim": 16, "heads": 2, "window": 4, "taps": [0, 2], **options})
    model = Lmseg(clip, SamTiny(sam, "eager"), settings).eval().requires_grad_(False)
    for name, p in model.named_parameters():
        if p.dim() > 1 and not name.startswith(("cost_embed", "upsample")):
            torch.nn.init.normal_(p, std=0.2)
    clip.clip.set_attn_implementation("eager")
    config = {"clipModel": clip.config(), "samModel": sam.to_dict(), "model": settings.to_dict(), "held_out_seed": 4}
    path = folder / "lmseg" / "lmseg-full" / "checkpoint.pt"
    save_checkpoint(path, stage="lmseg", step=3, config=config, modules={"lmseg": model})
    save_tokenizer(words, folder / "tokenizer")
    return model


@pytest.mark.parametrize("options", [{}, {"residual": "cls", "fusion": "channel"}, {"last_block": "full"}])
@torch.no_grad()
def test_logits_are_the_trained_models(options: dict, tmp_path: Path) -> None:
    model = runs(tmp_path / "runs", **options)
    out = tmp_path / "bundle"
    assert main(["lmseg", str(tmp_path / "runs"), str(out)]) == 0
    text = F.normalize(torch.randn(5, 24, generator=torch.Generator().manual_seed(2)), dim=-1)
    views = tuple(torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(s)) for s in (3, 4))
    converted = OnnxLmseg(out, "lmseg/full", 2)
    expected = model(*views, text)
    assert expected.std() > 0.1
    assert (converted(*views, text) - expected).abs().max() < 1e-3
    ids = torch.randint(7, 60, (3, 6))
    ids[:, -1] = ids.max() + 1
    mask = torch.ones_like(ids)
    assert (converted.clip_text(ids, mask) - model.clip_text(ids, mask)).abs().max() < 1e-4


def test_few_bits_and_toy_stems(tmp_path: Path, capsys) -> None:
    runs(tmp_path / "runs")
    assert main(["lmseg", str(tmp_path / "runs"), str(tmp_path / "q8"), "--dtype", "q8"]) == 0
    manifest = json.loads((tmp_path / "q8" / "bundle.json").read_text())
    assert max(manifest["origin"]["checks"].values()) < 1e-4
    assert manifest["models"]["clip-dense"]["dtype"] == "int8"
    runs(tmp_path / "toy", "conv")
    assert main(["lmseg", str(tmp_path / "toy"), str(tmp_path / "out")]) == 1
    assert "convolution stems" in capsys.readouterr().err
