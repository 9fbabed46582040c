"""LLaVA-Instruct-150k: one list of dialogues, pictures in COCO's train2017."""

from __future__ import annotations

import json
from pathlib import Path

from .picture import DataError, Picture, first_of


class Instruct:
    """Dialogues about pictures; no region."""

    names: list[str] = []

    def __init__(self, root: Path, split: str = "train2017") -> None:
        places = ["llava_dataset/llava_instruct_150k.json", "llava_instruct_150k.json"]
        self.path = first_of(root, places, "llava_instruct_150k.json")
        pictures = [f"coco/{split}", f"../coco/{split}", split, f"images/{split}", "images"]
        self.images = first_of(root, pictures, "folder of COCO's pictures")
        self.records = [r for r in json.loads(self.path.read_text(encoding="utf8")) if "image" in r]

    def __len__(self) -> int:
        return len(self.records)

    def __getitem__(self, index: int) -> Picture:
        record = self.records[index]
        said = [(turn["from"], turn["value"].replace("<image>", "").strip()) for turn in record["conversations"]]
        if said and said[0][0] != "human":
            said = said[1:]
        if [who for who, _ in said] != ["human", "gpt"] * (len(said) // 2):
            raise DataError(f"{self.path}: the dialogue {record.get('id')!r} is not turn by turn.")
        turns = tuple((question, answer) for (_, question), (_, answer) in zip(said[::2], said[1::2]))
        return Picture(self.images / record["image"], turns=turns)
