"""Stages of real size at tiny widths: data in the real layouts, training, and the way to a bundle."""

import json
import os
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch
from lisa_folder import TinyLisa
from parallel_runs import COMMAND, KIT
from real_folders import BOX, write_folders
from real_tiny import narrow

from maskloom_training.checkpoint import load_checkpoint
from maskloom_training.convert.cli import main as convert
from maskloom_training.loop import train
from maskloom_training.real.config import cut, read_config
from maskloom_training.real.data.coco_stuff_names import COCO_STUFF
from maskloom_training.real.data.mix import Mix, open_reader
from maskloom_training.real.data.picture import DataError
from maskloom_training.real.data.refer import read_refs
from maskloom_training.real.export import main as export
from maskloom_training.real.train import make_stage

REAL = sorted(path.stem for path in (KIT / "configs/real").glob("*.json"))
AREA = (BOX[2] - BOX[0]) * (BOX[3] - BOX[1])


class Given:
    """What the command line gives a stage."""

    def __init__(self, data: Path, weights: Path | None = None, clip: Path | None = None) -> None:
        self.data, self.weights, self.clip, self.sam = data, weights, clip, None


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_folders(tmp_path_factory.mktemp("real"))


@pytest.mark.parametrize("name", REAL)
def test_every_data_set_of_a_configuration_is_read_in_its_own_layout(name, data):
    for groups in (read_config(KIT / f"configs/real/{name}.json")[key] for key in ("data", "val")):
        for reader in (r for group in Mix(data, groups).groups for r in group):
            assert len(reader) == 2
            picture = reader[0]
            height, width = picture.pixels().shape[:2]
            assert picture.regions or picture.turns[0] == ("What is this?", "A box.")
            for region in picture.regions:
                assert region.phrases[0]
                if region.mask is not None:
                    assert region.mask().shape == (height, width) and region.mask().any()


def test_masks_names_and_false_premises(data):
    folders = {"ade20k-150": "ade20k", "coco-instances": "coco"}
    asked = ("ade20k-150", "coco-stuff", "reasonseg", "fp-refcoco", "paco-lvis", "coco-instances")
    first = {f: open_reader(data, f, folders.get(f, "."))[0] for f in asked}
    assert [r.phrases[0] for r in first["ade20k-150"].regions] == ["thing5", "thing13"]
    assert [r.phrases[0] for r in first["coco-stuff"].regions] == ["dog", "sky-other"]
    assert [int(r.mask().sum()) for r in first["coco-stuff"].regions] == [AREA, 64 * 96 - AREA - 4 * 96]
    assert first["coco-instances"].regions[0].mask()[BOX[1] : BOX[3], BOX[0] : BOX[2]].all()
    assert [r.phrases[0] for r in first["paco-lvis"].regions] == ["trash can", "the handle of the mug"]
    question, lie = first["reasonseg"].regions
    assert question.phrases[0] == "what could burn your café?" and question.sentence
    assert int(question.mask().sum()) == AREA - 9 * 7 and lie.mask is None
    truth, lie = first["fp-refcoco"].regions
    assert truth.phrases == ("the red box",) and lie.mask is None and lie.truth == "the red box"
    names = re.findall(
        r"\[\d+, '([^']+)'\]", text := (KIT.parent / "packages/data/src/semantic/coco-stuff-names.ts").read_text()
    )
    stuff = re.findall(r"'([^']+)'", text.split("STUFF")[1].split("];")[0])
    assert list(COCO_STUFF.values()) == names + stuff and len(COCO_STUFF) == 171 and COCO_STUFF[157] == "sky-other"


@pytest.mark.skipif(not COMMAND.exists(), reason="the command line is not built (npm run build)")
def test_the_same_folders_open_in_typescript(data):
    script = """
      const { openDataset } = await import(process.argv[1]);
      for (const [format, folder, split] of JSON.parse(process.argv[2])) {
        let count = 0;
        const data = await openDataset(format, folder, { split });
        for await (const sample of data.samples()) count += sample.width > 0 ? 1 : 0;
        console.log(format, count);
      }"""
    formats = ["refcoco", "refcoco+", "refcocog", "refclef", "fp-refcoco", "r-refcoco", "paco-lvis", "pascal-part"]
    formats += ["reasonseg", "ade20k-150", "coco-stuff"]
    wanted = [[f, str(data), "train"] for f in formats]
    wanted += [["coco-instances", str(data / "coco"), "train"], ["vistas-v2", str(data), "training"]]
    module = (KIT.parent / "packages/data/dist/index.js").as_uri()
    done = subprocess.run(
        ["node", "--input-type=module", "-e", script, module, json.dumps(wanted)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:-1] == [f"{f} 2" for f, _, _ in wanted]


def test_what_is_wrong_with_data_is_said(data, tmp_path):
    with pytest.raises(DataError, match="formats are ade20k-150"):
        open_reader(data, "ade")
    with pytest.raises(DataError, match="no label map|looked for"):
        open_reader(tmp_path, "coco-stuff")
    evil = tmp_path / "refs(unc).p"
    evil.write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    with pytest.raises(DataError, match="os.system"):
        read_refs(evil)


long = pytest.mark.skipif(not os.environ.get("LONG_RUNS"), reason="takes minutes: LONG_RUNS=1")


@pytest.mark.parametrize(
    "name", ["read-7b", "rose-7b", *(pytest.param(name, marks=long) for name in ("lisa-7b", "lmseg-b", "lmseg-l"))]
)
def test_a_stage_learns_resumes_and_checks_itself(name, data, tmp_path):
    if name == "rose-7b":
        settings = {"data": read_config(KIT / "configs/real/rose-7b.json")["val"], "bfloat16": True}
    elif name.startswith("lmseg"):
        settings = {"lr": 3e-3, "bfloat16": True}
    else:
        settings = {"data": [{"share": 1, "sets": [{"format": "reasonseg", "folder": "."}]}]}
    config = narrow(name, steps=6, selfcheck=True, **settings)
    for steps in (3, 6):
        stage = make_stage(narrow(name, steps=6, **settings), Given(data))
        train(stage, {**config, **stage.config, "steps": steps}, tmp_path, resume=True)
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    losses = [line["loss"] for line in lines if line["kind"] == "train"]
    assert len(losses) == 6 and np.isfinite(losses).all() and min(losses[3:]) < losses[0]
    changed, frozen = _moved(
        load_checkpoint(tmp_path / "checkpoint.pt"), make_stage(narrow(name, **settings), Given(data))
    )
    assert changed > 10 and frozen > 10


def _moved(saved: dict, fresh) -> tuple[int, int]:
    """How many trained tensors moved, and how many frozen ones did not. Raises where a frozen one moved."""
    changed = same = 0
    for module, start in fresh.modules().items():
        trained = {n for n, p in start.named_parameters() if p.requires_grad}
        for name, tensor in start.state_dict().items():
            equal = torch.equal(saved["modules"][module][name], tensor)
            changed += name in trained and not equal
            same += equal
            assert equal or name in trained or any(name.endswith(t.split(".", 1)[-1]) for t in trained), name
    return changed, same


def test_cut_keeps_widths(tmp_path):
    config = read_config(KIT / "configs/real/read-7b.json")
    small = cut(config, 2, 1000)
    assert small["model"]["language"]["num_hidden_layers"] == small["model"]["sam"]["layers"] == 2
    assert small["model"]["language"]["hidden_size"] == 4096 and small["model"]["language"]["vocab_size"] == 1000
    assert config["model"]["language"]["num_hidden_layers"] == 32
    with pytest.raises(ValueError, match="no 'step' to set"):
        read_config(KIT / "configs/real/read-7b.json", ["step=3"])


@long
@pytest.mark.parametrize(
    ("name", "command"),
    [("read-7b", ["read-7b"]), ("rose-7b", ["rose", "--row", "rose/super-3x3"]), ("lmseg-b", ["lmseg"])],
)
def test_a_checkpoint_converts_to_a_bundle(name, command, data, tmp_path):
    tiny = TinyLisa(tmp_path, two_layers=True)
    tiny.write()
    settings, given = {"steps": 1, "bfloat16": name != "rose-7b"}, Given(data)
    if name == "read-7b":
        settings |= {"data": [{"share": 1, "sets": [{"format": "reasonseg", "folder": "."}]}]}
        given = Given(data, tmp_path / "lisa", tmp_path / "clip")
    config = narrow(name, **settings)
    if name == "read-7b":
        config["model"]["language"]["vocab_size"] = tiny.first_added + 3
    stage = make_stage(config, given)
    if name == "read-7b":
        own, start = stage.weights.language.state_dict(), tiny.llama.state_dict()
        base = "model.layers.1.self_attn.q_proj"
        assert torch.equal(own[f"{base}.base_layer.weight"], start[f"{base}.weight"].to(torch.bfloat16))
        assert torch.equal(stage.weights.sam.mask_decoder.mask_tokens.weight, tiny.sam.mask_decoder.mask_tokens.weight)
    train(stage, config, tmp_path / "run")
    paths = ["--checkpoint", tmp_path / "run/checkpoint.pt", "--out", tmp_path / "made"]
    if given.weights:
        paths += ["--weights", given.weights, "--clip", given.clip]
    export([str(word) for word in paths])
    assert convert([command[0], str(tmp_path / "made"), str(tmp_path / "bundle"), *command[1:]]) == 0
    manifest = json.loads((tmp_path / "bundle/bundle.json").read_text())
    assert max(manifest["origin"]["checks"].values()) < 1e-4
    wanted = {"read-7b": "read/full", "rose-7b": "rose/super-3x3", "lmseg-b": "lmseg/full"}[name]
    assert manifest["recipes"][wanted]["trainedFor"]
