"""CLIP and SigLIP of tiny widths through the converter, against Hugging Face's models."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import AddedToken
from torch.nn import functional as F
from transformers import CLIPConfig, CLIPModel, SiglipConfig, SiglipModel

from maskloom_training.convert.cli import main
from maskloom_training.onnx_tools import open_session
from tests.test_convert_lisa import tokenizer

VISION = dict(
    hidden_size=48, intermediate_size=96, num_hidden_layers=3, num_attention_heads=4, image_size=56, patch_size=14
)
TEXT = dict(
    hidden_size=32,
    intermediate_size=64,
    num_hidden_layers=3,
    num_attention_heads=4,
    max_position_embeddings=16,
    vocab_size=430,
)


def folder(kind: str, path: Path) -> torch.nn.Module:
    torch.manual_seed(0)
    words = tokenizer()
    if kind == "clip":
        words.add_special_tokens([AddedToken(t, special=True) for t in ("<|startoftext|>", "<|endoftext|>")])
        end = words.token_to_id("<|endoftext|>")
        text = {**TEXT, "eos_token_id": end}
        model = CLIPModel(CLIPConfig(vision_config=VISION, text_config=text, projection_dim=40)).eval()
    else:
        model = SiglipModel(SiglipConfig(vision_config=VISION, text_config={**TEXT, "projection_size": 48})).eval()
    for parameter in model.parameters():
        if parameter.dim() > 1:
            torch.nn.init.normal_(parameter, std=0.2)
    model.save_pretrained(path)
    words.save(str(path / "tokenizer.json"))
    return model


@pytest.mark.parametrize("dtype", ["f32", "q4"])
@pytest.mark.parametrize("kind", ["clip", "siglip"])
def test_towers_give_what_hugging_face_gives(kind: str, dtype: str, tmp_path: Path) -> None:
    model = folder(kind, tmp_path / "model")
    out = tmp_path / "bundle"
    assert main([kind, str(tmp_path / "model"), str(out), "--dtype", dtype]) == 0
    manifest = json.loads((out / "bundle.json").read_text())
    assert max(manifest["origin"]["checks"].values()) < 1e-4
    assert list(manifest["recipes"]) == [f"{kind}/towers"]
    if dtype != "f32":
        return
    pixels = torch.randn(2, 3, 56, 56)
    session = open_session(out / f"{kind}-tower.onnx")
    given = dict(zip((o.name for o in session.get_outputs()), session.run(None, {"pixel_values": pixels.numpy()})))
    with torch.no_grad():
        seen = model.vision_model(pixels, output_hidden_states=True)
        if kind == "clip":
            wanted = {
                "patch_features": seen.hidden_states[-2][:, 1:],
                "image_embed": model.get_image_features(pixels).pooler_output,
            }
        else:
            wanted = {"patch_features": seen.last_hidden_state, "image_embed": seen.pooler_output}
    for name, value in wanted.items():
        assert np.abs(given[name] - value.numpy()).max() < 1e-4
    ids = torch.randint(4, 400, (2, 16))
    if kind == "clip":
        ids[0, 15] = ids[1, 9] = model.config.text_config.eos_token_id
    mask = torch.ones_like(ids)
    if kind == "clip":
        mask[1, 10:] = 0
    feeds = {"input_ids": ids.numpy(), "attention_mask": mask.numpy()}
    embed = open_session(out / f"{kind}-text.onnx").run(None, feeds)[0]
    with torch.no_grad():
        expected = F.normalize(model.get_text_features(input_ids=ids).pooler_output, dim=-1).numpy()
    assert np.abs(embed - expected).max() < 1e-5
