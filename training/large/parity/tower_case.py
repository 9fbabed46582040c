"""CLIP and SigLIP at real widths through the converter, against Hugging Face's classes: tokens and embeddings."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from tokenizers import AddedToken, Tokenizer
from torch.nn import functional as F
from transformers import CLIPConfig, CLIPModel, SiglipConfig, SiglipModel

from maskloom_training.convert.tokenizer import from_sentencepiece
from maskloom_training.geometry import clip_preprocess

from .random_weights import photograph, randomise
from .report import Compare, Row
from .sdk import Steps, convert
from .stored import Weights, stored
from .words import vocabulary

TEXTS = ["a brown dog", "It is a car on the road.", "the segmentation result"]
START, END = "<|startoftext|>", "<|endoftext|>"
UNIT = 1e-4
"""Largest difference allowed between unit vectors: their elements are some hundredths."""


def clip_config(patch: int, side: int, vision: int, layers: int, text: int, joint: int) -> CLIPConfig:
    """One of OpenAI's; heads are 64 wide throughout."""
    return CLIPConfig(
        vision_config=dict(hidden_size=vision, intermediate_size=4 * vision, num_hidden_layers=layers,
                           num_attention_heads=vision // 64, image_size=side, patch_size=patch),
        text_config=dict(hidden_size=text, intermediate_size=4 * text, num_hidden_layers=12,
                         num_attention_heads=text // 64, vocab_size=49408, eos_token_id=49407),
        projection_dim=joint,
    )  # fmt: skip


def siglip_config(layers: int) -> SiglipConfig:
    """google/siglip-so400m-patch14-384's widths, both towers of `layers` layers instead of 27."""
    widths = dict(hidden_size=1152, intermediate_size=4304, num_hidden_layers=layers, num_attention_heads=16)
    return SiglipConfig(
        vision_config={**widths, "image_size": 384, "patch_size": 14},
        text_config={**widths, "vocab_size": 32000, "projection_size": 1152},
    )


def run_clip(**widths):
    """The case of a `clip_config`."""
    return lambda case, dtypes, work: _run("clip", CLIPModel, clip_config(**widths), case, dtypes, work)


def run_siglip(layers: int):
    """The case of a `siglip_config`."""
    return lambda case, dtypes, work: _run("siglip", SiglipModel, siglip_config(layers), case, dtypes, work)


def _run(kind: str, model_class: type, config, case: str, dtypes: Iterable[str], work: Path) -> list[Row]:
    model = randomise(model_class(config))
    model.save_pretrained(work / "model")
    weights = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    words = _words(kind, config.text_config.vocab_size)
    words.save(str(work / "model" / "tokenizer.json"))
    image, photo = photograph(work / "photo.png"), str(work / "photo.png")
    pixels = clip_preprocess(image, config.vision_config.image_size) if kind == "clip" else _stretched(image, config)
    rows = []
    for dtype in dtypes:
        bundle = convert(kind, work / "model", work / dtype, dtype)
        recipe = f"{kind}/towers"
        tower = "clip/tower" if kind == "clip" else "clip/siglip-tower"
        steps = [
            {"kind": "encode", "recipe": recipe, "stage": tower, "image": photo},
            {"kind": "embed", "recipe": recipe, "stage": "clip/text" if kind == "clip" else "clip/siglip-text",
             "texts": TEXTS},
            {"kind": "run", "recipe": recipe, "role": f"{kind}Tower", "feeds": {"pixel_values": "pixels"},
             "outputs": ["image_embed"]},
        ]  # fmt: skip
        if kind == "clip":
            steps.append({"kind": "encode", "recipe": recipe, "stage": "clip/dense", "image": photo})
        given = Steps(bundle, steps, {"pixels": pixels.numpy()}).results
        model.load_state_dict(_as_stored(bundle, kind, weights))
        wanted = (_clip if kind == "clip" else _siglip)(model, pixels, words)
        compare = Compare(case, dtype)
        rows.append(compare.states("patch tokens", given[0], wanted["patches"]))
        if kind == "clip":
            rows.append(compare.states("dense tokens", given[3], wanted["dense"]))
        rows.append(
            compare.states("image embedding", F.normalize(given[2]["image_embed"], dim=-1), wanted["image"], UNIT)
        )
        rows.append(compare.states("text embeddings", given[1], wanted["texts"], UNIT))
    return rows


def _as_stored(bundle: Path, kind: str, weights: Weights) -> Weights:
    """The model's weights as the bundle's two graphs hold them."""
    result = dict(weights)
    for graph, part, beside in (
        (f"{kind}-tower", "vision_model.", "visual_projection."),
        (f"{kind}-text", "text_model.", "text_projection."),
    ):
        own = {n.removeprefix(part): w for n, w in weights.items() if n.startswith((part, beside))}
        for name, weight in stored(bundle / f"{graph}.onnx", own).items():
            result[name if name.startswith(beside) else part + name] = weight
    return result


@torch.no_grad()
def _clip(model: CLIPModel, pixels: torch.Tensor, words: Tokenizer) -> dict[str, torch.Tensor]:
    seen = model.vision_model(pixels, output_hidden_states=True)
    before, last = seen.hidden_states[-2], model.vision_model.encoder.layers[-1]
    # MaskCLIP (section 3.2): in the last layer every patch attends to itself alone.
    alone = before + last.self_attn.out_proj(last.self_attn.v_proj(last.layer_norm1(before)))
    alone = alone + last.mlp(last.layer_norm2(alone))
    ids = [[49406, *_ids(words, text), 49407] for text in TEXTS]
    texts = [model.get_text_features(torch.tensor([row])).pooler_output[0] for row in ids]
    return {
        "patches": before[:, 1:],
        "dense": model.visual_projection(model.vision_model.post_layernorm(alone[:, 1:])),
        "image": F.normalize(model.get_image_features(pixels).pooler_output, dim=-1),
        "texts": F.normalize(torch.stack(texts), dim=-1),
    }


@torch.no_grad()
def _siglip(model: SiglipModel, pixels: torch.Tensor, words: Tokenizer) -> dict[str, torch.Tensor]:
    seen = model.vision_model(pixels)
    end, length = words.token_to_id("</s>"), model.config.text_config.max_position_embeddings
    rows = [[*_ids(words, text), end] for text in TEXTS]
    ids = torch.tensor([row + [end] * (length - len(row)) for row in rows])
    return {
        "patches": seen.last_hidden_state,
        "image": F.normalize(seen.pooler_output, dim=-1),
        "texts": F.normalize(model.get_text_features(input_ids=ids).pooler_output, dim=-1),
    }


def _ids(words: Tokenizer, text: str) -> list[int]:
    """CLIP and SigLIP were trained with lower-cased texts; their published tokenizers see to it."""
    return words.encode(text.lower(), add_special_tokens=False).ids


def _words(kind: str, rows: int) -> Tokenizer:
    words = from_sentencepiece(vocabulary(rows - 2 if kind == "clip" else rows))
    if kind == "clip":
        words.add_special_tokens([AddedToken(token, special=True) for token in (START, END)])
    return words


def _stretched(image: np.ndarray, config: SiglipConfig) -> torch.Tensor:
    """The whole picture squeezed into SigLIP's square."""
    side = config.vision_config.image_size
    small = np.asarray(Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC))
    return torch.from_numpy(small.copy()).permute(2, 0, 1)[None].float() / 127.5 - 1
