"""The Python sides of `bench/peers.mjs`: a folder of recorded calls; one line in, one line out.

`onnx` plays the calls on ONNX Runtime sessions of the same files, one after the other. `eager` makes the same calls on
the kit's PyTorch modules at the same widths, with random weights: what they compute does not matter to the time. Both
on one thread.
"""

from __future__ import annotations

import json
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from maskloom_training.clip.model import ClipSettings, ClipTiny
from maskloom_training.llava.export import ClipTower
from maskloom_training.llava.model import LlavaSettings, LlavaTiny
from maskloom_training.sam.config import SamTinyConfig
from maskloom_training.sam.export import DecoderGraph, EncoderGraph
from maskloom_training.sam.model import SamTiny
from transformers.cache_utils import DynamicCache

DTYPES = {"float32": np.float32, "int64": np.int64}


def recorded(folder: Path) -> tuple[dict, list[tuple[str, dict[str, np.ndarray], list[str] | None]]]:
    """Model files by role, and the calls in order: role, feeds, outputs."""
    told = json.loads((folder / "calls.json").read_text())
    data = (folder / "values.bin").read_bytes()
    calls = []
    for call in told["calls"]:
        feeds = {
            name: np.frombuffer(data, DTYPES[f["dtype"]], int(np.prod(f["dims"])), f["at"]).reshape(f["dims"])
            for name, f in call["feeds"].items()
        }
        calls.append((call["role"], feeds, call.get("outputs")))
    return told["models"], calls


def onnx_loop(models: dict, calls: list):
    """Plays the calls on sessions of the files."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    providers = ["CPUExecutionProvider"]
    sessions = {role: onnxruntime.InferenceSession(path, options, providers) for role, path in models.items()}

    def play() -> None:
        for role, feeds, outputs in calls:
            sessions[role].run(outputs, feeds)

    return play


@torch.no_grad()
def eager(calls: list):
    """The same calls on PyTorch modules."""
    torch.manual_seed(0)
    llava = LlavaTiny(LlavaSettings()).eval()
    sam = SamTiny(SamTinyConfig()).eval()
    modules = {
        "clipTower": ClipTower(ClipTiny(ClipSettings())).eval(),
        "projector": llava.projector,
        "tokenEmbedding": llava.embed,
        "segProjection": torch.nn.Sequential(torch.nn.Linear(128, 128), torch.nn.ReLU(), torch.nn.Linear(128, 64)),
        "samEncoder": EncoderGraph(sam).eval(),
        "samDecoder": DecoderGraph(sam).eval(),
    }
    made = [(role, {name: torch.from_numpy(value.copy()) for name, value in feeds.items()}) for role, feeds, _ in calls]

    @torch.no_grad()
    def play() -> None:
        cache = DynamicCache(config=llava.language_model.config)
        for role, feeds in made:
            if role == "languageModel":
                llava.llama(inputs_embeds=feeds["inputs_embeds"], past_key_values=cache, use_cache=True)
            else:
                modules[role](*feeds.values())

    return play


def main() -> None:
    """Answers until its input ends."""
    torch.set_num_threads(1)
    models, calls = recorded(Path(sys.argv[1]))
    work = {"onnx": onnx_loop(models, calls), "eager": eager(calls)}
    versions = ", ".join(f"{name} {version(name)}" for name in ("onnxruntime", "torch", "transformers"))
    print(json.dumps({"versions": versions}), flush=True)
    for line in sys.stdin:
        wall, cpu = time.perf_counter(), time.process_time()
        work[line.strip()]()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        print(json.dumps({"wall": wall * 1000, "cpu": cpu * 1000}), flush=True)


if __name__ == "__main__":
    main()
