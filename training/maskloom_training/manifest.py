"""The words of a bundle's manifest: what it is made of, and how models, recipes and constants are described."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import onnx

from .clip.model import MEAN as CLIP_MEAN
from .clip.model import STD as CLIP_STD
from .clip.model import ClipTiny
from .geometry import SAM_MEAN, SAM_STD
from .llava.model import LlavaTiny
from .sam.model import SamTiny
from .segment.recipes import RECIPES, SegWeights
from .segment.sasp import SaspSettings
from .text.prompts import ACCEPT, MAX_NEW_TOKENS, TEMPLATE
from .text.tokenizer import BOS, EOS, IMAGE_START, SEG

TYPES = {onnx.TensorProto.FLOAT: "float32", onnx.TensorProto.INT64: "int64", onnx.TensorProto.FLOAT16: "float16"}


@dataclass
class Pieces:
    """What a bundle is made of. `recipes` maps recipe ids to their weights (rounded to float16 here)."""

    clip: ClipTiny
    sam: SamTiny
    recipes: dict[str, SegWeights]
    sasp: SaspSettings
    tokenizer: Path
    origin: dict
    version: str = "0.1.0"
    held_out: dict = field(default_factory=dict)
    shared: dict[str, str] = field(default_factory=dict)


def recipe_entry(recipe_id: str, folder: str, pieces: Pieces) -> dict:
    """A recipe's manifest entry; `folder` holds the models of the recipe whose weights it uses."""
    recipe = RECIPES[recipe_id]
    roles = {
        "samEncoder": "sam-encoder",
        "samDecoder": f"{folder}/sam-decoder",
        "clipTower": "clip-tower",
        "projector": "projector",
        "tokenEmbedding": f"{folder}/token-embedding",
        "languageModel": f"{folder}/language-model",
    }
    if recipe.embeds:
        roles["segProjection"] = f"{folder}/seg-projection"
    entry = {"models": roles, "points": recipe.points, "presets": {}, "trainedFor": True}
    owner = pieces.shared.get(recipe_id)
    if owner is not None:
        entry["sharesWeightsWith"] = owner
    figures = pieces.held_out.get("recipes", {}).get(recipe_id)
    if figures is not None:
        entry["heldOut"] = rounded(figures)
    return entry


def presets(pieces: Pieces, llava: LlavaTiny, clip: ClipTiny) -> dict:
    """Constants of pre-processing, prompts and SasP."""
    tiny, text, view, sasp = pieces.sam.tiny, llava.settings, clip.settings, pieces.sasp
    return {
        "sam": {
            "imageSize": tiny.image_size,
            "maskSize": tiny.mask_size,
            "embedDim": tiny.embed,
            "mean": list(SAM_MEAN),
            "std": list(SAM_STD),
            "resample": "bilinear",
        },
        "clip": {
            "imageSize": view.image_size,
            "patchSize": view.patch_size,
            "mean": list(CLIP_MEAN),
            "std": list(CLIP_STD),
            "resample": "bicubic",
            "crop": "centre",
        },
        "llava": {
            "hidden": text.hidden,
            "layers": text.layers,
            "heads": text.heads,
            "headDim": text.hidden // text.heads,
            "imageTokens": text.image_tokens,
            "grid": text.grid,
            "prompt": TEMPLATE,
            "eos": EOS,
            "bos": BOS,
            "seg": SEG,
            "imStart": IMAGE_START,
            "maxNewTokens": MAX_NEW_TOKENS,
            "positions": text.positions,
            "answer": ACCEPT.strip(),
        },
        "sasp": {
            "downSample": sasp.down_sample,
            "positive": sasp.positive,
            "negative": sasp.negative,
            "count": sasp.count,
            "mode": sasp.mode,
            "epsilon": sasp.sigma,
            "geometry": sasp.geometry,
            "distance": "l2",
            "radius": sasp.radius,
        },
    }


def rounded(value):
    """The same figures with five decimals."""
    if isinstance(value, dict):
        return {k: rounded(v) for k, v in value.items()}
    if isinstance(value, list):
        return [rounded(v) for v in value]
    return round(value, 5) if isinstance(value, float) else value


def size_and_hash(path: Path) -> dict:
    """{"bytes", "sha256"} of a file, read in pieces."""
    with open(path, "rb") as stream:
        digest = hashlib.file_digest(stream, "sha256")
    return {"bytes": path.stat().st_size, "sha256": digest.hexdigest()}


def describe_graph(graph: onnx.GraphProto) -> dict:
    """{"inputs", "outputs"} of a graph: name, dtype and shape of each, a string for an axis that may vary."""

    def edges(values) -> list[dict]:
        return [
            {
                "name": v.name,
                "dtype": TYPES[v.type.tensor_type.elem_type],
                "shape": [d.dim_param or d.dim_value for d in v.type.tensor_type.shape.dim],
            }
            for v in values
        ]

    return {"inputs": edges(graph.input), "outputs": edges(graph.output)}


def describe(path: Path, root: Path) -> dict:
    """A model's manifest entry: file, size, hash, inputs and outputs as the graph names them."""
    graph = onnx.load(str(path)).graph
    return {"file": str(path.relative_to(root)), **size_and_hash(path), "dtype": "float16", **describe_graph(graph)}
