"""ROSE's checkpoints as this kit writes them, with published stems, grouped heads and a tied table, to bundles."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from maskloom_training.checkpoint import save_checkpoint
from maskloom_training.convert.cli import main
from maskloom_training.onevision.model import OneVisionSettings, OneVisionTiny
from maskloom_training.onnx_tools import open_session
from maskloom_training.rose.lora import add_adapters, merged
from maskloom_training.rose.recipes import RECIPES, RoseWeights
from maskloom_training.sam.config import SamTinyConfig
from maskloom_training.sam.model import SamTiny
from maskloom_training.siglip.model import SiglipSettings, SiglipTiny
from maskloom_training.text.tokenizer import save_tokenizer
from tests.tiny_rose import tokenizer


def lively(module: torch.nn.Module) -> None:
    for name, parameter in module.named_parameters():
        if parameter.dim() > 1:
            torch.nn.init.normal_(parameter, std=0.5 if "lora_" in name else 0.15)


def runs(folder: Path, row: str, stem: str = "patch") -> tuple[SiglipTiny, RoseWeights]:
    """Writes a folder of runs; returns the tower and the row's weights, adapters in them."""
    torch.manual_seed(0)
    words = tokenizer()
    siglip = SiglipTiny(SiglipSettings(
        image_size=64, patch_size=16, width=48, layers=3, mlp=96, text_width=32, text_layers=3, text_mlp=64,
        text_length=16, projection=40, vocabulary=words.get_vocab_size(), stem=stem, activation="gelu_pytorch_tanh",
        norm_epsilon=1e-6,
    ))  # fmt: skip
    model = OneVisionTiny(OneVisionSettings(
        vision_width=48, image_tokens=16, grid=4, projector_hidden=64, hidden=64, layers=3, heads=4, mlp=96,
        vocabulary=words.get_vocab_size(), positions=512, groups=2, rope_theta=1e6, norm_epsilon=1e-6, tied=True,
    ))  # fmt: skip
    sam = SamTinyConfig(
        image_size=64, hidden=32, layers=3, heads=2, window=3, global_layers=(1,), relative_positions=True,
        stem="patch", embed=32, decoder_mlp=48, iou_hidden=32,
    )  # fmt: skip
    recipe = RECIPES[row]
    weights = RoseWeights.new(recipe, model, SamTiny(sam, "eager"), 40)
    add_adapters(model, recipe.lora)
    lively(weights)
    lively(siglip)
    parts = {"onevision": model.config(), "sam": sam.to_dict(), "text_width": 40}
    config = {"recipe": recipe.to_dict(), **parts, "seed": 1}
    save_checkpoint(
        folder / "rose" / recipe.folder / "checkpoint.pt", stage="rose", step=3, config=config,
        modules={"weights": weights},
    )  # fmt: skip
    save_checkpoint(
        folder / "siglip" / "checkpoint.pt", stage="siglip", step=3, config={"model": siglip.config()},
        modules={"siglip": siglip},
    )  # fmt: skip
    save_tokenizer(words, folder / "tokenizer")
    return siglip.eval(), weights.eval()


def same(session, feeds: dict[str, np.ndarray], expected: list[torch.Tensor], tolerance: float = 1e-4) -> None:
    given = session.run(None, feeds)
    for one, other in zip(expected, given, strict=False):
        assert np.abs(one.numpy() - other).max() <= tolerance * max(1.0, float(one.abs().max()))


@torch.no_grad()
def test_every_graph_is_the_trained_module(tmp_path: Path) -> None:
    siglip, weights = runs(tmp_path / "runs", "rose/patch")
    out = tmp_path / "bundle"
    assert main(["rose", str(tmp_path / "runs"), str(out)]) == 0
    model = merged(weights.model)
    open_model = lambda name: open_session(out / f"{name}.onnx")  # noqa: E731
    pixels = torch.randn(2, 3, 64, 64)
    patches = siglip(pixels)[0]
    same(open_model("siglip-tower"), {"pixel_values": pixels.numpy()}, [patches])
    same(open_model("projector"), {"patch_features": patches.numpy()}, [model.projector(patches)])
    ids, mask = torch.randint(4, 100, (2, 7)), torch.tensor([[1] * 7, [1] * 4 + [0] * 3])
    texts = {"input_ids": ids.numpy(), "attention_mask": mask.numpy()}
    same(open_model("siglip-text"), texts, [siglip.text(ids, mask)])
    embeds = model.embed(ids)
    same(open_model("token-embedding"), {"input_ids": ids.numpy()}, [embeds])
    states = model.read(embeds, None, torch.arange(7).expand(2, -1))
    feeds = {
        "inputs_embeds": embeds.numpy(), "attention_mask": np.ones((2, 7), np.int64),
        "position_ids": np.arange(7)[None].repeat(2, 0), "logits_at": np.arange(7),
    }  # fmt: skip
    for i in range(3):
        for part in ("key", "value"):
            feeds[f"past_key_values.{i}.{part}"] = np.zeros((2, 2, 0, 16), np.float32)
    same(open_model("language-model"), feeds, [model.logits(states), states])
    same(open_model("patch-analyzer"), {"states": states[0].numpy()}, list(weights.analyzer(states[0])))
    manifest = json.loads((out / "bundle.json").read_text())
    assert manifest["recipes"]["rose/patch"]["models"]["patchAnalyzer"] == "patch-analyzer"
    assert manifest["presets"]["onevision"]["imageTokens"] == 16


def test_a_stacked_row_of_few_bits(tmp_path: Path) -> None:
    runs(tmp_path / "runs", "stacked-seg/vanilla")
    out = tmp_path / "bundle"
    command = ["rose", str(tmp_path / "runs"), str(out), "--row", "stacked-seg/vanilla", "--dtype", "q4"]
    assert main(command) == 0
    manifest = json.loads((out / "bundle.json").read_text())
    assert max(manifest["origin"]["checks"].values()) < 1e-4
    assert "segProjection" in manifest["recipes"]["stacked-seg/vanilla"]["models"]
    assert manifest["models"]["language-model"]["dtype"] == "int4"


@pytest.mark.parametrize(
    ("stem", "row", "message"), [("conv", "rose/patch", "convolution stems"), ("patch", "rose/none", "--row names one")]
)
def test_what_cannot_be_converted_is_said(stem: str, row: str, message: str, tmp_path: Path, capsys) -> None:
    runs(tmp_path / "runs", "rose/patch", stem)
    assert main(["rose", str(tmp_path / "runs"), str(tmp_path / "out"), "--row", row]) == 1
    assert message in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["runs"]
