"""The SDK's side: the converter and the built packages, each in a process of its own, so that their memory goes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from pycocotools import mask as coco

ROOT = Path(__file__).resolve().parents[3]


def convert(name: str, source: Path, out: Path, dtype: str) -> Path:
    """maskloom-convert; gives the bundle's folder."""
    command = [sys.executable, "-m", "maskloom_training.convert", name, str(source), str(out), "--dtype", dtype]
    _run([*command, "--threads", str(torch.get_num_threads())])
    return out


class Steps:
    """What the built packages gave, step by step, for a bundle (a folder, or the name of a cached repository)."""

    def __init__(
        self,
        bundle: Path | dict,
        steps: list[dict],
        feeds: dict[str, np.ndarray] | None = None,
        env: dict[str, str] | None = None,
    ) -> None:
        """feeds: arrays that `run` steps name in the place of tensors. env: variables of the packages' process."""
        with tempfile.TemporaryDirectory(prefix="maskloom-parity-") as folder:
            self.folder = Path(folder)
            written = {name: self._feed(name, array) for name, array in (feeds or {}).items()}
            for step in steps:
                if "feeds" in step:
                    step["feeds"] = {port: written[name] for port, name in step["feeds"].items()}
            job = {
                "bundle": str(bundle) if isinstance(bundle, Path) else bundle,
                "out": folder,
                "threads": torch.get_num_threads(),
                "steps": steps,
            }
            (self.folder / "job.json").write_text(json.dumps(job))
            _run(["node", str(Path(__file__).with_name("stages.mjs")), str(self.folder / "job.json")], env)
            self.results = self._loaded(json.loads((self.folder / "results.json").read_text()))

    def _feed(self, name: str, array: np.ndarray) -> dict:
        (self.folder / f"{name}.in").write_bytes(np.ascontiguousarray(array).tobytes())
        return {"file": f"{name}.in", "dims": list(array.shape), "dtype": str(array.dtype)}

    def _loaded(self, value):
        """Tensors in the place of the files that hold them, masks [H,W] in the place of their runs."""
        if isinstance(value, list):
            return [self._loaded(one) for one in value]
        if not isinstance(value, dict):
            return value
        if set(value) == {"file", "dims"}:
            values = np.fromfile(self.folder / value["file"], np.float32).reshape(value["dims"])
            return torch.from_numpy(values)
        if set(value) == {"size", "counts"}:
            return torch.from_numpy(coco.decode(value).astype(bool))
        return {key: self._loaded(one) for key, one in value.items()}


def _run(command: list[str], env: dict[str, str] | None = None) -> None:
    variables = {**os.environ, "PYTHONPATH": str(ROOT / "training"), "HF_HUB_OFFLINE": "1", **(env or {})}
    done = subprocess.run(command, env=variables, cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command[:4])} ...\n{done.stdout}{done.stderr}")
