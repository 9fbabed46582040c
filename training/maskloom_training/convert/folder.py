"""The bundle's folder: written under another name, and put in its place when everything in it was checked."""

from __future__ import annotations

import json
import math
import os
import shutil
from pathlib import Path

from ..manifest import size_and_hash
from .pieces import Piece, check_piece, write_piece
from .tensors import CheckpointError, Tensors

SCHEMA = "maskloom.bundle/1"
BYTES = {"f32": 4.0, "f16": 2.0, "q8": 1.125, "q4": 0.625}
"""About what a weight of a matrix takes: at few bits its code and its share of a block's scale."""


class BundleFolder:
    """Use as a context: leaving it by an exception leaves nothing behind.

    Raises CheckpointError when `out` is there already.
    """

    def __init__(self, out: Path, name: str, license: str, origin: dict, dtype: str) -> None:
        if out.exists():
            raise CheckpointError(f"{out} is there already. Name another folder, or remove it.")
        self.out, self.dtype = out, dtype
        self.folder = out.with_name(f".{out.name}.{os.getpid()}.part")
        self.manifest: dict = {
            "schema": SCHEMA,
            "name": name,
            "version": "1.0.0",
            "license": license,
            "origin": {**origin, "dtype": dtype, "checks": {}},
            "models": {},
            "presets": {},
            "recipes": {},
        }

    def __enter__(self) -> BundleFolder:
        self.folder.mkdir(parents=True)
        return self

    def __exit__(self, kind, *_rest) -> None:
        if kind is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def room(self, *given: Tensors) -> None:
        """Raises CheckpointError when the disk has less room than these tensors are going to take."""
        needed = 0.0
        for tensors in given:
            for shape in map(tensors.shape, tensors.names()):
                needed += math.prod(shape) * (BYTES[self.dtype] if len(shape) > 1 else 4)
        free = shutil.disk_usage(self.folder).free
        if needed > free:
            raise CheckpointError(
                f"{self.out} will take about {needed / 1e9:.1f} GB; there are {free / 1e9:.1f} GB free on its disk."
            )

    def piece(self, piece: Piece) -> None:
        """Checks a piece's twin, then writes the piece."""
        self._checked(piece.id, check_piece(piece, self.dtype))
        self.manifest["models"][piece.id] = write_piece(piece, self.folder, self.dtype)

    def model(self, model_id: str, entry: dict, difference: float) -> None:
        """Takes a model that was written into the folder and compared with PyTorch."""
        self._checked(model_id, difference)
        self.manifest["models"][model_id] = entry

    def preset(self, name: str, values: dict) -> None:
        """A group of constants."""
        self.manifest["presets"][name] = values

    def recipe(self, recipe_id: str, models: dict[str, str], **more) -> None:
        """Which model fills which role of a recipe."""
        self.manifest["recipes"][recipe_id] = {"models": models, **more}

    def tokenizer(self, *names: str) -> None:
        """Takes files that were written into the folder as the tokenizer."""
        files = [{"file": name, **size_and_hash(self.folder / name)} for name in names]
        self.manifest["tokenizer"] = {"files": files}

    def finish(self) -> None:
        """Writes the manifest and puts the folder in its place."""
        (self.folder / "bundle.json").write_text(json.dumps(self.manifest, indent=2) + "\n")
        os.replace(self.folder, self.out)
        total = sum(f.stat().st_size for f in self.out.iterdir())
        print(f"{self.out}: {total:,} bytes, recipes {', '.join(self.manifest['recipes'])}", flush=True)

    def _checked(self, model_id: str, difference: float) -> None:
        self.manifest["origin"]["checks"][model_id] = float(f"{difference:.2e}")
        print(f"{model_id}: agrees with PyTorch (largest difference {difference:.1e})", flush=True)
