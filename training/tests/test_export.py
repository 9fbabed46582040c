"""ONNX files against PyTorch: every mix of prompts, float16 storage, fine-tuned decoders."""

import numpy as np
import onnx
import pytest
import torch

from maskloom_training.onnx_tools import open_session, round_to_half, run, store_weights_as_half
from maskloom_training.sam.add_tokens import with_tokens
from maskloom_training.sam.config import SamTinyConfig
from maskloom_training.sam.export import (
    TOLERANCE,
    DecoderGraph,
    check_decoder,
    check_encoder,
    decoder_inputs,
    every_mix,
    export_decoder,
    export_encoder,
    exportable,
)
from maskloom_training.sam.model import SamTiny

SMALL = {"hidden": 32, "layers": 2, "heads": 2, "embed": 32, "decoder_mlp": 32, "decoder_heads": 2, "stem_width": 8}
UNFRIENDLY = {"NonZero", "If", "Loop", "Scan", "Unique", "Range", "ScatterND", "Einsum"}


@pytest.fixture(scope="module")
def model() -> SamTiny:
    torch.manual_seed(0)
    return SamTiny(SamTinyConfig.from_dict(SMALL))


@pytest.fixture(scope="module")
def folder(tmp_path_factory, model):
    directory = tmp_path_factory.mktemp("onnx")
    export_encoder(model, directory / "encoder.onnx")
    export_decoder(model, directory / "decoder.onnx")
    return directory


def test_the_encoder_agrees(model, folder):
    assert check_encoder(model, folder / "encoder.onnx") <= TOLERANCE


def test_the_decoder_agrees_on_every_mix(model, folder):
    mixes = list(every_mix(exportable(model)))
    counts = {(m["point_coords"].shape[0], m["point_coords"].shape[1], m["embeddings"].shape[1]) for m in mixes}
    assert {(1, 0, 0), (7, 0, 0), (3, 33, 2), (7, 2, 0), (1, 0, 1)} <= counts
    assert check_decoder(model, folder / "decoder.onnx") <= TOLERANCE


def test_what_is_compared_depends_on_every_input(model, folder):
    session = open_session(folder / "decoder.onnx")
    base = decoder_inputs(model, 2, 3, 1, masked=True)
    base["has_mask"] = torch.ones(2)
    expected = run(session, base)[0]
    changes = {
        "image_embeddings": base["image_embeddings"] * 0.5,
        "point_coords": 128 - base["point_coords"],
        "point_labels": torch.full_like(base["point_labels"], 1),
        "mask_input": -base["mask_input"],
        "has_mask": torch.zeros(2),
        "embeddings": -base["embeddings"],
    }
    for name, value in changes.items():
        assert np.abs(run(session, {**base, name: value})[0] - expected).max() > 1e-3, name


def test_a_fine_tuned_decoder_is_exported(model, folder, tmp_path):
    torch.manual_seed(1)
    tuned = SamTiny(SamTinyConfig.from_dict(SMALL)).mask_decoder.state_dict()
    path = export_decoder(model, tmp_path / "tuned.onnx", tuned)
    assert check_decoder(model, path, tuned) <= TOLERANCE
    inputs = decoder_inputs(model, 2, 3, 1, masked=False)
    first, second = run(open_session(folder / "decoder.onnx"), inputs)[0], run(open_session(path), inputs)[0]
    assert np.abs(first - second).max() > 1e-2


def test_an_export_leaves_the_model_as_it_was(model, tmp_path):
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    training = model.training
    export_encoder(model, tmp_path / "encoder.onnx")
    assert model.training == training
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert [p.name for p in tmp_path.iterdir()] == ["encoder.onnx"]


@pytest.mark.parametrize("name", ["encoder.onnx", "decoder.onnx"])
def test_weights_are_float16_and_edges_float32(folder, name):
    graph = onnx.load(folder / name).graph
    stored = sum(np.prod(t.dims, dtype=int) for t in graph.initializer if t.data_type == onnx.TensorProto.FLOAT16)
    wide = sum(np.prod(t.dims, dtype=int) for t in graph.initializer if t.data_type == onnx.TensorProto.FLOAT)
    positions = 16 * 16 * SMALL["embed"]  # the table of the grid's Fourier features is computed, so it stays float32
    assert stored > 10_000 and wide <= positions + 200
    for edge in [*graph.input, *graph.output]:
        kind = edge.type.tensor_type.elem_type
        assert kind == (onnx.TensorProto.INT64 if edge.name == "point_labels" else onnx.TensorProto.FLOAT)
    assert not UNFRIENDLY & {node.op_type for node in graph.node}


def test_half_storage_keeps_what_float16_cannot_hold():
    values = np.linspace(0, 1, 40, dtype=np.float32)
    exact = np.arange(40, dtype=np.float32)
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("Add", ["x", "values"], ["y"]), onnx.helper.make_node("Add", ["y", "exact"], ["z"])],
        "g",
        [onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [40])],
        [onnx.helper.make_tensor_value_info("z", onnx.TensorProto.FLOAT, [40])],
        [onnx.numpy_helper.from_array(values, "values"), onnx.numpy_helper.from_array(exact, "exact")],
    )
    kinds = {t.name: t.data_type for t in store_weights_as_half(onnx.helper.make_model(graph)).graph.initializer}
    assert kinds == {"values": onnx.TensorProto.FLOAT, "exact.half": onnx.TensorProto.FLOAT16}


def test_rounding_refuses_what_overflows():
    layer = torch.nn.Linear(2, 2)
    with torch.no_grad():
        layer.weight.fill_(1e6)
    with pytest.raises(ValueError, match="weight"):
        round_to_half(layer)


def test_the_decoder_takes_no_prompt_at_all(model, folder):
    inputs = decoder_inputs(model, 3, 0, 0, masked=False)
    masks, quality = run(open_session(folder / "decoder.onnx"), inputs)
    expected, _ = DecoderGraph(exportable(model))(*inputs.values())
    assert masks.shape == (3, 4, 64, 64) and quality.shape == (3, 4)
    assert np.abs(masks - expected.detach().numpy()).max() <= TOLERANCE


def test_a_decoder_gets_its_tokens_without_a_weight_or_a_mask_changing(tmp_path):
    settings = SamTinyConfig.from_dict(SMALL)
    model = SamTiny(settings)
    with torch.no_grad():
        for tensor in model.parameters():  # the exporter merges weights that are equal, which training never leaves
            tensor.copy_(torch.randn(tensor.shape) * 0.2)
    shipped, made = export_decoder(model, tmp_path / "decoder.onnx"), tmp_path / "with-tokens.onnx"
    assert with_tokens(settings, shipped, made) <= TOLERANCE
    assert [output.name for output in onnx.load(made).graph.output] == ["masks", "iou", "tokens", "image_tokens"]
    inputs = decoder_inputs(model, 2, 3, 2, masked=True)
    before, after = run(open_session(shipped), inputs), run(open_session(made), inputs)
    assert all(np.array_equal(old, new) for old, new in zip(before, after[:2], strict=True))
    assert after[2].shape == (2, 5 + 3 + 2, SMALL["embed"]) and after[3].shape == (2, 256, SMALL["embed"])
    last = DecoderGraph(exportable(model), tokens=True)(*inputs.values())[2][:, -1].detach().numpy()
    assert np.abs(after[2][:, -1] - last).max() <= TOLERANCE
