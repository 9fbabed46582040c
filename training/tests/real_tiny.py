"""The configurations of real size at tiny widths, and the launching of their stage."""

import copy
import json
from pathlib import Path

from maskloom_training.real.config import read_config

KIT = Path(__file__).parents[1]
TRY = read_config(KIT / "configs/real/read-try.json")["model"]
SAM = TRY["sam"]
QUICK = {"steps": 2, "parts": 2, "batch": 1, "bfloat16": False, "val_pictures": 1, "save_every": 1000, "threads": 1,
         "progress_seconds": 0, "warmup": 1, "lr": 1e-3}  # fmt: skip
NARROW = {
    "read-7b": {"language": TRY["language"], "vision": TRY["vision"]},
    "rose-7b": {
        "onevision": {"vision_width": 32, "image_tokens": 64, "grid": 8, "projector_hidden": 32, "hidden": 32,
                      "layers": 2, "heads": 2, "groups": 1, "mlp": 48, "vocabulary": 512},
        "siglip": {"image_size": 112, "width": 32, "layers": 2, "heads": 2, "mlp": 48, "text_width": 32,
                   "text_layers": 1, "text_mlp": 48, "projection": 32, "vocabulary": 512},
        "heads": 64,
    },
    "lmseg-b": {
        "clip": {"image_size": 64, "width": 32, "layers": 3, "heads": 2, "mlp": 64, "text_width": 32,
                 "text_layers": 1, "text_heads": 2, "text_mlp": 64, "projection": 24, "vocabulary": 512},
        "lmseg": {"dim": 16, "heads": 2, "window": 4, "taps": [0, 1]},
    },
}  # fmt: skip
NARROW["lisa-7b"] = copy.deepcopy(NARROW["read-7b"])
NARROW["lisa-7b"]["vision"]["image_size"] = 84
NARROW["lmseg-l"] = NARROW["lmseg-b"]


def narrow(name: str, **settings) -> dict:
    """The configuration `name` at tiny widths; all else is as it stands, but for QUICK and `settings`."""
    config = read_config(KIT / f"configs/real/{name}.json") | QUICK | settings
    model = config["model"]
    for part, widths in NARROW[name].items():
        model[part] = {**model[part], **widths} if isinstance(widths, dict) else widths
    model["sam"] = {**model["sam"], **SAM}
    if "sasp" in config:
        config["sasp"] = {**config["sasp"], "count": 6}
    return config


def write_narrow(path: Path, name: str, **settings) -> Path:
    """`narrow` as a file."""
    path.write_text(json.dumps(narrow(name, **settings)))
    return path


def arguments(config: Path, data: Path, out: Path, *more: str) -> list[str]:
    """The stage's command line."""
    paths = ["--config", str(config), "--data", str(data), "--out", str(out)]
    return ["-m", "maskloom_training.real.train", *paths, *more]
