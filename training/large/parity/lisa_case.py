"""LISA, SESAME and READ at LLaVA-1.5-7B's widths: converted, run as whole recipes, against their own forward pass."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import torch

from maskloom_training.segment.sasp import READ_7B, SaspSettings
from tests.lisa_reference import Answer, answer

from .lisa_folder import assembled, load, tokenizer, write
from .random_weights import photograph
from .report import POINTS_PX, Compare, Row
from .sdk import Steps, convert
from .stored import Weights, halved, stored

WORDS = "The dog on the road"
MOST = 24


@dataclass(frozen=True)
class System:
    """One system: what the converter calls it, what it is made to answer, and the recipes that are run of it."""

    name: str
    two_layers: bool
    phrase: str
    reply: str
    recipes: dict[str, SaspSettings | None]


LISA = System(
    "lisa", False, WORDS, "Sure, the dog [SEG] and the road [SEG] .",
    {"stacked-seg/single": None, "stacked-seg/several": None},
)  # fmt: skip
SESAME = System("sesame", True, WORDS.lower(), "Sure, the segmentation result is [SEG] .", {"stacked-seg/single": None})
READ = System(
    "read-7b", True, WORDS.lower(), "Sure, the segmentation result is [SEG] .",
    {"read/seg": None, "read/full": READ_7B},
)  # fmt: skip


def run(system: System):
    """The case of one system."""
    return lambda case, dtypes, work: _run(system, case, dtypes, work)


def _run(system: System, case: str, dtypes: Iterable[str], work: Path) -> list[Row]:
    image = photograph(work / "photo.png")
    question = f"What is {system.phrase} in this image? Please output segmentation mask."
    guess = write(work, system.two_layers, image, question, system.reply)
    rows = []
    for dtype in dtypes:
        gc.collect()
        bundle = convert(system.name, work / "lisa", work / dtype, dtype)
        request = {"task": "referring", "text": WORDS}
        steps = [
            {"kind": "segment", "recipe": recipe, "image": str(work / "photo.png"), "request": request,
             "maxNewTokens": MOST}
            for recipe in system.recipes
        ]  # fmt: skip
        given = Steps(bundle, steps).results
        model = assembled(as_stored(bundle, load(work, system.two_layers), dtype), system.two_layers)
        for (recipe, settings), one in zip(system.recipes.items(), given, strict=True):
            wanted = answer(model, tokenizer(), image, question, MOST, settings, guess)
            rows += compared(Compare(case, dtype), recipe, one, wanted)
        del model
    return rows


def compared(compare: Compare, recipe: str, given: dict, wanted: Answer) -> list[Row]:
    """Text, states, points and masks of one recipe."""
    rows = [compare.same(f"{recipe}: text", given["answer"], wanted.text)]
    if given["states"]["ids"] != wanted.ids:
        return rows
    states = given["states"]
    rows.append(compare.states(f"{recipe}: states of 576 image tokens", states["image"][0], wanted.patches))
    rows.append(compare.states(f"{recipe}: states of [SEG]", torch.cat(states["emitted"]), wanted.emitting))
    segments = given["segments"]
    count = 1 if recipe.endswith("single") else len(wanted.masks)
    masks = [mask > 0 for mask in wanted.masks[:count]]
    for segment, points in zip(segments, wanted.points, strict=False):
        xy = torch.tensor(segment["points"]["xy"]).reshape(-1, 2)
        rows.append(compare.same(f"{recipe}: labels of points", segment["points"]["labels"], points.labels[0].tolist()))
        rows.append(compare.states(f"{recipe}: points, pixels", xy, points.xy[0].float(), POINTS_PX))
    rows.append(compare.masks(f"{recipe}: masks", [segment["mask"] for segment in segments], masks))
    return rows


def as_stored(bundle: Path, parts: dict[str, Weights], dtype: str) -> dict[str, Weights]:
    """The parts' tensors as the bundle's graphs hold them."""
    llama, sam, result = parts["llama"], parts["sam"], {}
    table = "model.embed_tokens.weight"
    words = stored(bundle / "token-embedding.onnx", {table: llama.pop(table)})
    result["llama"] = stored(bundle / "language-model.onnx", llama) | words
    llama.clear()
    # The graphs have the checkpoint's names for the two small ones.
    first = "model.mm_projector"
    names = {f"{i}.{kind}": f"{first}.{kind}" if len(parts["projector"]) == 2 else f"{first}.{2 * int(i)}.{kind}"
             for i, kind in (name.split(".") for name in parts["projector"])}  # fmt: skip
    result["projector"] = _renamed(bundle / "projector.onnx", parts["projector"], names)
    names = {name: f"model.text_hidden_fcs.0.{name}" for name in parts["seg"]}
    result["seg"] = _renamed(bundle / "seg-projection.onnx", parts["seg"], names)
    result["clip"] = stored(bundle / "clip-tower.onnx", parts["clip"])
    prefix = "vision_encoder."
    vision = {name.removeprefix(prefix): tensor for name, tensor in sam.items() if name.startswith(prefix)}
    vision = stored(bundle / "sam-encoder.onnx", vision)
    rest = {name: tensor for name, tensor in sam.items() if not name.startswith(prefix)}
    result["sam"] = halved(rest, dtype) | {prefix + name: tensor for name, tensor in vision.items()}
    return result


def _renamed(graph: Path, weights: Weights, names: dict[str, str]) -> Weights:
    """`stored` of weights whose names in the graph are others."""
    found = stored(graph, {names[name]: tensor for name, tensor in weights.items()})
    return {name: found[names[name]] for name in weights}
