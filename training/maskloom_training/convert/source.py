"""Where a checkpoint comes from: a file, a folder, or a repository of the Hugging Face hub."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

from .tensors import CheckpointError, Tensors, open_tensors

WANTED = ["*.json", "*.safetensors", "*.bin", "*.pth", "*.model", "*.txt"]
UNWANTED = ["*training_args*", "*optimizer*", "*.msgpack", "onnx/*", "flax*", "tf_model*", "global_step*"]


@dataclass(frozen=True)
class Source:
    """A checkpoint on this machine."""

    name: str
    """As the user gave it: a path or `owner/name`."""
    path: Path
    revision: str | None = None
    """The commit, when it came from the hub."""

    @property
    def folder(self) -> Path:
        return self.path if self.path.is_dir() else self.path.parent

    def tensors(self) -> Tensors:
        return open_tensors(self.path)

    def json(self, name: str) -> dict:
        """A JSON file of the folder. Raises CheckpointError when it is missing or not JSON."""
        path = self.folder / name
        try:
            return json.loads(path.read_text(encoding="utf8"))
        except FileNotFoundError:
            raise CheckpointError(f"{self.name} has no {name}, which says how the model is built.") from None
        except ValueError as cause:
            raise CheckpointError(f"{path} is not JSON: {cause}.") from cause

    def config(self, *kinds: str) -> dict:
        """config.json; raises CheckpointError when it says another `model_type` than one of these."""
        given = self.json("config.json")
        kind = given.get("model_type", kinds[0])
        if kind not in kinds:
            raise CheckpointError(f"{self.name} is a {kind!r} by its config.json; this converts {' and '.join(kinds)}.")
        return given

    def has(self, name: str) -> bool:
        return (self.folder / name).is_file()

    def origin(self) -> dict:
        """What the manifest says of it; of a path only its last part."""
        hub = self.revision is not None
        return {"source": self.name if hub else self.path.name, **({"revision": self.revision} if hub else {})}


def open_source(given: str, revision: str | None = None, wanted: list[str] | None = None) -> Source:
    """A path that exists, else a repository of the hub (its cache is shared with everything that uses it).

    wanted: patterns of the files that are fetched; all that a conversion can need when None. Raises CheckpointError
    when there is neither.
    """
    path = Path(given)
    if path.exists():
        return Source(given, path)
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", given):
        raise CheckpointError(f"There is no checkpoint at {given}; of the hub, give owner/name.")
    try:
        folder = Path(
            snapshot_download(given, revision=revision, allow_patterns=wanted or WANTED, ignore_patterns=UNWANTED)
        )
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as cause:
        reason = str(cause).strip().splitlines()[0]
        raise CheckpointError(f"There is no {given} here, and the hub did not give it: {reason}") from cause
    return Source(given, folder, folder.name)
