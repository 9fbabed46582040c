"""Reader of the synthetic world on disk: pictures and panoptic ids as arrays, annotations and phrases as records."""

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from pycocotools import mask as coco_mask

SCHEMA = "maskloom.synth/1"


@dataclass(frozen=True)
class Segment:
    """One panoptic segment. `id` is its value in the panoptic array; bbox is [x, y, w, h] in pixels."""

    id: int
    category_id: int
    is_thing: bool
    area: int
    bbox: tuple[float, float, float, float]


@dataclass(frozen=True)
class Annotation:
    """One COCO annotation (things, and stuff too in `World.targets`). `rle` is {"size": [h, w], "counts": bytes}."""

    id: int
    image_id: int
    category_id: int
    area: int
    bbox: tuple[float, float, float, float]
    rle: dict[str, Any]
    attributes: dict[str, Any]

    def mask(self) -> np.ndarray:
        """The visible pixels, bool [H, W]."""
        return coco_mask.decode(self.rle).astype(bool)


class World:
    """One data set folder (`maskloom data synth --out DIR`). All pictures of a set have one size.

    Index i runs over the pictures in the order of annotations/instances.json. The decoded
    pixels are kept in DIR/cache (made once, renamed when whole) and memory-mapped.
    """

    def __init__(self, directory: Path | str, limit: int | None = None):
        """Opens DIR. `limit` keeps the first pictures only. Raises FileNotFoundError or ValueError naming the file."""
        self.directory = Path(directory)
        path = self.directory / "synth.json"
        if not path.is_file():
            raise FileNotFoundError(f"{path} is missing: the data set is not there or not complete.")
        self.info: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if self.info.get("schema") != SCHEMA:
            raise ValueError(f"{path}: schema is {self.info.get('schema')!r}, this kit reads {SCHEMA!r}.")
        self.vocabulary: dict[str, Any] = self.info["vocabulary"]
        records = self._json("annotations/panoptic.json")
        images = records["images"] if limit is None else records["images"][:limit]
        self.image_ids = np.array([image["id"] for image in images], dtype=np.int64)
        self.file_names: list[str] = [image["file_name"] for image in images]
        self.index_of = {int(image_id): i for i, image_id in enumerate(self.image_ids)}
        self.categories = {c["id"]: c for c in records["categories"]}
        by_image = {a["image_id"]: a for a in records["annotations"]}
        self._panoptic_files = [by_image[int(i)]["file_name"] for i in self.image_ids]
        self.segments: list[list[Segment]] = [self._segments(by_image[int(i)]) for i in self.image_ids]
        self.images, self.panoptic = self._pixels()

    def __len__(self) -> int:
        return len(self.image_ids)

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of every picture."""
        return self.info["height"], self.info["width"]

    @cached_property
    def instances(self) -> dict[int, Annotation]:
        """Things by annotation id (annotations/instances.json)."""
        return self._annotations("annotations/instances.json")

    @cached_property
    def targets(self) -> dict[int, Annotation]:
        """Things and stuff by annotation id (refer/instances.json): what referring phrases point at."""
        return self._annotations("refer/instances.json")

    @cached_property
    def refs(self) -> list[dict[str, Any]]:
        """REFER records (refer/refs.json) of the pictures that are loaded."""
        return self._loaded(self._json("refer/refs.json"))

    @cached_property
    def false_premises(self) -> list[dict[str, Any]]:
        """FP-RefCOCO style records (fp/refs.json) of the pictures that are loaded."""
        return self._loaded(self._json("fp/refs.json"))

    @cached_property
    def captions(self) -> list[dict[str, Any]]:
        """Captions, counts and questions (captions.json) of the pictures that are loaded."""
        return self._loaded(self._json("captions.json"))

    @cached_property
    def reasoning(self) -> list[dict[str, Any]]:
        """ReasonSeg records of every split (reason/<split>/*.json), each with "image_id" and "split" added."""
        records = []
        for path in sorted((self.directory / "reason").glob("*/*.json")):
            record = json.loads(path.read_text(encoding="utf-8"))
            records.append({**record, "image_id": int(path.stem.split("_")[0]), "split": path.parent.name})
        return self._loaded(records)

    def _loaded(self, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [record for record in records if record["image_id"] in self.index_of]

    def _json(self, name: str) -> Any:
        path = self.directory / name
        if not path.is_file():
            raise FileNotFoundError(f"{path} is missing from the data set.")
        return json.loads(path.read_text(encoding="utf-8"))

    def _segments(self, annotation: dict[str, Any]) -> list[Segment]:
        return [
            Segment(
                s["id"],
                s["category_id"],
                bool(self.categories[s["category_id"]]["isthing"]),
                s["area"],
                tuple(s["bbox"]),
            )
            for s in annotation["segments_info"]
        ]

    def _annotations(self, name: str) -> dict[int, Annotation]:
        found = {}
        for a in self._json(name)["annotations"]:
            if a["image_id"] not in self.index_of:
                continue
            rle = {"size": a["segmentation"]["size"], "counts": a["segmentation"]["counts"].encode("ascii")}
            found[a["id"]] = Annotation(
                a["id"], a["image_id"], a["category_id"], a["area"], tuple(a["bbox"]), rle, a.get("attributes", {})
            )
        return found

    def _pixels(self) -> tuple[np.ndarray, np.ndarray]:
        """(uint8 [N, H, W, 3], int32 [N, H, W]), memory-mapped from the cache."""
        digest = hashlib.sha256((self.directory / "synth.json").read_bytes()).hexdigest()[:16]
        cache = self.directory / "cache" / f"{digest}-{len(self)}"
        if not cache.is_dir():
            self._write_cache(cache)
        return np.load(cache / "images.npy", mmap_mode="r"), np.load(cache / "panoptic.npy", mmap_mode="r")

    def _write_cache(self, cache: Path) -> None:
        height, width = self.size
        beside = cache.with_name(f".{cache.name}.{os.getpid()}.part")
        beside.mkdir(parents=True, exist_ok=True)
        try:
            shape = (len(self), height, width)
            images = np.lib.format.open_memmap(beside / "images.npy", "w+", np.uint8, (*shape, 3))
            panoptic = np.lib.format.open_memmap(beside / "panoptic.npy", "w+", np.int32, shape)
            for i in range(len(self)):
                images[i] = read_rgb(self.directory / "images" / self.file_names[i], self.size)
                panoptic[i] = panoptic_ids(read_rgb(self.directory / "panoptic" / self._panoptic_files[i], self.size))
            images.flush()
            panoptic.flush()
            os.rename(beside, cache)
        except OSError:
            if not cache.is_dir():  # otherwise another job made the same cache meanwhile
                raise
        finally:
            shutil.rmtree(beside, ignore_errors=True)


def read_rgb(path: Path, size: tuple[int, int]) -> np.ndarray:
    """An 8-bit RGB picture as uint8 [H, W, 3]. Raises ValueError when it has another size than (height, width)."""
    with Image.open(path) as image:
        pixels = np.asarray(image.convert("RGB"))
    if pixels.shape[:2] != tuple(size):
        raise ValueError(f"{path}: is {pixels.shape[1]}x{pixels.shape[0]}, the data set says {size[1]}x{size[0]}.")
    return pixels


def panoptic_ids(rgb: np.ndarray) -> np.ndarray:
    """COCO panoptic ids R + 256 G + 65536 B of uint8 [H, W, 3], as int32 [H, W]; 0 is void."""
    wide = rgb.astype(np.int32)
    return wide[..., 0] + (wide[..., 1] << 8) + (wide[..., 2] << 16)
