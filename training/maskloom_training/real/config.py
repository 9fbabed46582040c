"""Configurations of real size: read, checked, and cut down to a few layers for a start without a GPU."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

SYSTEMS = ("segment", "rose", "lmseg")
NEEDED = ("system", "recipe", "model", "data", "val", "batch", "parts", "steps", "lr", "bfloat16", "checkpointing")


def read_config(path: Path, settings: list[str] | None = None) -> dict[str, Any]:
    """A configuration of `configs/real`, with "KEY=VALUE" in place of its own (values are JSON).

    Raises ValueError that names what is missing or not known.
    """
    config = json.loads(path.read_text(encoding="utf8"))
    for setting in settings or []:
        key, _, value = setting.partition("=")
        if key not in config:
            raise ValueError(f"{path}: there is no {key!r} to set; there are {', '.join(sorted(config))}.")
        config[key] = json.loads(value)
    missing = [key for key in NEEDED if key not in config]
    if missing:
        raise ValueError(f"{path}: there is no {', '.join(missing)}.")
    if config["system"] not in SYSTEMS:
        raise ValueError(f"{path}: 'system' is {config['system']!r}; it is one of {', '.join(SYSTEMS)}.")
    return config


def cut(config: dict[str, Any], layers: int | None, vocabulary: int | None) -> dict[str, Any]:
    """The same widths with `layers` layers in every tower and language model, and a table of `vocabulary` rows.

    SAM's attention over the whole grid stays in one layer, the last. None leaves as it is.
    """
    config = copy.deepcopy(config)
    model = config["model"]
    if layers is not None:
        for part in model.values():
            if isinstance(part, dict):
                for key in ("num_hidden_layers", "layers", "text_layers"):
                    if key in part:
                        part[key] = min(part[key], layers)
        model["sam"]["global_layers"] = [layers - 1]
        if "taps" in model.get("lmseg", {}):
            model["lmseg"]["taps"] = [0, min(1, layers - 1)]
    if vocabulary is not None:
        for name, key in (("language", "vocab_size"), ("onevision", "vocabulary"), ("clip", "vocabulary")):
            if key in model.get(name, {}):
                model[name][key] = vocabulary
    return config
