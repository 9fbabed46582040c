"""What `--plan` says of a GPU's memory, against counted parameters, autograd's own account, and a process's peak."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest
import torch
from parallel_runs import KIT, environment
from real_folders import write_folders
from real_tiny import narrow

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
    assert (two.weights, two.gradients, two.optimizer) == (6 * weights, 4 * weights // 4, 12 * weights // 4)
    assert three.weights == 6 * weights // 4 and three.optimizer == two.optimizer
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
    assert rows["ddp"][0] == rows["zero-2"][0] > rows["fsdp"][0] == rows["zero-3"][0]
    assert "weights" in text and "GiB a process" in text
    assert "cannot be shared out" in plan(config, 7, ["ddp"])


STEPS = """
import json, resource, sys
from pathlib import Path
from types import SimpleNamespace
import psutil, torch
from maskloom_training.parallel.parts import step_generator
from maskloom_training.real import segment
from maskloom_training.real.train import make_stage

torch.set_num_threads(1)
start = psutil.Process().memory_info().rss
given = SimpleNamespace(data=Path(sys.argv[2]), weights=None, clip=None, sam=None)
stage = make_stage(json.loads(Path(sys.argv[1]).read_text()), given)
shapes, read = [], stage.weights.read

def watched(*words):
    states = read(*words)
    shapes.append(tuple(states.shape[:2]))
    return states

stage.weights.read = watched
optimizer = torch.optim.AdamW(stage.parameter_groups())
for step in range(2):
    stage.loss(step, step_generator(0, step))[0].backward()
    optimizer.step()
    optimizer.zero_grad()
print(json.dumps([max(shapes), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - start]))
"""


@long
def test_the_peak_of_a_process_is_what_the_plan_says(tmp_path):
    """Two steps on a CPU, in float32, at widths that outweigh Python and PyTorch; the error is printed."""
    wide = {"hidden_size": 1024, "intermediate_size": 2816, "num_hidden_layers": 8, "num_attention_heads": 16}
    config = narrow("read-7b", checkpointing=False, batch=2)
    config["data"] = [{"share": 1, "sets": [{"format": "reasonseg", "folder": "."}]}]
    config["model"]["language"] |= wide | {"num_key_value_heads": 16, "vocab_size": 8000}
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config))
    command = [sys.executable, "-c", STEPS, str(path), str(write_folders(tmp_path / "data"))]
    # Every tensor is a mapping of its own, so that what is freed leaves the process.
    env = {**environment(), "MALLOC_MMAP_THRESHOLD_": "65536"}
    done = subprocess.run(command, env=env, cwd=KIT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (rows, tokens), measured = json.loads(done.stdout.splitlines()[-1])
    # Random weights go with a tokenizer of bytes, so that rows are longer than real words make them.
    with torch.device("meta"):
        shape = replace(shape_of(config), rows=rows, tokens=tokens)
    said = need(shape.module, "ddp", 1, shape.other + kept_by_layers(shape.language, shape, False)).total
    error = said / measured - 1
    print(f"plan {said / GIB:.2f} GiB, peak {measured / GIB:.2f} GiB above Python, off by {error:+.0%}")
    assert abs(error) < 0.2
