"""SAM ViT-B at 1024 and full depth: segment-anything's file, converted, through `sam/prompted`, against SamModel."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from transformers import SamConfig, SamModel

from maskloom_training.geometry import sam_points, sam_postprocess, sam_preprocess
from tests.sam_layout import original_names

from .random_weights import HEIGHT, WIDTH, photograph, randomise
from .report import Compare, Row
from .sdk import Steps, convert
from .stored import Weights, halved, stored

SIDE = 1024
PROMPTS = [
    {"points": [[150.0, 200.0]], "labels": [1]},
    {"points": [[420.0, 120.0], [500.0, 380.0]], "labels": [1, 0]},
    {"box": [100.0, 60.0, 380.0, 330.0]},
    {"points": [[330.0, 250.0]], "labels": [1], "box": [200.0, 150.0, 600.0, 400.0]},
]
"""In pixels of the picture."""


def config() -> SamConfig:
    """facebook/sam-vit-base's."""
    return SamConfig(vision_config=dict(hidden_size=768, num_hidden_layers=12, num_attention_heads=12, mlp_dim=3072))


def run(case: str, dtypes: Iterable[str], work: Path) -> list[Row]:
    """One bundle a dtype; every prompt in one request."""
    model = randomise(SamModel(config()))
    weights = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    torch.save(original_names(weights), work / "sam_vit_b.pth")
    del model
    image = photograph(work / "photo.png")
    rows = []
    for dtype in dtypes:
        bundle = convert("sam", work / "sam_vit_b.pth", work / dtype, dtype)
        request = {"task": "prompted", "prompts": [_request(prompt) for prompt in PROMPTS]}
        step = {"kind": "segment", "recipe": "sam/prompted", "image": str(work / "photo.png"), "request": request}
        given = Steps(bundle, [step]).results[0]["segments"]
        wanted = reference(as_stored(bundle, weights, dtype), image)
        rows.append(Compare(case, dtype).masks("masks", [segment["mask"] for segment in given], wanted))
        gc.collect()
    return rows


def as_stored(bundle: Path, weights: Weights, dtype: str) -> Weights:
    """SamModel's weights as the bundle's two graphs hold them."""
    prefix = "vision_encoder."
    vision = {name.removeprefix(prefix): tensor for name, tensor in weights.items() if name.startswith(prefix)}
    rest = {name: tensor for name, tensor in weights.items() if not name.startswith(prefix)}
    encoder = stored(bundle / "sam-encoder.onnx", vision)
    return {prefix + name: tensor for name, tensor in encoder.items()} | halved(rest, dtype)


@torch.no_grad()
def reference(weights: Weights, image: np.ndarray) -> list[torch.Tensor]:
    """Masks [H,W] of SamModel's single output, a prompt at a time."""
    model = SamModel(config()).eval()
    model.load_state_dict(weights)
    features = model.get_image_embeddings(sam_preprocess(image, SIDE))
    masks = []
    for prompt in PROMPTS:
        inputs = {}
        if "points" in prompt:
            inputs["input_points"] = _scaled(prompt["points"])[None, None]
            inputs["input_labels"] = torch.tensor(prompt["labels"])[None, None]
        if "box" in prompt:
            inputs["input_boxes"] = _scaled(np.reshape(prompt["box"], (2, 2))).reshape(1, 1, 4)
        low = model(image_embeddings=features, multimask_output=False, **inputs).pred_masks[0]
        masks.append(sam_postprocess(low, HEIGHT, WIDTH, SIDE)[0, 0] > 0)
    return masks


def _scaled(points) -> torch.Tensor:
    return torch.from_numpy(sam_points(np.array(points), HEIGHT, WIDTH, SIDE)).float()


def _request(prompt: dict) -> dict:
    """A prompt as the SDK takes it."""
    made = {}
    if "points" in prompt:
        flat = [value for point in prompt["points"] for value in point]
        made["points"] = {"frame": "ImagePx", "xy": flat, "labels": prompt["labels"]}
    if "box" in prompt:
        left, top, right, bottom = prompt["box"]
        made["box"] = {"frame": "ImagePx", "x": left, "y": top, "width": right - left, "height": bottom - top}
    return made
