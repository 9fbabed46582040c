"""Writes held-out figures into the recipes of a bundle that holds their weights already:

    python -m maskloom_training.bundle_figures --bundle DIR [--rose FILE.json] [--lmseg FILE.json] [--refine FILE.json]

FILE.json is what rose.evaluate, lmseg.evaluate or refine.evaluate wrote. Recipes that a file does not speak of are left as
they are. A row of ROSE gets the figures of the run with its seed and its number of steps, whatever folder that run lies in.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from .bundle_add import adding


def rose_figures(rows: dict[str, dict], recipe_id: str, entry: dict) -> dict | None:
    """Figures of the run that `entry` was made from: the same row, seed and steps. None where it was not measured."""
    name = recipe_id.split("@")[0]
    for key, figures in rows.items():
        if key.split("@")[0] == name and all(figures[k] == entry.get(k) for k in ("seed", "steps")):
            return figures
    return None


def refine_figures(measured: dict, recipe_id: str) -> dict | None:
    """Figures of a paradigm, with the control SAM alone. None where it was not measured."""
    system, _, paradigm = recipe_id.partition("/")
    ways = measured["paradigms"].get(paradigm) if system == "refine" else None
    return None if ways is None else ways | {"SAM alone": measured["SAM alone"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=Path, required=True)
    for name in ("rose", "lmseg", "refine"):
        parser.add_argument(f"--{name}", type=Path, default=None)
    args = parser.parse_args()
    rose, lmseg, refine = (
        None if path is None else json.loads(path.read_text(encoding="utf-8"))
        for path in (args.rose, args.lmseg, args.refine)
    )
    with adding(args.bundle) as bundle:
        for recipe_id, entry in list(bundle.manifest["recipes"].items()):
            found = None
            if rose is not None:
                found = rose_figures(rose["rows"], recipe_id, entry)
            if lmseg is not None and found is None:
                found = lmseg["rows"].get(recipe_id, {}).get("figures")
            if refine is not None and found is None:
                found = refine_figures(refine, recipe_id)
            if found is not None:
                bundle.recipe(recipe_id, entry | {"heldOut": found})
                print(f"{recipe_id}: figures of {args.bundle}")


if __name__ == "__main__":
    main()
