"""LMSeg's graphs in a bundle: they agree with PyTorch in any chunks, and other entries stay as they were."""

import json

import pytest
import torch
from tiny_lmseg import WORLD, encoders, lmseg, tokenizer
from torch.nn import functional as F

from maskloom_training.bundle_add import adding, new_bundle
from maskloom_training.lmseg.bundle import fill
from maskloom_training.lmseg.onnx_model import OnnxLmseg
from maskloom_training.lmseg.settings import WEIGHTED
from maskloom_training.manifest import size_and_hash
from maskloom_training.onnx_tools import open_session, round_to_half, run
from maskloom_training.text.tokenizer import save_tokenizer

ROWS = {
    "lmseg/full": ("both", {}),
    "lmseg/tune-frozen": ("frozen", {}),
    "lmseg/fusion-channel": ("frozen", {"fusion": "channel"}),
    "lmseg/fusion-position": ("frozen", {"fusion": "position"}),
    "lmseg/fusion-attention": ("frozen", {"fusion": "attention"}),
    "lmseg/fusion-concat": ("frozen", {"fusion": "concat"}),
    "lmseg/fusion-clip": ("frozen", {"fusion": "clip"}),
    "lmseg/fusion-sam": ("frozen", {"fusion": "sam"}),
    "lmseg/enhance-none": ("frozen", {"spatial": False, "classes": False}),
}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    """A bundle with an entry of somebody else's, and every kind of row added to it."""
    base, out = tmp_path_factory.mktemp("base"), tmp_path_factory.mktemp("out") / "bundle"
    save_tokenizer(tokenizer(), base)
    files = [{"file": n, **size_and_hash(base / n)} for n in ("tokenizer.json", "tokenizer_config.json")]
    manifest = {
        "schema": "maskloom.bundle/1", "name": "base", "version": "0.1.0", "license": "Apache-2.0",
        "origin": {"trainedBy": "test"}, "tokenizer": {"files": files}, "presets": {"sam": {"imageSize": 64}},
        "models": {}, "recipes": {},
    }  # fmt: skip
    (base / "bundle.json").write_text(json.dumps(manifest))
    new_bundle(out, "ablations", base)
    before = json.loads((out / "bundle.json").read_text())
    before["models"]["other"] = {"file": "other.onnx"}
    (out / "bundle.json").write_text(json.dumps(before))
    with adding(out) as bundle:
        fill(bundle, [(i, lmseg(**o), t, {"trainedFor": False}) for i, (t, o) in ROWS.items()], WORLD, 4)
    return out


def test_other_entries_stay(bundle):
    manifest = json.loads((bundle / "bundle.json").read_text())
    assert manifest["models"]["other"] == {"file": "other.onnx"}
    assert manifest["presets"]["sam"] == {"imageSize": 64} and manifest["name"] == "ablations"
    assert set(manifest["recipes"]) == set(ROWS)
    for name, entry in manifest["models"].items():
        if name != "other":
            assert {k: entry[k] for k in ("bytes", "sha256")} == size_and_hash(bundle / entry["file"])
    assert manifest["recipes"]["lmseg/fusion-sam"]["models"]["clipText"] == "lmseg/clip-text"
    assert manifest["recipes"]["lmseg/full"]["models"]["clipText"] == "lmseg-full/clip-text"
    stored = manifest["presets"]["lmseg"]["descriptions"]
    assert {k: stored[k] for k in ("bytes", "sha256")} == size_and_hash(bundle / stored["file"])
    assert not list(bundle.glob(".bundle.lock"))


@pytest.mark.parametrize("recipe", ROWS)
def test_a_row_in_chunks_is_the_whole_in_pytorch(bundle, recipe):
    model = round_to_half(lmseg(**ROWS[recipe][1]))
    text = F.normalize(torch.randn(7, 24, generator=torch.Generator().manual_seed(2)), dim=-1)
    views = tuple(torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(s)) for s in (3, 4))
    expected = model(*views, text)
    for chunk in (1, 3, 64):
        assert (OnnxLmseg(bundle, recipe, chunk)(*views, text) - expected).abs().max() < 1e-4


@pytest.mark.parametrize("kind", WEIGHTED)
def test_a_given_weight_replaces_the_learned_one(bundle, kind):
    folder = "lmseg-tune-frozen" if kind == "scalar" else f"lmseg-fusion-{kind}"
    model = round_to_half(lmseg(fusion=kind))
    maps = {"clip": torch.randn(1, 64, 24), "sam": torch.randn(1, 32, 8, 8)}
    learned = run(open_session(bundle / folder / "fusion.onnx"), maps)
    assert learned[1].shape == model.fusion.free.shape
    assert abs(learned[1] - model.fusion.weight.numpy()).max() < 1e-6
    at = open_session(bundle / folder / "fusion-at.onnx")
    same = run(at, {**maps, "weight": model.fusion.weight})[0]
    alone = run(at, {**maps, "weight": torch.ones_like(model.fusion.weight)})[0]
    assert abs(same - learned[0]).max() < 1e-5
    clip = F.normalize(maps["clip"], dim=-1).transpose(1, 2).reshape(1, 24, 8, 8)
    assert abs(alone - clip.numpy()).max() < 1e-5


def test_the_text_graph_agrees_at_any_length(bundle):
    clip, _ = encoders()
    model = OnnxLmseg(bundle, "lmseg/tune-frozen")
    tuned = round_to_half(lmseg())
    for width in (2, 5, 20):
        ids = torch.randint(7, 300, (4, width))
        ids[:, -1] = clip.settings.eos
        mask = torch.ones_like(ids)
        assert (model.clip_text(ids, mask) - tuned.clip_text(ids, mask)).abs().max() < 1e-4


def test_a_failed_addition_leaves_the_manifest(bundle):
    before = (bundle / "bundle.json").read_bytes()
    with pytest.raises(ValueError, match="no-such-model"), adding(bundle) as addition:
        addition.preset("lmseg", {})
        addition.recipe("lmseg/x", {"models": {"fusion": "no-such-model"}})
    assert (bundle / "bundle.json").read_bytes() == before
