"""Small runs of real stages for test_parallel.py: scenes, shipped encoders, random language models, launching."""

import json
import os
import socket
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import torch

from maskloom_training.checkpoint import save_checkpoint
from maskloom_training.llava.model import LlavaSettings, LlavaTiny
from maskloom_training.onevision.model import OneVisionSettings, OneVisionTiny
from maskloom_training.siglip.model import SiglipSettings, SiglipTiny

KIT = Path(__file__).parents[1]
COMMAND = KIT.parent / "packages/cli/dist/main.js"
SMALL = {
    "batch": 2, "masks": 2, "images": 24, "val_images": 2, "pool": 24, "bfloat16": False, "parts": 2, "steps": 50,
    "warmup": 5, "clip": 1e9, "eval_every": 10**6, "save_every": 5, "progress_seconds": 0, "threads": 1,
}  # fmt: skip
OVERRIDES = {"segment": {"phrases": 4}, "rose": {"names": 8}}


class Workshop:
    """A folder with everything that `segment.train` and `rose.train` read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, count, seed in (("data", 24, 1), ("val", 2, 9000)):
            out = ["--out", folder / name, "--count", str(count), "--seed", str(seed), "--size", "128"]
            subprocess.run(["node", COMMAND, "data", "synth", *out], check=True, stdout=subprocess.DEVNULL)
        bundle, text = KIT.parent / "packages/bundle-tiny/bundle", KIT.parent / "packages/bundle-ablations/bundle"
        self._python("from_bundle", "--bundle", bundle, "--text", text, "--out", folder)
        torch.manual_seed(0)
        narrow = {"hidden": 32, "layers": 2, "heads": 2, "mlp": 48, "projector_hidden": 32}
        vocabulary = {"vocabulary": 1024}
        self._random("llava", LlavaTiny, LlavaSettings(**narrow, **vocabulary))
        self._random("onevision", OneVisionTiny, OneVisionSettings(**narrow, **vocabulary, vision_width=32))
        siglip = SiglipSettings(width=32, layers=1, heads=2, mlp=32, text_width=32, text_layers=1, text_mlp=32)
        self._random("siglip", SiglipTiny, siglip)
        for stage in OVERRIDES:
            config = json.loads((KIT / f"configs/{stage}-tiny.json").read_text())
            (folder / f"{stage}.json").write_text(json.dumps({**config, **SMALL, **OVERRIDES[stage]}))

    def arguments(self, stage: str, out: str, steps: int) -> list[str]:
        """The command line of a stage that writes to `out` in the folder."""
        recipe = {"segment": "read/full", "rose": "rose/patch"}[stage]
        inputs = {"segment": ("clip", "llava", "sam"), "rose": ("siglip", "onevision", "sam")}[stage]
        words = ["-m", f"maskloom_training.{stage}.train", "--recipe", recipe, "--steps", str(steps), "--resume"]
        paths = {name: f"{name}/checkpoint.pt" for name in inputs} | {
            name: name for name in ("data", "val", "tokenizer")
        }
        paths |= {"config": f"{stage}.json", "features": "features", "out": out}
        for name, path in paths.items():
            words += [f"--{name}", str(self.folder / path)]
        return words

    def log(self, out: str) -> list[dict]:
        """The lines of a run's log."""
        return [json.loads(line) for line in (self.folder / out / "log.jsonl").read_text().splitlines()]

    def _random(self, stage: str, kind, settings) -> None:
        path = self.folder / stage / "checkpoint.pt"
        model = kind(settings)
        save_checkpoint(path, stage=stage, step=0, config={"model": asdict(settings)}, modules={stage: model})

    def _python(self, module: str, *words) -> None:
        command = [sys.executable, "-m", f"maskloom_training.{module}", *map(str, words)]
        subprocess.run(command, check=True, env=environment(), cwd=KIT, capture_output=True)


def launch(words: list[str], processes: int, *more: str, check: bool = True) -> subprocess.CompletedProcess:
    """Runs a stage to its end: alone by Python, several processes by `accelerate launch` over gloo."""
    return subprocess.run(
        command(words, processes, *more),
        env=environment(),
        cwd=KIT,
        check=check,
        timeout=300,
        capture_output=True,
        text=True,
    )


def command(words: list[str], processes: int, *more: str) -> list[str]:
    """The command line that `launch` runs."""
    if processes == 1 and not more:
        return [sys.executable, *words]
    launcher = [sys.executable, "-m", "accelerate.commands.accelerate_cli", "launch"]
    group = ["--num_processes", str(processes), "--main_process_port", str(_free_port()), *more]
    kind = [] if "--config_file" in more else ["--multi_gpu", "--mixed_precision", "no"]
    return [*launcher, *group, "--num_machines", "1", "--dynamo_backend", "no", *kind, *words]


def environment() -> dict[str, str]:
    """One thread a process, the kit on the path, and the CPU for Accelerate."""
    own = {"PYTHONPATH": str(KIT), "OMP_NUM_THREADS": "1", "ACCELERATE_USE_CPU": "true"}
    return {**os.environ, **own}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
