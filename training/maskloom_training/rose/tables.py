"""Tables 3, 4 and 5 of the ROSE paper with this kit's rows: `python -m maskloom_training.rose.tables FILE.json`.

The paper's figures are of a 7B model on ADE20k and COCO; only the order of rows can be compared.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

PAPER = {
    "3": {
        "stacked-seg/vanilla": "37.2 / 23.2",
        "stacked-seg/dense": "34.4 / 22.6",
        "rose/along-region": "21.5 / 4.4",
        "rose/patch": "47.5 / 29.2",
    },
    "4": {"rose/patch": "47.5 / 29.2", "rose/super-2x2": "43.0 / 29.8", "rose/super-3x3": "43.2 / 32.4"},
    "5": {
        "rose/lora-qk-16": "24.7 / 19.2",
        "rose/lora-qk-32": "25.1 / 19.5",
        "rose/lora-all-16": "26.3 / 22.7",
        "rose/lora-all-32": "29.1 / 23.1",
    },
}
"""ADE20k mIoU / COCO mAP as printed in the paper's tables 3 to 5."""
COLUMNS = ("mIoU", "AP", "AP50", "AP75", "AP50 without names", "exact name", "names F1", "names F1 swapped", "count")


def cell(figure: dict | None) -> str:
    """Percent with its 95 % interval."""
    if not figure:
        return ""
    low, high = figure["interval"]
    return f"{100 * figure['value']:.1f} [{100 * low:.1f}, {100 * high:.1f}]"


def table(number: str, rows: dict[str, dict]) -> str:
    """One table as Markdown; further seeds and longer schedules follow their row."""
    head = ["row", "steps", "seed", *COLUMNS, "paper mIoU / mAP"]
    lines = [f"Table {number}", "", "| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    for recipe, printed in PAPER[number].items():
        for name in [n for n in rows if n == recipe or n.startswith(f"{recipe}@")]:
            own = rows[name]
            cells = ["untrained" if own["untrained"] and c != "names F1" else cell(own.get(c)) for c in COLUMNS]
            lines.append("| " + " | ".join([f"`{name}`", str(own["steps"]), str(own["seed"]), *cells, printed]) + " |")
    return "\n".join(lines)


def print_tables(rows: dict[str, dict]) -> None:
    """All tables that have rows."""
    for number in PAPER:
        if any(n.split("@")[0] in PAPER[number] for n in rows):
            print(table(number, rows))
            print()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    print_tables(json.loads(parser.parse_args().file.read_text())["rows"])


if __name__ == "__main__":
    main()
