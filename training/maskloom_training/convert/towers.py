"""CLIP and SigLIP to bundles: both towers under the recipes `clip/towers` and `siglip/towers`."""

from __future__ import annotations

import copy
from pathlib import Path

import torch
from torch.nn import functional as F
from transformers import CLIPConfig, CLIPModel, PretrainedConfig, SiglipConfig, SiglipModel

from .clip_source import check_tower, clip_constants
from .folder import BundleFolder
from .language_pieces import TWIN_LAYERS
from .pieces import Piece
from .source import Source
from .tensors import CheckpointError, FewRows, Renamed, Tensors
from .text import clip_text, siglip_text
from .tokenizer import read_tokenizer, write_tokenizer
from .vision import clip_towers, siglip_tower

WORDS = ("embeddings.token_embedding.weight",)


def convert_clip(source: Source, out: Path, dtype: str, name: str, license: str) -> None:
    """A Hugging Face folder of CLIPModel."""
    config = CLIPConfig(**_sides(source))
    tensors = source.tensors()
    tokenizer = read_tokenizer(source)
    with BundleFolder(out, name, license, source.origin(), dtype) as bundle:
        bundle.room(tensors)
        rows = tensors.shape("text_model.embeddings.token_embedding.weight")[0]
        write_tokenizer(tokenizer, bundle.folder, ["<|startoftext|>", "<|endoftext|>"], rows)
        bundle.tokenizer("tokenizer.json", "tokenizer_config.json")
        bundle.piece(_vision_piece("clip-tower", tensors, config, CLIPModel))
        bundle.piece(text_piece("clip-text", tensors, config, CLIPModel))
        text = {
            "maxTokens": config.text_config.max_position_embeddings,
            "bos": "<|startoftext|>",
            "eos": "<|endoftext|>",
            "pad": "<|endoftext|>",
            "prefix": "",
            "trimEnd": False,
        }
        bundle.preset("clip", {**clip_constants(source, config.vision_config), "text": text})
        bundle.recipe("clip/towers", {"clipTower": "clip-tower", "clipDense": "clip-tower", "clipText": "clip-text"})
        bundle.finish()


def convert_siglip(source: Source, out: Path, dtype: str, name: str, license: str) -> None:
    """A Hugging Face folder of SiglipModel; of SigLIP 2 those of fixed size, which have the same class."""
    config = SiglipConfig(**_sides(source))
    tensors = source.tensors()
    tokenizer = read_tokenizer(source)
    given = source.json("preprocessor_config.json") if source.has("preprocessor_config.json") else {}
    with BundleFolder(out, name, license, source.origin(), dtype) as bundle:
        bundle.room(tensors)
        rows = tensors.shape("text_model.embeddings.token_embedding.weight")[0]
        end = next((t for t in ("</s>", "<eos>") if tokenizer.token_to_id(t) is not None), "</s>")
        # SigLIP fills rows with its end mark, SigLIP 2 (Gemma's tokenizer) with <pad>.
        pad = "<pad>" if end == "<eos>" else end
        write_tokenizer(tokenizer, bundle.folder, [end, pad], rows)
        bundle.tokenizer("tokenizer.json", "tokenizer_config.json")
        bundle.piece(_vision_piece("siglip-tower", tensors, config, SiglipModel))
        bundle.piece(text_piece("siglip-text", tensors, config, SiglipModel))
        view = config.vision_config
        bundle.preset(
            "siglip",
            {
                "imageSize": view.image_size,
                "patchSize": view.patch_size,
                "mean": given.get("image_mean", [0.5] * 3),
                "std": given.get("image_std", [0.5] * 3),
                "resample": "bicubic",
                "crop": "stretch",
                "text": {
                    "maxTokens": config.text_config.max_position_embeddings,
                    "eos": end,
                    "pad": pad,
                    "prefix": "",
                    "trimEnd": False,
                    "fill": True,
                },
            },
        )
        bundle.recipe("siglip/towers", {"siglipTower": "siglip-tower", "siglipText": "siglip-text"})
        bundle.finish()


def _sides(source: Source) -> dict:
    given = source.json("config.json")
    for side in ("vision_config", "text_config"):
        if not isinstance(given.get(side), dict):
            raise CheckpointError(f"config.json of {source.name} has no {side}: it is not a model with both towers.")
    return {key: given[key] for key in ("vision_config", "text_config", "projection_dim") if key in given}


def part_of(tensors: Tensors, part: str, projection: str) -> Tensors:
    """One tower without its first name, with the projection that stands beside it."""

    def rename(name: str) -> str | None:
        if name.endswith("embeddings.position_ids"):
            return None
        if name.startswith(f"{part}."):
            return name[len(part) + 1 :]
        return name if name.startswith(f"{projection}.") else None

    return Renamed(tensors, rename)


def _small(config: PretrainedConfig) -> PretrainedConfig:
    twin = copy.deepcopy(config)
    for side in (twin.vision_config, twin.text_config):
        side.num_hidden_layers = min(TWIN_LAYERS, side.num_hidden_layers)
        side._attn_implementation = "eager"
    twin._attn_implementation = "eager"
    return twin


def _vision_piece(piece_id: str, tensors: Tensors, config: PretrainedConfig, kind: type) -> Piece:
    own, twin, clip = part_of(tensors, "vision_model", "visual_projection"), _small(config), kind is CLIPModel
    check_tower(own, config.vision_config)
    write = clip_towers if clip else siglip_tower

    def reference(stored: dict[str, torch.Tensor]):
        model = _twin_model(kind, twin, "vision_model", stored)
        side = config.vision_config.image_size
        pixels = torch.randn(2, 3, side, side, generator=torch.Generator().manual_seed(0))
        return (lambda x: (_clip_outputs if clip else _siglip_outputs)(model, x)), {"pixel_values": pixels}

    return Piece(
        piece_id, own, lambda g: write(g, config.vision_config), lambda g: write(g, twin.vision_config), reference
    )


def _clip_outputs(model: CLIPModel, pixels: torch.Tensor):
    seen = model.vision_model(pixels, output_hidden_states=True)
    tower, before = model.vision_model, seen.hidden_states[-2]
    last = tower.encoder.layers[-1]
    alone = before + last.self_attn.out_proj(last.self_attn.v_proj(last.layer_norm1(before)))
    alone = alone + last.mlp(last.layer_norm2(alone))
    dense = model.visual_projection(tower.post_layernorm(alone[:, 1:]))
    return before[:, 1:], dense, model.visual_projection(seen.pooler_output)


def _siglip_outputs(model: SiglipModel, pixels: torch.Tensor):
    seen = model.vision_model(pixels)
    return seen.last_hidden_state, seen.pooler_output


def text_piece(piece_id: str, tensors: Tensors, config: PretrainedConfig, kind: type) -> Piece:
    """A text tower of CLIPModel's or SiglipModel's names."""
    own, twin, clip = part_of(tensors, "text_model", "text_projection"), _small(config), kind is CLIPModel
    write, side = (clip_text if clip else siglip_text), config.text_config
    layers = twin.text_config.num_hidden_layers

    def reference(stored: dict[str, torch.Tensor]):
        rows = len(stored[WORDS[0]])
        twin.text_config.vocab_size = rows
        # The end mark is found as the highest id, as CLIP's own code has it.
        twin.text_config.eos_token_id = 2
        model = _twin_model(kind, twin, "text_model", stored)
        length = side.max_position_embeddings
        ids = torch.full((2, length), 3)
        mask = torch.zeros(2, length, dtype=torch.long)
        for row, end in enumerate((length - 1, length // 2)):
            ids[row, : end + 1] = torch.arange(end + 1) % (rows - 6) + 4
            ids[row, end], mask[row, : end + 1] = rows - 1, 1

        def forward(i: torch.Tensor, m: torch.Tensor) -> torch.Tensor:
            pooled = model.text_model(input_ids=i).pooler_output
            return F.normalize(model.text_projection(pooled) if clip else pooled, dim=-1)

        return forward, {"input_ids": ids, "attention_mask": mask}

    return Piece(
        piece_id, own, lambda g: write(g, side), lambda g: write(g, side, layers), reference, FewRows(own, WORDS)
    )


def _twin_model(kind: type, config: PretrainedConfig, part: str, stored: dict[str, torch.Tensor]):
    """Hugging Face's model with one side's stored tensors."""
    model = kind(config).eval()
    loose = ("visual_projection.", "text_projection.")
    named = {name if name.startswith(loose) else f"{part}.{name}": tensor for name, tensor in stored.items()}
    _, unexpected = model.load_state_dict(named, strict=False)
    if unexpected:
        raise CheckpointError(f"{kind.__name__} has no {unexpected[0]}: the checkpoint is of another kind.")
    return model
