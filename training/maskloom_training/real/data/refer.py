"""The REFER family: RefCOCO, RefCOCO+, RefCOCOg, refCLEF, and their false-premise forms FP-RefCOCO and R-RefCOCO."""

from __future__ import annotations

import json
import pickle
from collections import defaultdict
from functools import partial
from pathlib import Path
from typing import Any

from .coco import CocoFile
from .picture import DataError, Picture, Region, first_of

MSCOCO = ["images/mscoco/images/train2014", "images/train2014", "train2014", "images"]
SAIAPR = ["images/saiapr_tc-12", "saiapr_tc-12", "images"]
FOLDERS = {
    "refcoco": ("refcoco", "unc", "refcoco"),
    "refcoco+": ("refcoco+", "unc", "refcoco+"),
    "refcocog": ("refcocog", "umd", "refcocog"),
    "refclef": ("refclef", "unc", "refclef"),
    "fp-refcoco": ("fprefcoco", "berkeley_exclude_unified", "refcoco"),
    "fp-refcoco+": ("fprefcoco+", "berkeley_exclude_unified", "refcoco+"),
    "fp-refcocog": ("fprefcocog", "berkeley_exclude_unified", "refcocog"),
    "r-refcoco": ("R-refcoco", "unc_exclude_unified", "refcoco"),
    "r-refcoco+": ("R-refcoco+", "unc_exclude_unified", "refcoco+"),
    "r-refcocog": ("R-refcocog", "umd_exclude_unified", "refcocog"),
}
"""By format: its folder, its usual split, and whose `instances.json` serves when it has none."""


class _Data(pickle.Unpickler):
    """A pickle of lists, dictionaries, texts and numbers; anything else is refused, so that nothing is executed."""

    def find_class(self, module: str, name: str) -> Any:
        raise DataError(f"A pickle asks for {module}.{name}; only plain values are read.")


def read_refs(path: Path) -> list[dict]:
    """`refs(...).p` or `.json`."""
    if path.suffix == ".json":
        return json.loads(path.read_text(encoding="utf8"))
    with open(path, "rb") as stream:
        try:
            return _Data(stream, encoding="latin1").load()
        except (pickle.UnpicklingError, EOFError, IndexError) as cause:
            raise DataError(f"{path}: not a pickle that can be read ({cause}).") from cause


class Refer:
    """One picture with all its expressions of a split; each sentence is a region of its own."""

    names: list[str] = []

    def __init__(self, root: Path, kind: str, split: str = "train", split_by: str | None = None) -> None:
        folder_name, usual, base = FOLDERS[kind]
        folder = first_of(root, [f"refer_seg/{folder_name}", folder_name, "."], f"folder of {kind}")
        wanted = [split_by] if split_by else [usual, usual.split("_")[0], f"{usual}_exclude_unified"]
        refs = first_of(folder, [f"refs({w}).{e}" for w in wanted for e in ("p", "json")], "file of references")
        around = folder.parent
        self.file = CocoFile(first_of(folder, ["instances.json", f"../{base}/instances.json"], "instances.json"))
        places = SAIAPR if kind == "refclef" else MSCOCO
        self.images = next((h / p for p in places for h in (folder, around, root) if (h / p).is_dir()), root / "images")
        self.by_image: dict[Any, list[dict]] = defaultdict(list)
        for ref in read_refs(refs):
            if ref["split"] == split:
                self.by_image[ref["image_id"]].append(ref)
        self.order = list(self.by_image)
        if not self.order:
            raise DataError(f"{refs}: no reference of the split {split!r}.")

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, index: int) -> Picture:
        image = self.order[index]
        regions = tuple(self._region(image, ref, s) for ref in self.by_image[image] for s in ref["sentences"])
        # The name in the reference carries a number of the annotation; the picture's is in the instances.
        return Picture(self.images / self.file.images[image]["file_name"], regions)

    def _region(self, image: Any, ref: dict, sentence: dict) -> Region:
        phrase = sentence["sent"].strip().lower()
        if sentence.get("is_false_premise") or not sentence.get("exist", True):
            return Region((phrase,), None, truth=str(sentence.get("gt_sent") or "").strip().lower())
        ids = ref["ann_id"] if isinstance(ref["ann_id"], list) else [ref["ann_id"]]
        return Region((phrase,), partial(self.file.mask, image, [self.file.annotations[i] for i in ids if i in
                                                                 self.file.annotations]), thing=True)  # fmt: skip
