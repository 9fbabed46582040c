"""The held-out figures as a Markdown table: `python -m maskloom_training.tables FILE.json`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

COLUMNS = ("cIoU all", "cIoU control", "gIoU all", "gIoU control", "See", "See accept", "See reject")


def cell(figure: dict) -> str:
    """Percent with its 95 % interval."""
    low, high = figure["interval"]
    return f"{100 * figure['value']:.1f} [{100 * low:.1f}, {100 * high:.1f}]"


def table(recipes: dict[str, dict], columns: tuple[str, ...] = COLUMNS) -> str:
    """One row per recipe."""
    lines = ["| recipe | " + " | ".join(columns) + " |", "| --- |" + " --- |" * len(columns)]
    for name, figures in recipes.items():
        lines.append(f"| `{name}` | " + " | ".join(cell(figures[c]) if c in figures else "" for c in columns) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    args = parser.parse_args()
    recipes = json.loads(args.file.read_text())["recipes"]
    print(table(recipes))
    print()
    print(table(recipes, tuple(f"cIoU {k}" for k in ("attribute", "relation", "needs-relation", "stuff"))))


if __name__ == "__main__":
    main()
