"""The guide "train on your GPUs": its files and options are there; with LONG_RUNS=1 it is followed to the letter.

There is no GPU and no published weight here: the files that the guide names are toys under the same names, and the
engines' files ask for two processes.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import yaml
from accelerate.commands.config.config_args import load_config_from_file
from accelerate.utils import FullyShardedDataParallelPlugin
from lisa_folder import TinyLisa
from parallel_runs import COMMAND, KIT
from real_folders import write_folders
from real_tiny import narrow
from sam_layout import original_names

GUIDE = (KIT.parent / "docs/guides/train-on-your-gpus.md").read_text()
BLOCKS = re.findall(r"<!-- followed -->\n\n```sh\n(.*?)```", GUIDE, re.S)
ENGINES = {"one-gpu": "NO", "multi-gpu": "MULTI_GPU", "fsdp": "FSDP", "zero-2": "DEEPSPEED", "zero-3": "DEEPSPEED"}


def test_the_guides_files_and_options_are_there():
    assert len(BLOCKS) == 4
    named = set(re.findall(r"training/[\w./-]+\.(?:json|yaml|py)", GUIDE))
    assert len(named) >= 9
    for path in named:
        assert (KIT.parent / path).is_file(), path
    for module in ("real/train.py", "real/export.py"):
        source = (KIT / "maskloom_training" / module).read_text()
        name = f"maskloom_training.{module.removesuffix('.py').replace('/', '.')}"
        for words in re.findall(rf"{re.escape(name)}((?:.*\\\n)*.*)", "\n".join(BLOCKS)):
            options = re.findall(r" (--[a-z-]+)", words)
            assert options
            for option in options:
                assert f'"{option}"' in source, f"{module} has no {option}"
    for name in (path.stem for path in (KIT / "configs/real").glob("*.json")):
        assert f"{name}.json" in GUIDE


@pytest.mark.parametrize("name", ENGINES)
def test_accelerate_reads_the_engines_files(name, monkeypatch):
    path = KIT / f"configs/accelerate/{name}.yaml"
    config = load_config_from_file(str(path))
    assert getattr(config.distributed_type, "value", config.distributed_type) == ENGINES[name]
    assert config.mixed_precision == "no"  # precision is the stage's own (`bfloat16`)
    if name == "fsdp":
        for key, value in config.fsdp_config.items():
            monkeypatch.setenv(f"FSDP_{key.removeprefix('fsdp_').upper()}", str(value))
        plugin = FullyShardedDataParallelPlugin()
        assert plugin.fsdp_version == 2 and plugin.reshard_after_forward and not plugin.activation_checkpointing
        assert not plugin.cpu_ram_efficient_loading
    if name.startswith("zero"):
        assert config.deepspeed_config["zero_stage"] == int(name[-1])
        # Accelerate reads a number here; the engine puts in what a process has to do.
        assert config.deepspeed_config["gradient_accumulation_steps"] == 1


@pytest.mark.skipif(not os.environ.get("LONG_RUNS"), reason="takes minutes: LONG_RUNS=1")
def test_the_guide_is_followed_to_the_letter(tmp_path):
    _furnish(tmp_path)
    script = "set -eu\n" + "\n".join(BLOCKS)
    tools = [tmp_path / "bin", Path(sys.executable).parent]
    env = {**os.environ, "PATH": os.pathsep.join([*map(str, tools), os.environ["PATH"]]), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    assert "real-segment: finished 20 steps" in done.stdout and "real-segment: finished 4 steps" in done.stdout
    assert done.stdout.count("GiB on one GPU") == 2
    final = json.loads((tmp_path / "runs/try/log.jsonl").read_text().splitlines()[-1])
    assert final["kind"] == "final" and 0 <= final["gIoU"] <= 1
    assert json.loads((tmp_path / "bundles/read-7b/bundle.json").read_text())["recipes"]["read/full"]["trainedFor"]


def _furnish(folder: Path) -> None:
    """What the guide finds in the repository's root, at toy size."""
    (folder / "bin").mkdir()
    convert = f'"{sys.executable}" -m maskloom_training.convert'
    for name, command in (("maskloom", f'node "{COMMAND}"'), ("maskloom-convert", convert)):
        (folder / "bin" / name).write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        (folder / "bin" / name).chmod(0o755)
    for kind in ("real", "accelerate"):
        (folder / "training/configs" / kind).mkdir(parents=True)
    (folder / "training/maskloom_training").symlink_to(KIT / "maskloom_training")
    write_folders(folder / "data")
    tiny = TinyLisa(folder / "models", two_layers=True)
    tiny.write()
    (folder / "models/lisa").rename(folder / "models/llava-v1.5-7b")
    (folder / "models/clip").rename(folder / "models/clip-vit-large-patch14-336")
    torch.save(original_names(tiny.sam.state_dict()), folder / "models/sam_vit_h_4b8939.pth")
    read = narrow("read-7b", steps=4, save_every=2)
    read["model"]["language"]["vocab_size"] = tiny.first_added + 3
    (folder / "training/configs/real/read-7b.json").write_text(json.dumps(read))
    for name in ("read-try", "rose-7b"):
        (folder / f"training/configs/real/{name}.json").symlink_to(KIT / f"configs/real/{name}.json")
    for name in ENGINES:
        engine = yaml.safe_load((KIT / f"configs/accelerate/{name}.yaml").read_text())
        engine["num_processes"] = 2
        (folder / f"training/configs/accelerate/{name}.yaml").write_text(yaml.safe_dump(engine))
