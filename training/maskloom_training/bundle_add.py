"""Add models, recipes, presets and files to an existing bundle, leaving every other entry as it is.

    with adding(Path("packages/bundle-tiny/bundle")) as bundle:
        bundle.model("lmseg-full/fusion", graph)         # exports, checks against PyTorch, hashes
        bundle.recipe("lmseg/full", {"models": {...}, ...})
        bundle.preset("lmseg", {...})

bundle.json is written once, at the end, beside and renamed; on an exception it stays as it was. Names start with an
owner's prefix, so two kits can add to one bundle one after the other; run them under one lock.
"""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .checkpoint import replace_file
from .llava.export import Graph
from .manifest import describe, rounded, size_and_hash
from .onnx_tools import export, largest_difference, open_session

TOLERANCE = 1e-4
"""Largest difference allowed between PyTorch and ONNX Runtime."""
SCHEMA = "maskloom.bundle/1"


class BundleAddition:
    """What is being added to one bundle folder. `differences`: each new graph's largest difference from PyTorch."""

    def __init__(self, directory: Path, manifest: dict) -> None:
        self.directory, self.manifest = directory, manifest
        self.differences: dict[str, float] = {}

    def model(self, model_id: str, graph: Graph, tolerance: float = TOLERANCE) -> None:
        """Exports a graph (its weights already on the float16 grid) and checks it. Raises ValueError if it differs."""
        path = self.directory / f"{model_id}.onnx"
        inputs = dict(zip(graph.input_names, graph.inputs, strict=True))
        export(graph.module, inputs, graph.output_names, graph.dynamic, path)
        self.file(model_id, path, largest_difference(graph.module, open_session(path), inputs), tolerance)

    def file(self, model_id: str, path: Path, difference: float, tolerance: float = TOLERANCE) -> None:
        """Registers an ONNX file that lies in the folder already and was checked by its own exporter."""
        if not difference <= tolerance:
            raise ValueError(f"{model_id}: PyTorch and ONNX Runtime differ by {difference:.1e} (allowed {tolerance}).")
        self.differences[model_id] = difference
        self.manifest["models"][model_id] = describe(path, self.directory)

    def copy_model(self, model_id: str, source: Path) -> None:
        """Takes a model over from another bundle folder, entry and file, unless it is here already."""
        if model_id in self.manifest["models"]:
            return
        entry = json.loads((source / "bundle.json").read_text(encoding="utf-8"))["models"][model_id]
        target = self.directory / entry["file"]
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / entry["file"], target)
        self.manifest["models"][model_id] = entry

    def recipe(self, recipe_id: str, entry: dict) -> None:
        """Adds or replaces one recipe. Raises ValueError when it names a model that is not in the bundle."""
        missing = sorted(set(entry["models"].values()) - set(self.manifest["models"]))
        if missing:
            raise ValueError(f"{recipe_id} names models that the bundle does not hold: {', '.join(missing)}.")
        self.manifest["recipes"][recipe_id] = rounded(entry)

    def preset(self, name: str, value: dict) -> None:
        """Adds or replaces one block of constants."""
        self.manifest["presets"][name] = value

    def origin(self, name: str, value: object) -> None:
        """Records how something new was trained under origin.config."""
        self.manifest["origin"].setdefault("config", {})[name] = value

    def text_file(self, name: str, content: str) -> dict:
        """Writes a text file into the folder; returns its {"file", "bytes", "sha256"}."""
        path = self.directory / name
        replace_file(path, lambda stream: stream.write(content.encode("utf-8")))
        return {"file": name, **size_and_hash(path)}


def new_bundle(directory: Path, name: str, like: Path) -> None:
    """Starts an empty bundle `directory` with the licence, version, tokenizer and presets of bundle `like`."""
    if (directory / "bundle.json").exists():
        return
    directory.mkdir(parents=True, exist_ok=True)
    base = json.loads((like / "bundle.json").read_text(encoding="utf-8"))
    for entry in base["tokenizer"]["files"]:
        shutil.copyfile(like / entry["file"], directory / entry["file"])
    kept = {k: base[k] for k in ("schema", "version", "license", "tokenizer", "presets")}
    origin = {k: v for k, v in base["origin"].items() if k not in ("config", "largestDifferenceFromPyTorch")}
    manifest = {**kept, "name": name, "origin": origin, "models": {}, "recipes": {}}
    (directory / "bundle.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


@contextmanager
def adding(directory: Path) -> Iterator[BundleAddition]:
    """Opens a bundle for additions, under a lock of its folder; the manifest is replaced when the block ends well."""
    path = directory / "bundle.json"
    with open(directory / ".bundle.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        manifest = json.loads(path.read_text(encoding="utf-8"))
        if manifest.get("schema") != SCHEMA:
            raise ValueError(f"{path}: schema is {manifest.get('schema')!r}, this kit reads {SCHEMA!r}.")
        addition = BundleAddition(directory, manifest)
        yield addition
        text = json.dumps(manifest, indent=1) + "\n"
        replace_file(path, lambda stream: stream.write(text.encode("utf-8")))
    (directory / ".bundle.lock").unlink(missing_ok=True)
