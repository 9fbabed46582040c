"""A LISA-7B of random weights in the published layout: real widths, full depth, float16 shards, SAM ViT-H, CLIP L/14 apart.

    python training/large/random_lisa.py OUT [--layers 32]

13.5 GB of language model, 2.5 GB of SAM (float32 halved), 0.6 GB of CLIP. Values are cut out of one block of normal
numbers (deviation 0.02), so that writing them takes the time of the disk.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import CLIPVisionConfig, CLIPVisionModel, LlamaConfig, LlamaForCausalLM, SamConfig, SamModel

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from large.parity.words import vocabulary  # noqa: E402
from tests.lisa_folder import ADDED  # noqa: E402
from tests.sam_layout import original_names  # noqa: E402

PIECES = 32000
SHARD_BYTES = 2 << 30
BLOCK = torch.randn(1 << 26, generator=torch.Generator().manual_seed(0)) * 0.02


def values(shape: tuple[int, ...], at: int) -> torch.Tensor:
    """float16 [shape]: the block from place `at` on, over and over. Vectors are ones with a little noise."""
    count = int(torch.tensor(shape).prod()) if shape else 1
    start = at % (len(BLOCK) // 2)
    flat = BLOCK[start : start + count]
    if len(flat) < count:
        flat = BLOCK[start:].repeat(-(-count // (len(BLOCK) - start)))[:count]
    made = flat.clone().reshape(shape)
    return (made if len(shape) > 1 else 1 + made).half()


def language(layers: int) -> tuple[LlamaConfig, dict[str, tuple[int, ...]]]:
    """LLaMA-7B's configuration, and the shapes of everything that LISA saves beside SAM."""
    config = LlamaConfig(
        vocab_size=PIECES + len(ADDED), hidden_size=4096, intermediate_size=11008, num_hidden_layers=layers,
        num_attention_heads=32, rms_norm_eps=1e-5, max_position_embeddings=2048,
    )  # fmt: skip
    with torch.device("meta"):
        shapes = {name: tuple(tensor.shape) for name, tensor in LlamaForCausalLM(config).state_dict().items()}
    shapes |= {"model.mm_projector.weight": (4096, 1024), "model.mm_projector.bias": (4096,)}
    for i, out in ((0, 4096), (2, 256)):
        shapes |= {
            f"model.text_hidden_fcs.0.{i}.weight": (out, 4096),
            f"model.text_hidden_fcs.0.{i}.bias": (out,),
        }
    return config, shapes


def sam_shapes() -> dict[str, tuple[int, ...]]:
    """SAM ViT-H in segment-anything's names."""
    vision = dict(
        hidden_size=1280, num_hidden_layers=32, num_attention_heads=16, mlp_dim=5120, global_attn_indexes=[7, 15, 23, 31]
    )
    with torch.device("meta"):
        state = original_names(SamModel(SamConfig(vision_config=vision)).state_dict())
    return {f"model.visual_model.{name}": tuple(tensor.shape) for name, tensor in state.items()}


def write(out: Path, layers: int) -> None:
    """Writes OUT/lisa and OUT/clip."""
    folder = out / "lisa"
    folder.mkdir(parents=True)
    config, shapes = language(layers)
    shapes |= sam_shapes()
    weight_map, part, size, shard = {}, {}, 0, 1
    for at, (name, shape) in enumerate(shapes.items()):
        tensor = values(shape, at * 7919)
        if name == "lm_head.weight":
            # So that a random model says [SEG] and ends.
            tensor[PIECES] *= 12
            tensor[2] *= 8
        if size + tensor.nbytes > SHARD_BYTES:
            torch.save(part, folder / f"pytorch_model-{shard:05d}.bin")
            part, size, shard = {}, 0, shard + 1
        part[name], size = tensor, size + tensor.nbytes
        weight_map[name] = f"pytorch_model-{shard:05d}.bin"
    torch.save(part, folder / f"pytorch_model-{shard:05d}.bin")
    index = {"metadata": {}, "weight_map": weight_map}
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps(index))
    given = config.to_dict()
    kept = ("hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "rms_norm_eps", "hidden_act",
            "max_position_embeddings")  # fmt: skip
    tower = {"mm_vision_tower": str((out / "clip").resolve()), "mm_vision_select_layer": -2, "model_type": "llava"}
    (folder / "config.json").write_text(json.dumps({**{k: given[k] for k in kept}, **tower}))
    (folder / "tokenizer.model").write_bytes(vocabulary(PIECES))
    (folder / "added_tokens.json").write_text(json.dumps({t: PIECES + i for i, t in enumerate(ADDED)}))
    vision = CLIPVisionConfig(
        hidden_size=1024, intermediate_size=4096, num_hidden_layers=24, num_attention_heads=16, image_size=224,
        patch_size=14,
    )  # fmt: skip
    with torch.device("meta"):
        state = CLIPVisionModel(vision).state_dict()
    clip = {f"vision_model.{n}": values(tuple(t.shape), i * 7919) for i, (n, t) in enumerate(state.items())}
    (out / "clip").mkdir()
    save_file(clip, out / "clip" / "model.safetensors")
    (out / "clip" / "config.json").write_text(json.dumps({"model_type": "clip", "vision_config": vision.to_dict()}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--layers", type=int, default=32)
    args = parser.parse_args()
    write(args.out, args.layers)
