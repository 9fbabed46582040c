"""Disk and memory of every convertible checkpoint, counted on the published configurations without any weights:

    python training/large/sizes.py

Disk is what `maskloom-convert` writes: float32, float16 (matrices), blocks of 8 or 4 bits with a float32 scale for
each 32 (linear layers; other matrices float16; SAM beside a language model of 4 bits at 8). In memory float16 is
widened when a graph is opened, blocks stay as they are, and of a token embedding only the rows that are asked for are
widened. Prints Markdown.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from torch import nn
from transformers import (
    CLIPConfig,
    CLIPModel,
    CLIPVisionConfig,
    CLIPVisionModel,
    LlamaConfig,
    LlamaForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
    SamConfig,
    SamModel,
    SiglipConfig,
    SiglipModel,
    SiglipVisionConfig,
    SiglipVisionModel,
)

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from maskloom_training.convert.cat_seg_aggregator import AggregatorShape, CatSegAggregator  # noqa: E402

DTYPES = ("f32", "f16", "q8", "q4")
BLOCKS = {"q8": 1.125, "q4": 0.625}


def bytes_of(module: nn.Module, dtype: str, memory: bool = False) -> float:
    """Bytes of a module's weights on disk, or in memory once opened."""
    total = 0.0
    linear = {id(m.weight) for m in module.modules() if isinstance(m, nn.Linear)}
    tables = {id(m.weight) for m in module.modules() if isinstance(m, nn.Embedding)}
    tied = linear & tables
    for parameter in module.parameters():
        count = parameter.numel()
        if dtype == "f32" or parameter.dim() < 2:
            total += 4 * count
        elif id(parameter) in tables:
            total += 2 * count
        elif id(parameter) in linear and dtype in BLOCKS:
            total += BLOCKS[dtype] * count
        else:
            total += (4 if memory else 2) * count
        if id(parameter) in tied:
            # The head that shares the table is written beside it.
            total += count * (4 if dtype == "f32" else BLOCKS.get(dtype, 4 if memory else 2))
    return total


def sam(width: int, layers: int, heads: int, glob: list[int]) -> nn.Module:
    vision = dict(
        hidden_size=width, num_hidden_layers=layers, num_attention_heads=heads, mlp_dim=4 * width,
        global_attn_indexes=glob,
    )  # fmt: skip
    return SamModel(SamConfig(vision_config=vision))


def clip(size: str, patch: int, side: int) -> nn.Module:
    wide, text, out, layers = {"B": (768, 512, 512, 12), "L": (1024, 768, 768, 24)}[size]
    vision = dict(
        hidden_size=wide, intermediate_size=4 * wide, num_hidden_layers=layers, num_attention_heads=wide // 64,
        image_size=side, patch_size=patch,
    )  # fmt: skip
    words = dict(hidden_size=text, intermediate_size=4 * text, num_attention_heads=text // 64)
    return CLIPModel(CLIPConfig(vision_config=vision, text_config=words, projection_dim=out))


def siglip(wide: int, layers: int, heads: int, mlp: int, side: int, patch: int) -> nn.Module:
    same = dict(hidden_size=wide, num_hidden_layers=layers, num_attention_heads=heads, intermediate_size=mlp)
    return SiglipModel(SiglipConfig(vision_config={**same, "image_size": side, "patch_size": patch}, text_config=same))


def llava(thirteen: bool, side: int, projector: int, extra: list[nn.Module]) -> list[nn.Module]:
    hidden, mlp, layers, heads = (5120, 13824, 40, 40) if thirteen else (4096, 11008, 32, 32)
    language = LlamaForCausalLM(LlamaConfig(
        vocab_size=32003, hidden_size=hidden, intermediate_size=mlp, num_hidden_layers=layers,
        num_attention_heads=heads,
    ))  # fmt: skip
    tower = CLIPVisionModel(CLIPVisionConfig(
        hidden_size=1024, intermediate_size=4096, num_hidden_layers=23, num_attention_heads=16, image_size=side,
        patch_size=14,
    ))  # fmt: skip
    layers_between = [nn.Linear(1024, hidden), nn.Linear(hidden, hidden)][:projector]
    head = [nn.Linear(hidden, hidden), nn.Linear(hidden, 256)] if extra else []
    return [language, tower, *layers_between, *head, *extra]


def onevision(seven: bool) -> list[nn.Module]:
    sizes = {True: (3584, 18944, 28, 28, 4, 152064), False: (896, 4864, 24, 14, 2, 152000)}
    hidden, mlp, layers, heads, groups, words = sizes[seven]
    language = Qwen2ForCausalLM(Qwen2Config(
        vocab_size=words, hidden_size=hidden, intermediate_size=mlp, num_hidden_layers=layers,
        num_attention_heads=heads, num_key_value_heads=groups, tie_word_embeddings=not seven,
    ))  # fmt: skip
    tower = SiglipVisionModel(SiglipVisionConfig(
        hidden_size=1152, intermediate_size=4304, num_hidden_layers=26, num_attention_heads=16, image_size=384,
        patch_size=14, vision_use_head=False,
    ))  # fmt: skip
    return [language, tower, nn.Linear(1152, hidden), nn.Linear(hidden, hidden)]


def cat_seg(size: str) -> list[nn.Module]:
    channels, tap = (512, 768) if size == "B" else (768, 1024)
    aggregator = CatSegAggregator(AggregatorShape(128, channels, tap, (256, 128), 2, 24, 12))
    return [clip("B", 16, 384) if size == "B" else clip("L", 14, 336), aggregator]


def checkpoints() -> dict[str, list[nn.Module]]:
    """Every checkpoint's parts, on the meta device."""
    huge = sam(1280, 32, 16, [7, 15, 23, 31])
    return {
        "SAM ViT-B": [sam(768, 12, 12, [2, 5, 8, 11])],
        "SAM ViT-L": [sam(1024, 24, 16, [5, 11, 17, 23])],
        "SAM ViT-H": [huge],
        "CLIP B/16": [clip("B", 16, 224)],
        "CLIP L/14-336": [clip("L", 14, 336)],
        "SigLIP B/16-224": [siglip(768, 12, 12, 3072, 224, 16)],
        "SigLIP so400m/14-384": [siglip(1152, 27, 16, 4304, 384, 14)],
        "CAT-Seg B": cat_seg("B"),
        "CAT-Seg L": cat_seg("L"),
        "LLaVA-1.5-7B": llava(False, 336, 2, []),
        "LLaVA-1.5-13B": llava(True, 336, 2, []),
        "LLaVA-OneVision 0.5B": onevision(False),
        "LLaVA-OneVision 7B": onevision(True),
        "LISA-7B, GSVA-7B": llava(False, 224, 1, [huge]),
        "LISA-13B": llava(True, 224, 1, [huge]),
        "SESAME-7B, READ-7B": llava(False, 336, 2, [huge]),
        "READ-13B": llava(True, 336, 2, [huge]),
    }


def stored(part: nn.Module, dtype: str, alone: bool) -> str:
    """SAM beside a language model is kept at 8 bits."""
    return "q8" if dtype == "q4" and isinstance(part, SamModel) and not alone else dtype


def main() -> None:
    print("| checkpoint | weights | " + " | ".join(f"disk {d}" for d in DTYPES) + " | memory f32, f16 | q8 | q4 |")
    print("| --- " * 9 + "|")
    with torch.device("meta"):
        for name, parts in checkpoints().items():
            alone = len(parts) == 1
            count = sum(p.numel() for part in parts for p in part.parameters())
            disk = [sum(bytes_of(p, stored(p, d, alone)) for p in parts) for d in DTYPES]
            held = [sum(bytes_of(p, stored(p, d, alone), True) for p in parts) for d in ("f32", "q8", "q4")]
            cells = [f"{count / 1e6:,.0f} M", *(f"{value / 1e9:.2f}" for value in (*disk, *held))]
            print(f"| {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
