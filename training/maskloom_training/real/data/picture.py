"""What every reader gives: pictures with regions that may be asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from PIL import Image, ImageOps


class DataError(ValueError):
    """Data that is missing or not in its format; says where, and what was looked for."""


@dataclass(frozen=True)
class Region:
    """Something that a picture may be asked for.

    phrases: wordings of it. mask: makes bool [H,W]; None where the picture does not hold it (a false premise). truth:
    what is there instead of a false premise, "" where that is not known. sentence: whether the phrases are whole
    questions. thing: one object, not stuff.
    """

    phrases: tuple[str, ...]
    mask: Callable[[], np.ndarray] | None
    truth: str = ""
    sentence: bool = False
    thing: bool = False


@dataclass(frozen=True)
class Picture:
    """One picture. turns: a dialogue about it, as (question, answer). shown: turn it as its EXIF tag says."""

    path: Path
    regions: tuple[Region, ...] = ()
    turns: tuple[tuple[str, str], ...] = ()
    shown: bool = False

    def pixels(self) -> np.ndarray:
        """uint8 [H,W,3], RGB. Raises DataError when the file cannot be read."""
        try:
            with Image.open(self.path) as image:
                return np.array((ImageOps.exif_transpose(image) if self.shown else image).convert("RGB"))
        except OSError as cause:
            raise DataError(f"{self.path}: not a picture that can be read ({cause}).") from cause


class Reader(Protocol):
    """A data set. names: its classes by index, empty where it has none."""

    names: list[str]

    def __len__(self) -> int: ...
    def __getitem__(self, index: int) -> Picture: ...


def first_of(root: Path, places: list[str], what: str) -> Path:
    """The first of `places` below `root` that is there. Raises DataError that names them all."""
    for place in places:
        if (root / place).exists():
            return root / place
    raise DataError(f"{root}: no {what}; looked for {', '.join(places)}.")


def entry(record: dict[str, Any], field: str, where: Path) -> Any:
    """A field of a record. Raises DataError when it is not there."""
    if field not in record:
        raise DataError(f"{where}: a record has no {field!r} (it has {', '.join(sorted(record)) or 'nothing'}).")
    return record[field]
