"""The refinement instructions: ten wordings for each of ROSE's three situations, shared with the TypeScript plugin."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

SITUATIONS = ("mask", "category", "missed")
FILE = Path(__file__).parents[3] / "packages" / "plugins" / "refine" / "instructions.json"


@dataclass(frozen=True)
class Instructions:
    """Wordings by situation; those of "category" hold {category} once."""

    wordings: dict[str, list[str]]

    def say(self, situation: str, phrasing: int, category: str = "") -> str:
        """Wording number `phrasing` of a situation, with the wrong name put in."""
        return self.wordings[situation][phrasing].replace("{category}", category)


def load_instructions(path: Path = FILE) -> Instructions:
    """Reads the shared file. Raises ValueError naming the situation that does not have ten usable wordings."""
    data = json.loads(path.read_text(encoding="utf-8"))
    wordings = {situation: list(data[situation]) for situation in SITUATIONS}
    for situation, texts in wordings.items():
        wanted = 1 if situation == "category" else 0
        if len(set(texts)) != 10 or any(text.count("{category}") != wanted for text in texts):
            raise ValueError(f"{path}: {situation!r} needs ten different wordings with {wanted} {{category}} each.")
    return Instructions(wordings)
