"""SAM of both layouts through the converter, against Hugging Face's SamModel."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from maskloom_training.convert import sam_encoder
from maskloom_training.convert.cli import main
from maskloom_training.convert.graph import Graph
from maskloom_training.convert.sam_encoder import shape_of
from maskloom_training.convert.tensors import Memory, under
from maskloom_training.convert.weight_file import WeightFile
from maskloom_training.onnx_tools import open_session
from tests.lisa_folder import TinyLisa
from tests.sam_layout import original_names


def sam(folder: Path) -> torch.nn.Module:
    return TinyLisa(folder).sam


@pytest.mark.parametrize("dtype", ["f32", "f16", "q8", "q4"])
@pytest.mark.parametrize("together", [1 << 28, 1])
def test_encoder_with_heads_together_and_one_by_one(dtype: str, together: int, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(sam_encoder, "SCORE_BYTES", together)
    model = sam(tmp_path)
    tensors = under(Memory(dict(model.state_dict())), "vision_encoder.")
    shape = shape_of(tensors)
    assert (shape.image_size, shape.windows) == (128, (3, 0, 3))
    weights = WeightFile(tmp_path / "e.onnx_data")
    graph = Graph("e", tensors, weights, dtype)
    graph.stored = {}
    sam_encoder.sam_encoder(graph, shape)
    weights.close()
    graph.save(tmp_path / "e.onnx")
    model.vision_encoder.load_state_dict(graph.stored)
    pixels = torch.randn(2, 3, 128, 128, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        expected = model.vision_encoder(pixels).last_hidden_state.numpy()
    given = open_session(tmp_path / "e.onnx").run(None, {"pixel_values": pixels.numpy()})[0]
    assert np.abs(expected - given).max() < 2e-5


@pytest.mark.parametrize("layout", ["segment-anything", "hugging-face"])
def test_a_bundle_gives_sams_masks(layout: str, tmp_path: Path) -> None:
    model = sam(tmp_path)
    if layout == "segment-anything":
        source = tmp_path / "sam.pth"
        torch.save(original_names(model.state_dict()), source)
    else:
        source = tmp_path / "sam"
        model.save_pretrained(source)
    out = tmp_path / "bundle"
    assert main(["sam", str(source), str(out)]) == 0
    pixels = torch.randn(1, 3, 128, 128, generator=torch.Generator().manual_seed(0))
    points, labels = torch.tensor([[[[30.0, 40.0], [90.0, 20.0]]]]), torch.tensor([[[1, 0]]])
    with torch.no_grad():
        wanted = [
            model(pixel_values=pixels, input_points=points, input_labels=labels, multimask_output=many).pred_masks
            for many in (False, True)
        ]
    features = open_session(out / "sam-encoder.onnx").run(None, {"pixel_values": pixels.numpy()})[0]
    feeds = {
        "image_embeddings": features,
        "point_coords": np.concatenate([points[0].numpy(), np.zeros((1, 1, 2), np.float32)], axis=1),
        "point_labels": np.array([[1, 0, -1]]),
        "mask_input": np.zeros((1, 1, 32, 32), np.float32),
        "has_mask": np.zeros(1, np.float32),
        "embeddings": np.zeros((1, 0, 32), np.float32),
    }
    masks = open_session(out / "sam-decoder.onnx").run(["masks"], feeds)[0]
    assert np.abs(masks[0, 0] - wanted[0][0, 0, 0].numpy()).max() < 1e-4
    assert np.abs(masks[0, 1:] - wanted[1][0, 0].numpy()).max() < 1e-4
    manifest = json.loads((out / "bundle.json").read_text())
    assert manifest["license"] == "Apache-2.0" and set(manifest["origin"]["checks"]) == {"sam-encoder", "sam-decoder"}
    assert manifest["models"]["sam-encoder"]["data"][0]["bytes"] == (out / "sam-encoder.onnx_data").stat().st_size
