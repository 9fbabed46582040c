"""What `--plan` says of a GPU's memory, against counted parameters, autograd's own account, and a process's peak."""

import json
import os
import re
import subprocess
import sys
from dataclasses import replace

import pytest
import torch
from parallel_runs import KIT, environment
from real_folders import write_folders
from real_tiny import arguments, narrow

from maskloom_training.real.config import cut, read_config
from maskloom_training.real.lisa import Lisa
from maskloom_training.real.plan import ENGINES, GIB, bytes_of, kept_by_layers, need, plan
from maskloom_training.real.shape import shape_of

long = pytest.mark.skipif(not os.environ.get("LONG_RUNS"), reason="takes minutes: LONG_RUNS=1")
PUBLISHED = {"read-7b": (6_738_415_616 + 3 * 2 * 4096, 303_507_456, 641_090_608)}
"""LLaMA-7B with three words more, CLIP ViT-L/14-336's tower, SAM ViT-H: the parameters of the published files."""


def test_counted_parameters_are_those_of_the_published_models():
    with torch.device("meta"):
        lisa = Lisa(read_config(KIT / "configs/real/read-7b.json")["model"])
    language, vision, sam = PUBLISHED["read-7b"]
    adapters = sum(p.numel() for p in lisa.adapters)
    assert adapters == 32 * 2 * 8 * (4096 + 4096)
    assert sum(p.numel() for p in lisa.language.parameters()) == language + adapters
    assert sum(p.numel() for p in lisa.vision.parameters()) == vision
    # SamModel has a bias and a table that segment-anything's file has as one fixed matrix.
    assert abs(sum(p.numel() for p in lisa.sam.parameters()) - sam) < 1000
    trained = 2 * 32003 * 4096 + adapters + 4_058_340 + 4096 * 4096 + 4096 + 256 * 4096 + 256
    assert sum(p.numel() for p in lisa.parameters() if p.requires_grad) == trained


def test_engines_share_out_what_they_say():
    module = torch.nn.Sequential(torch.nn.Linear(64, 64), torch.nn.Linear(64, 64).to(torch.bfloat16))
    module[1].requires_grad_(False)
    weights = 64 * 65
    assert (bytes_of(module, True), bytes_of(module, False)) == (4 * weights, 2 * weights)
    ddp, fsdp, two, three = (need(module, engine, 4, 7) for engine in ENGINES)
    assert (ddp.weights, ddp.gradients, ddp.optimizer, ddp.buckets) == tuple(weights * n for n in (6, 4, 8, 4))
    assert (fsdp.weights, fsdp.gradients, fsdp.optimizer) == tuple(weights * n // 4 for n in (6, 4, 8))
    assert fsdp.gathered == 6 * weights and ddp.activations == 7 and ddp.total == 22 * weights + 7
    assert (two.weights, two.gradients, two.optimizer) == (4 * weights, 2 * weights // 4, 12 * weights // 4)
    assert three.weights == 4 * weights // 4 and three.optimizer == two.optimizer
    assert need(module, "ddp", 1, 0).buckets == 0


@pytest.mark.parametrize("checkpointing", [False, True])
def test_layers_keep_what_the_meta_device_says(checkpointing):
    config = narrow("read-7b", checkpointing=checkpointing)
    config["model"]["language"] |= {"hidden_size": 128, "intermediate_size": 256, "num_hidden_layers": 6}
    with torch.device("meta"):
        shape = shape_of(config)
    said = kept_by_layers(shape.language, shape, checkpointing) - shape.answers * 420 * 12
    language = Lisa(config["model"], False).language
    if checkpointing:
        language.activation_checkpointing_enable()
    kept: dict[int, int] = {}
    own = {p.untyped_storage()._cdata for p in language.parameters()}
    held = []

    def pack(tensor):
        storage = tensor.untyped_storage()
        if storage._cdata not in own:
            kept[storage._cdata] = storage.nbytes()
            held.append(storage)
        return tensor

    rows = torch.randn(shape.rows, shape.tokens, 128, requires_grad=True)
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        language.model(inputs_embeds=rows, use_cache=False)
    found = sum(kept.values())
    if checkpointing:  # what one layer keeps while it is run again comes on top
        assert found < said < 5 * found
    else:
        assert abs(said / found - 1) < 0.1


@pytest.mark.parametrize("name", ["read-7b", "lisa-7b", "rose-7b", "lmseg-b", "lmseg-l"])
def test_the_plan_of_every_configuration(name):
    config = cut(read_config(KIT / f"configs/real/{name}.json"), 2, None)
    text = plan(config, 4, list(ENGINES))
    rows = {
        line.split()[0]: [float(n) for n in line.split()[1:]]
        for line in text.splitlines()
        if line.split()[0] in ENGINES
    }
    assert list(rows) == list(ENGINES)
    for cells in rows.values():
        assert cells[-1] == pytest.approx(sum(cells[:-1]), abs=0.05)
    assert rows["ddp"][0] >= rows["zero-2"][0] > rows["fsdp"][0] >= rows["zero-3"][0]
    assert "weights" in text and "GiB a process" in text
    assert "cannot be shared out" in plan(config, 7, ["ddp"])


@long
def test_the_peak_of_a_run_is_near_the_plan(tmp_path):
    """On a CPU, in float32, at widths that outweigh Python and PyTorch; the error is printed."""
    wide = {"hidden_size": 1024, "intermediate_size": 2816, "num_hidden_layers": 8, "num_attention_heads": 16}
    config = narrow("read-7b", steps=2, parts=1, checkpointing=False, val_pictures=0, batch=2)
    config["data"] = [{"share": 1, "sets": [{"format": "reasonseg", "folder": "."}]}]
    config["model"]["language"] |= wide | {"num_key_value_heads": 16, "vocab_size": 8000}
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config))
    words = arguments(path, write_folders(tmp_path / "data"), tmp_path / "out")
    peak = "print('PEAK', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    # The kit keeps freed blocks on a CPU (faster); here they go back, so that the peak is what was used at once.
    kept = "import maskloom_training.loop as loop; loop.keep_freed_memory = lambda: None; "
    kept += "loop.write_checkpoint = lambda *words, **more: None"
    seen = "read = lisa.Lisa.read; lisa.Lisa.read = lambda s, b, i, t: (print('ROWS', len(t), len(b) + i.shape[1] + "
    seen += "t.shape[1]), read(s, b, i, t))[1]"
    run = "sys.argv = sys.argv[1:]; runpy.run_module('maskloom_training.real.train', run_name='__main__')"
    watch = f"import resource, runpy, sys, maskloom_training.real.lisa as lisa; {seen}; {kept}; {run}; {peak}"
    empty = f"import resource, torch, transformers, peft, maskloom_training.real.segment; {peak}"
    peaks = []
    for code, more in ((empty, []), (watch, words[1:])):
        done = subprocess.run(
            [sys.executable, "-c", code, *more], env=environment(), cwd=KIT, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        peaks.append(int(re.search(r"PEAK (\d+)", done.stdout)[1]) * 1024)
    # Random weights go with a tokenizer of bytes, so that rows are longer than real words make them.
    rows, tokens = max((int(n), int(t)) for n, t in re.findall(r"ROWS (\d+) (\d+)", done.stdout))
    with torch.device("meta"):
        shape = replace(shape_of(config), rows=rows, tokens=tokens)
    said = need(shape.module, "ddp", 1, shape.other + kept_by_layers(shape.language, shape, False)).total
    measured = peaks[1] - peaks[0]
    error = said / measured - 1
    print(f"plan {said / GIB:.2f} GiB, peak {measured / GIB:.2f} GiB above Python, off by {error:+.0%}")
    assert abs(error) < 0.25
